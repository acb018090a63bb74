// The first sync of many devices, a full report in which nothing has changed, and one in which one field has: the real programs, the sandbox's count of calls.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { cloudEvent } from "../tools/api.mjs";
import { startSandbox, until } from "../tools/processes.mjs";
import { Sandbox, sandboxPartner } from "../tools/sandbox.mjs";

const PARTNER = "bench";
const DEVICES = 8_000;
const CUSTOMERS = 100;
const BATCH = 500;
const BATCHES_AT_ONCE = 4;
const PAGE = 1_000; // what ConnectWise shows in one call
const BULK = 100; // what it makes in one call
const CALLS_PER_SECOND = 12; // the default budget; a quiet partner may save up one second's worth
const BURST = 12;
const REST_MS = 1_000;
const FEW = 10_000;
const MANY = 50_000;
const COLLECTION = "company/configurations";

/** A device that nobody has seen before: nothing of it is in the sandbox. */
const device = (index, more = {}) => ({
  device: `bench-device-${index}`,
  customer: `bench-customer-${index % CUSTOMERS}`,
  name: `BENCH-${String(index).padStart(6, "0")}`,
  class: index % 20 === 0 ? "server" : "workstation",
  serial: `BNC${String(index).padStart(8, "0")}X`,
  mac: `06${index.toString(16).padStart(10, "0")}`.replace(/..(?!$)/g, "$&:"),
  ip: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  os: "Windows 11 Pro",
  model: "Latitude 5440",
  url: `https://product.example/devices/${index}`,
  last_seen_at: new Date().toISOString(),
  ...more,
});

/** Both programs: a sandbox of some years' age, and a partner whose customers are decided and whose devices become configurations. */
async function house(folder, serve, env) {
  const program = startSandbox(["--port", "0", "--scenario", "mid"]);
  const sandbox = new Sandbox(await program.address());
  const server = await serve(folder, env);
  await server.api.addPartner(sandboxPartner(PARTNER, "Bench", sandbox.url));
  const companies = (await sandbox.companies()).filter((each) => !each.deletedFlag).slice(0, CUSTOMERS);
  const decided = companies.map(({ id, name }, index) => [`bench-customer-${index}`, { company: { id, name } }]);
  await server.api.publish(PARTNER, { workflow: "alert_to_ticket", mode: "off", customers: Object.fromEntries(decided) });
  const [workstation, managed] = [21, 25].map((id) => ({ id }));
  await server.api.publish(PARTNER, { workflow: "device_to_configuration", mode: "live", default_type: workstation, classes: { server: managed } });
  return { ...server, sandbox };
}

/** Reports devices `from` up to, not including, `to`; in batches, some at once. */
async function report({ api }, count, name, change = () => ({})) {
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, index) => index * BATCH);
  const work = async () => {
    for (let first = batches.shift(); first !== undefined; first = batches.shift()) {
      const length = Math.min(BATCH, count - first);
      const events = Array.from({ length }, (_, at) => device(first + at, change(first + at))).map((data) =>
        cloudEvent({ id: `${name}-${data.device}`, partner: PARTNER, type: "device.upserted.v1", time: Date.now(), data }),
      );
      await api.sendBatch(events);
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
}

async function figures(api) {
  const text = await api.get("/metrics");
  const figure = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? NaN);
  return { links: figure("crosswalk_links"), folded: figure("crosswalk_events_folded_total"), reconciled: figure("crosswalk_plan_records_total") };
}

/** Until all events are folded and for a while nothing is looked at any more. */
async function rest({ api }, events) {
  let before = { reconciled: -1 };
  let since = performance.now();
  await until(
    "rest",
    async () => {
      const now = await figures(api);
      if (now.reconciled !== before.reconciled) since = performance.now();
      before = now;
      return now.folded >= events && performance.now() - since > REST_MS;
    },
    { within: 60_000 },
  );
}

/** How many calls there have been, and how many of the newest were refused with 429. */
async function count(sandbox) {
  const calls = await sandbox.calls();
  return { calls: calls.at(-1)?.number ?? 0, refused: calls.filter((each) => each.status === 429).length };
}

async function firstSync(server, devices, { poll_ms }) {
  const there = (await server.sandbox.list(COLLECTION)).length;
  const before = await count(server.sandbox);
  const began = performance.now();
  await report(server, devices, "first");
  const deadline = began + 600_000;
  while ((await figures(server.api)).links < devices) {
    if (performance.now() > deadline) throw new Error("the first sync does not end");
    await pause(poll_ms);
  }
  const seconds = (performance.now() - began) / 1000;
  await rest(server, devices);
  const after = await count(server.sandbox);
  const made = (await server.sandbox.list(COLLECTION)).length - there;
  if (made !== devices) throw new Error(`${made} configurations were made of ${devices} devices`);
  return { there, seconds, calls: after.calls - before.calls, refused: after.refused, least: Math.ceil(there / PAGE) + 1 + Math.ceil(devices / BULK) };
}

const TICKS_PER_SECOND = 100;
/** What the server's threads have worked since it started, whoever else is on the machine. */
export function worked_s(server) {
  const [, rest] = readFileSync(`/proc/${server.program.child.pid}/stat`, "utf8").split(") ");
  const [user, system] = rest.split(" ").slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

const memory_mb = (server, name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${server.program.child.pid}/status`, "utf8"))[1]) / 1024;

/** Figures by name, each a function that measures it. */
export function alignmentMeasurements({ inFolder, serve }) {
  const four_at_once = { CROSSWALK_ENGINE_CALLS_AT_ONCE: undefined };
  const default_budget = { ...four_at_once, CROSSWALK_ENGINE_CALLS_PER_SECOND: undefined };
  const pacedSync = (work) =>
    inFolder(async (folder) => {
      const server = await house(folder, serve, default_budget);
      const sync = await firstSync(server, DEVICES, { poll_ms: 20 });
      if (sync.refused > 0) throw new Error(`${sync.refused} calls were answered with 429`);
      return work(sync, server);
    });

  /** Calls of a report of all devices that comes after the first. */
  const reportAgain = (change) =>
    pacedSync(async (sync, server) => {
      const before = await count(server.sandbox);
      await report(server, DEVICES, "again", change);
      await rest(server, 2 * DEVICES);
      return (await count(server.sandbox)).calls - before.calls;
    });

  /** What a size costs, without a pace to keep: our own work is to be seen. */
  const unpaced = (devices) =>
    inFolder(async (folder) => {
      const server = await house(folder, serve, four_at_once);
      const before = { mb: memory_mb(server, "VmHWM"), s: worked_s(server) };
      const sync = await firstSync(server, devices, { poll_ms: 200 });
      const rss_mb = memory_mb(server, "VmHWM");
      return { ...sync, rss_mb, us_each: ((worked_s(server) - before.s) / devices) * 1e6, kb_each: ((rss_mb - before.mb) / devices) * 1024 };
    });
  let sizes;
  const grown = async () => (sizes ??= { few: await unpaced(FEW), many: await unpaced(MANY) });

  return {
    first_sync_calls_ratio: () =>
      pacedSync(({ calls, least, there }) => ({ value: calls / least, more: `${calls} calls, at least ${least}: ${DEVICES} devices, ${there} configurations there before` })),

    /** The time that the budget allows: the burst at once, every further call of the least number in its turn. */
    first_sync_time_ratio: () =>
      pacedSync(({ seconds, calls, least }) => {
        const allowed = (least - BURST) / CALLS_PER_SECOND;
        return { value: seconds / allowed, more: `${seconds.toFixed(2)} s for ${calls} calls; the budget allows ${allowed.toFixed(2)} s for ${least}, ${(least / CALLS_PER_SECOND).toFixed(2)} s without its burst` };
      }),

    async unchanged_sync_calls() {
      return { value: await reportAgain(() => ({})), more: `${DEVICES} devices reported again, seen anew, nothing else changed` };
    },

    async changed_field_calls() {
      return { value: await reportAgain((index) => (index === 7 ? { os: "Windows 12 Pro" } : {})), more: `${DEVICES} devices reported again, the operating system of one changed` };
    },

    async sync_50000_s() {
      const { many } = await grown();
      return { value: many.seconds, more: `four calls at once, no pace; ${many.calls} calls, at least ${many.least}` };
    },
    async sync_50000_time_growth() {
      const { few, many } = await grown();
      return { value: many.us_each / few.us_each, more: `${many.us_each.toFixed(0)} us of a core for a device; of ${FEW} devices ${few.us_each.toFixed(0)}` };
    },
    async sync_50000_rss_mb() {
      const { many } = await grown();
      return { value: many.rss_mb, more: "at its highest" };
    },
    async sync_50000_memory_growth() {
      const { few, many } = await grown();
      return { value: many.kb_each / few.kb_each, more: `${many.kb_each.toFixed(1)} KB a device; of ${FEW} devices ${few.kb_each.toFixed(1)}` };
    },
  };
}

// A long run of many partners while everything that can go wrong does: failures of all kinds, slow neighbours, limits, events that
// nobody can read, expensive questions. At the end every alert has one ticket, memory is flat and health was always answered at once.
//
//   node bench/soak.mjs [--minutes N] [--partners N] [--json]
//
// Everything runs on this machine's loopback address and ends by itself.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Crosswalk, cloudEvent } from "../tools/api.mjs";
import { startCrosswalk, startSandbox, stopAll, until } from "../tools/processes.mjs";
import { Sandbox } from "../tools/sandbox.mjs";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, partners: { type: "string", default: "50" }, json: { type: "boolean", default: false } },
});
const MINUTES = Number(values.minutes);
const PARTNERS = Number(values.partners);
const SLOW = Math.max(1, Math.floor(PARTNERS / 10)); // partners whose ConnectWise takes 20 s for every answer
const ALERTS_A_SECOND = 6;
const RESOLVED_AFTER_MS = 5 * 60_000;
const HEALTH_WITHIN_MS = 100;
const GROWTH_MAX = 1.05; // of memory between the second and the last third; in the first the caches of the database fill

const ids = Array.from({ length: PARTNERS }, (_, index) => `msp${String(index + 1).padStart(3, "0")}`);
const slow = ids.slice(0, SLOW);
const limited = ids.slice(SLOW, 2 * SLOW);
const say = (text) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
const random = (limit) => Math.floor(Math.random() * limit);

const everywhere = (kind, more = {}) => ({ kind, path: "*", count: null, probability: 0.01, ...more });
const FAULTS = [
  ...slow.map((tenant) => ({ kind: "slow", tenant, path: "*", delay_ms: 20_000, count: null })),
  everywhere("status", { status: 500 }),
  everywhere("status", { status: 502 }),
  everywhere("status", { status: 401 }),
  everywhere("status", { status: 403 }),
  everywhere("status", { status: 400 }),
  everywhere("status", { status: 302 }),
  everywhere("html"),
  everywhere("empty_body", { method: "GET" }),
  everywhere("drop_before"),
  everywhere("drop_after"),
  everywhere("cut_body"),
  everywhere("slow", { delay_ms: 3_000 }),
  everywhere("drip", { delay_ms: 2_000 }),
];

const folder = mkdtempSync(join(tmpdir(), "crosswalk-soak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, "data");

const sandboxProgram = startSandbox(["--port", "0", "--scenario", `many:${PARTNERS}`, "--threads", "2"]);
const sandbox = new Sandbox(await sandboxProgram.address());
const program = startCrosswalk(data, ["--port", "0"], {
  env: { CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true", CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true" },
});
const api = new Crosswalk(await program.address(), readFileSync(join(data, "admin.key"), "utf8").trim());

const control = async (path, body, method = "POST") => {
  const answer = await fetch(`${sandbox.url}/sandbox/${path}`, { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } });
  if (!answer.ok) throw new Error(`the sandbox refused ${path}: ${await answer.text()}`);
  return answer.json();
};
const residentMegabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.child.pid}/status`, "utf8"))[1]) / 1024;

/** One mapping fits all: each company of the sandbox begins with the same boards and companies. */
async function setUp() {
  for (const id of ids)
    await api.addPartner({ id, name: id, site: sandbox.url, company: id, client_id: "soak", public_key: `${id}-public`, private_key: `${id}-private` });
  const reference = await api.referenceData(ids[0]);
  const board = reference.boards.find((each) => each.name === "Help Desk");
  const named = ({ id, name }) => ({ id, name });
  const status = (name) => named(board.statuses.find((each) => each.name === name));
  const matches = await control(`list?limit=10&collection=${encodeURIComponent("company/companies")}&tenant=${ids[0]}`, undefined, "GET");
  const company = matches.objects.find((each) => each.identifier !== "Catchall");
  const mapping = {
    workflow: "alert_to_ticket",
    mode: "live",
    defaults: {
      board: named(board),
      statuses: { opened: status("New"), resolved: status(">Closed"), reopened: status("Re-opened") },
      hold_down: Object.fromEntries(["critical", "high", "medium", "low", "info"].map((severity) => [severity, "0s"])),
      storm: { alerts: 10_000, window: "1s" },
    },
    customers: { contoso: { company: { id: String(company.id), name: company.name } } },
  };
  for (const id of ids) await api.publish(id, mapping);
}

const alert = (partner, subject, more = {}) => ({ product: "edr", customer: "contoso", subject, condition: `c.${partner}`, severity: "critical", title: `Soak ${subject}`, ...more });
let sequence = 0;
const raised = new Map(); // partner -> subjects
const open = [];
const refused = { requests: 0 };

function nested(depth) {
  let value = 1;
  for (let level = 1; level < depth; level++) value = { a: value };
  return value;
}

/** Nested as deep as intake takes, with members that nobody knows, torn, of no type: whatever is taken must be got over. */
function poison(partner) {
  const id = `poison-${++sequence}`;
  const kinds = [
    { type: "device.upserted", data: { device: id, customer: "contoso", name: "n", extra: nested(28) } },
    { type: "customer.upserted", data: { customer: id, name: "n", extra: nested(28) } },
    { type: "alert.raised", data: alert(partner, id, { severity: "info", attributes: { a: "\ud83d\ude00" } }) },
    { type: "alert.exploded", data: {} },
    { type: "alert.raised", data: { subject: nested(20) } },
  ];
  return cloudEvent({ id, partner, ...kinds[random(kinds.length)] });
}

/** Whether the alert has become a ticket; no when the server does not say. */
async function hasTicket(partner, subject) {
  const key = encodeURIComponent(`v1/edr/contoso/${subject}/c.${partner}`);
  const record = await api.get(`/v1/partners/${partner}/records/alert/${key}`).catch(() => null);
  return (record?.tickets?.length ?? 0) > 0;
}

async function traffic(until_) {
  while (Date.now() < until_) {
    const began = Date.now();
    const events = [];
    for (let index = 0; index < ALERTS_A_SECOND; index++) {
      const partner = ids[random(ids.length)];
      const subject = `s${++sequence}`;
      events.push(cloudEvent({ id: `raise-${subject}`, partner, type: "alert.raised", time: Date.now(), data: alert(partner, subject) }));
      raised.set(partner, [...(raised.get(partner) ?? []), subject]);
      if (!slow.includes(partner) && !limited.includes(partner)) open.push({ partner, subject, at: Date.now() });
    }
    // What is resolved before its ticket was made gets none, and rightly so; here each is to have one, so those that
    // wait for a person are asked for later.
    while (open.length > 0 && open[0].at < Date.now() - RESOLVED_AFTER_MS) {
      const next = open.shift();
      const { partner, subject } = next;
      if (!(await hasTicket(partner, subject))) {
        open.push({ ...next, at: Date.now() });
        continue;
      }
      const { severity, title, ...identity } = alert(partner, subject);
      events.push(cloudEvent({ id: `resolve-${subject}`, partner, type: "alert.resolved", time: Date.now(), data: identity }));
    }
    try {
      await until("the batch to be taken", () => api.sendBatch(events), { within: 60_000 });
      if (random(3) === 0) await api.ask("POST", "/v1/events", JSON.stringify(poison(ids[random(ids.length)])), { "content-type": "application/cloudevents+json" });
    } catch {
      refused.requests++;
    }
    await pause(Math.max(0, 1_000 - (Date.now() - began)));
  }
}

const health = [];
async function watch(until_) {
  while (Date.now() < until_) {
    const began = performance.now();
    const answer = await fetch(`${api.url}/healthz`).catch(() => null);
    health.push(answer?.ok ? performance.now() - began : Infinity);
    await answer?.arrayBuffer();
    await pause(100);
  }
}

const memory = [];
async function weigh(until_) {
  while (Date.now() < until_) {
    memory.push(residentMegabytes());
    await pause(5_000);
  }
}

/** What costs much: plans, matches and reports of one partner after the other, and sometimes all at once. */
async function ask(until_) {
  while (Date.now() < until_) {
    const partner = ids[2 * SLOW + random(PARTNERS - 2 * SLOW)];
    await Promise.all(["plan", "customers", "drift"].map((what) => api.ask("GET", `/v1/partners/${partner}/${what}`).catch(() => null)));
    await pause(2_000);
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

async function verdict() {
  say("no more trouble; waiting until all is done");
  await control("faults", { faults: [], tenants: {} });
  for (const id of ids) await api.get(`/v1/partners/${id}`, "PATCH", { name: id }); // wakes whoever waits for keys
  await until(
    "all records to be settled",
    async () => {
      let settled = true;
      for (const id of ids) {
        const status = await api.get(`/v1/partners/${id}/status`);
        if (status.due > 0 || status.parked > 0) settled = false;
        // What was refused twice in a row waits for somebody who asks for another look.
        if (status.due === 0 && status.parked > 0) await api.get(`/v1/partners/${id}/replay`, "POST", {});
      }
      if (!settled) await pause(2_000);
      return settled;
    },
    { within: 15 * 60_000 },
  );
  const wrong = { missing: 0, doubled: 0 };
  let tickets = 0;
  for (const [partner, subjects] of raised) {
    const { objects } = await control(`list?limit=1000000&collection=${encodeURIComponent("service/tickets")}&tenant=${partner}`, undefined, "GET");
    const count = new Map();
    for (const ticket of objects) if (ticket.externalXRef) count.set(ticket.summary, (count.get(ticket.summary) ?? 0) + 1);
    for (const subject of subjects) {
      const found = count.get(`Soak ${subject}`) ?? 0;
      tickets += found;
      if (found === 0) wrong.missing++;
      if (found > 1) wrong.doubled++;
    }
  }
  return { tickets, ...wrong };
}

await setUp();
await control("faults", { faults: FAULTS, tenants: Object.fromEntries(limited.map((id) => [id, { requests_per_minute: 60, retry_after_seconds: 5 }])) });
const end = Date.now() + MINUTES * 60_000;
say(`${PARTNERS} partners, ${SLOW} of them slow, ${SLOW} limited, for ${MINUTES} minutes`);
await Promise.all([traffic(end), watch(end), weigh(end), ask(end)]);
const third = Math.max(1, Math.floor(memory.length / 3));
const figures = {
  minutes: MINUTES,
  alerts: [...raised.values()].reduce((sum, subjects) => sum + subjects.length, 0),
  requests_refused: refused.requests,
  health_checks: health.length,
  health_p99_ms: Math.round(percentile(health, 0.99) * 10) / 10,
  health_worst_ms: Math.round(Math.max(...health) * 10) / 10,
  memory_first_third_mb: Math.round(median(memory.slice(0, third))),
  memory_second_third_mb: Math.round(median(memory.slice(third, 2 * third + 1))),
  memory_last_third_mb: Math.round(median(memory.slice(-third))),
  log_bytes: program.stderr.length,
  ...(await verdict()),
};
const well =
  program.alive &&
  figures.missing === 0 &&
  figures.doubled === 0 &&
  figures.health_worst_ms <= HEALTH_WITHIN_MS &&
  figures.memory_last_third_mb <= figures.memory_second_third_mb * GROWTH_MAX;
console.log(values.json ? JSON.stringify({ well, ...figures }) : Object.entries({ well, ...figures }).map(([name, value]) => `${name.padEnd(24)}${value}`).join("\n"));
await stopAll();
process.exit(well ? 0 : 1);

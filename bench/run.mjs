// Measures the built programs and prints a table, or with --json the figures by name; `./run bench` builds and starts this.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execFileSync } from "node:child_process";

process.env.CROSSWALK_BIN_DIR ??= "build/bench";
const { root, binaries, runToEnd, start, startCrosswalk, startSandbox, stopAll, until } = await import("../tools/processes.mjs");
const { Crosswalk } = await import("../tools/api.mjs");
const { alignmentMeasurements, worked_s } = await import("./alignment.mjs");

const PARTNER = "bench";
const PARTNERS = Array.from({ length: 20 }, (_, index) => `${PARTNER}-${String(index).padStart(3, "0")}`);
const ROUNDS = 3; // the best counts: on a shared machine the others measure the neighbours
const SINGLE = { connections: 32, count: 100_000, seconds: 8 };
const BATCHES = { connections: 8, batch: 100, count: 400_000, seconds: 8 };
const TICKETS = 5_000;
const CUSTOMERS = 1_000; // the alerts of one customer stay below what counts as a storm, so that each gets its own ticket
const PACED = { rate: 500, seconds: 10, connections: 16 };
const SANDBOX = { connections: 16, seconds: 5 };
const IDLE_PARTNERS = 10_000;
const MILLION = 1_000_000;
const QUIET_LOAD = 0.7;
const QUIET_WAIT_MS = Number(process.env.BENCH_QUIET_WAIT_MS ?? 20_000);

const TARGETS = {
  accept_single_per_s: { at_least: 15_000, what: "single events accepted, 32 connections", unit: "/s" },
  accept_batch_per_s: { at_least: 40_000, what: "events accepted in batches of 100", unit: "/s" },
  alerts_to_tickets_per_s: { at_least: 4_000, what: "5,000 alerts to 5,000 tickets", unit: "/s" },
  partners_to_tickets_per_s: { at_least: 4_000, what: "5,000 alerts of 20 partners to 5,000 tickets", unit: "/s" },
  added_latency_ms_p99: { at_most: 10, what: "event to call at 500 events/s, p99", unit: " ms" },
  rss_mb_idle_partners: { at_most: 150, what: "memory with 10,000 idle partners", unit: " MB" },
  start_s_million_records: { at_most: 1, what: "start with a million records", unit: " s" },
  match_precision: { at_least: 0.995, what: "customers linked by themselves that are right", unit: "" },
  match_recall: { at_least: 0.9, what: "customers that have a company and are linked by themselves", unit: "" },
  first_sync_calls_ratio: { at_most: 1.05, what: "calls of the first sync of 8,000 devices, of the least number", unit: "" },
  first_sync_time_ratio: { at_most: 1.1, what: "its time, of what the default budget allows", unit: "" },
  unchanged_sync_calls: { at_most: 0, what: "calls of a full report in which nothing has changed", unit: "" },
  changed_field_calls: { at_most: 1, what: "calls of a full report in which one field has changed", unit: "" },
  sync_50000_s: { at_most: 42, what: "first sync of 50,000 devices; by the default budget 42 s", unit: " s" },
  sync_50000_time_growth: { at_most: 1.5, what: "its work per device, of that with 10,000; squared would be 5", unit: "" },
  sync_50000_rss_mb: { at_most: 300, what: "its memory", unit: " MB" },
  sync_50000_memory_growth: { at_most: 1.2, what: "its memory per device, of that with 10,000; squared would be 5", unit: "" },
  sandbox_get_per_s: { at_least: 20_000, what: "sandbox: tickets read by id", unit: "/s" },
  sandbox_ticket_post_per_s: { at_least: 8_000, what: "sandbox: tickets made", unit: "/s" },
  sandbox_query_ms: { at_most: 5, what: "sandbox: an indexed condition over 100,000 configurations", unit: " ms" },
};

const options = process.argv.slice(2);
const asJson = options.includes("--json");
const only = options.filter((each) => each.startsWith("--only=")).flatMap((each) => each.slice(7).split(","));
const say = (text) => process.stderr.write(`${text}\n`);
const bench = (name) => join(binaries, "bench", name);

async function quiet() {
  const deadline = Date.now() + QUIET_WAIT_MS;
  while (loadavg()[0] > QUIET_LOAD && Date.now() < deadline) await pause(500);
  return loadavg()[0];
}

const folders = new Set();

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "crosswalk-bench-"));
  folders.add(folder);
  try {
    return await work(folder);
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ENVIRONMENT = {
  CROSSWALK_ENGINE_CALLS_PER_SECOND: "0",
  CROSSWALK_ENGINE_CALLS_AT_ONCE: "32",
  CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true",
  CROSSWALK_LOGGING_LEVEL: "warning",
};

async function serve(folder, env = {}) {
  const settings = Object.fromEntries(Object.entries({ ...ENVIRONMENT, ...env }).filter(([, value]) => value !== undefined));
  const program = startCrosswalk(join(folder, "data"), ["--port", "0"], { env: settings });
  const url = await program.address();
  return { program, url, port: new URL(url).port, api: new Crosswalk(url, readFileSync(join(folder, "data/admin.key"), "utf8").trim()) };
}

const mapping = (data) => {
  const reference = ({ id, name }) => ({ id, name });
  const [board] = data.boards;
  const [opened, resolved] = board.statuses.map(reference);
  return {
    workflow: "alert_to_ticket",
    mode: "live",
    go_live_at: "2020-01-01T00:00:00Z",
    defaults: {
      board: reference(board),
      statuses: { opened, resolved, reopened: opened },
      hold_down: { critical: "0s", high: "0s", medium: "0s", low: "0s", info: "0s" },
    },
    customers: Object.fromEntries(Array.from({ length: CUSTOMERS }, (_, index) => [`cust-${String(index).padStart(4, "0")}`, { company: { id: 51, name: "Contoso" } }])),
  };
};

/** A server with partners; with `live`, whose alerts become tickets at a stub that answers at once. */
async function house(folder, { live, partners = [PARTNER] }) {
  const stub = start("psa_stub", bench("psa_stub"), []);
  const site = await stub.address();
  const server = await serve(folder);
  for (const id of partners) {
    await server.api.addPartner({ id, name: id, site, company: "bench", public_key: "public", private_key: "private" });
    if (live) await server.api.publish(id, mapping(await server.api.referenceData(id)));
    else await server.api.get(`/v1/partners/${id}`, "PATCH", { paused: true });
  }
  return { ...server, stub, report: async () => (await fetch(`${site}/bench/report`)).json() };
}

async function drive({ port, api }, options) {
  const settings = Object.entries({ port, key: api.key, partner: PARTNER, customers: CUSTOMERS, ...options }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const ended = await runToEnd("load_driver", bench("load_driver"), settings);
  if (ended.code !== 0) throw new Error(ended.output());
  return JSON.parse(ended.stdout);
}

/** The sum of a metric's series. */
async function metric(api, name) {
  const text = await api.get("/metrics");
  return text
    .split("\n")
    .filter((line) => line.startsWith(name) && /[ {]/.test(line[name.length]))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** From the first POST until every ticket is made and its link is stored. */
const alertsToTickets = (partners, load) =>
  inFolder(async (folder) => {
    const server = await house(folder, { live: true, partners });
    const worked_before = worked_s(server);
    const sent = await drive(server, { connections: 8, batch: 100, count: TICKETS, subjects: TICKETS, seconds: 30, ...load });
    await until(`${TICKETS} tickets stored`, async () => (await metric(server.api, "crosswalk_links")) >= TICKETS, { within: 60_000 });
    const stored_us = Date.now() * 1000;
    const report = await server.report();
    if (report.tickets !== TICKETS || report.distinct !== TICKETS) throw new Error(`not ${TICKETS} tickets: ${JSON.stringify(report)}`);
    const seconds = (stored_us - sent.started_us) / 1e6;
    return { value: TICKETS / seconds, more: `last ticket after ${((report.last_us - sent.started_us) / 1e6).toFixed(2)} s, stored after ${seconds.toFixed(2)} s, ${(((worked_s(server) - worked_before) / TICKETS) * 1e6).toFixed(0)} us of a core for a ticket` };
  });

const accept = (load) =>
  inFolder(async (folder) => {
    const server = await house(folder, { live: false });
    return drive(server, load);
  });

const measurements = {
  async accept_single_per_s() {
    const result = await accept(SINGLE);
    return { value: result.events_per_s, more: `p50 ${result.p50_ms} ms, p99 ${result.p99_ms} ms` };
  },

  async accept_batch_per_s() {
    const result = await accept(BATCHES);
    return { value: result.events_per_s, more: `p99 ${result.p99_ms} ms per batch` };
  },

  alerts_to_tickets_per_s: () => alertsToTickets([PARTNER], {}),
  partners_to_tickets_per_s: () => alertsToTickets(PARTNERS, { partners: PARTNERS.length }),

  /** From the moment an event should be sent until its ticket's POST is at the PSA: our intake, disk, fold, plan and call. */
  added_latency_ms_p99: () =>
    inFolder(async (folder) => {
      const server = await house(folder, { live: true });
      const count = PACED.rate * PACED.seconds;
      await drive(server, { ...PACED, count, subjects: count });
      await until(`${count} tickets`, async () => (await server.report()).tickets >= count);
      const report = await server.report();
      return { value: report.latency_p99_ms, more: `p50 ${report.latency_p50_ms.toFixed(1)} ms, slowest ${report.latency_max_ms.toFixed(1)} ms` };
    }),

  rss_mb_idle_partners: () => onSeeded(["--partners", IDLE_PARTNERS, "--records", IDLE_PARTNERS], async (server) => {
    await server.api.get("/v1/partners");
    await pause(3_000); // what start-up still does is part of it
    const status = readFileSync(`/proc/${server.program.child.pid}/status`, "utf8");
    return { value: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024, more: "each with a live mapping and a ticket" };
  }),

  start_s_million_records: () => onSeeded(["--partners", 1_000, "--records", MILLION], async (first, folder) => {
    const records = await metric(first.api, "crosswalk_records");
    if (records !== MILLION) throw new Error(`not a million records: ${records}`);
    let best = first.seconds;
    for (let round = 1; round < ROUNDS; ++round) {
      await stopAll();
      best = Math.min(best, (await timedServe(folder)).seconds);
    }
    return { value: best, more: "1,000 partners, a million events, records and links" };
  }),

  match_precision: () => matching(({ precision, find_us }) => ({ value: precision, more: `${find_us} us a customer among 5,000 companies` })),
  match_recall: () => matching(({ recall, found }) => ({ value: recall, more: `${(100 * found).toFixed(1)} % linked, or proposed in the first place` })),

  sandbox_get_per_s: () => askSandbox("sandbox_get.lua"),
  sandbox_ticket_post_per_s: () => askSandbox("sandbox_post.lua"),

  async sandbox_query_ms() {
    const ended = await runToEnd("sandbox_query", bench("sandbox_query"), []);
    if (ended.code !== 0) throw new Error(ended.output());
    const { slowest_ms, device_ms, devices_ms, company_ms } = JSON.parse(ended.stdout);
    return { value: slowest_ms, more: `one device ${device_ms} ms, fifty ${devices_ms} ms, a company's ${company_ms} ms` };
  },

  ...alignmentMeasurements({ inFolder, serve }),
};

/** Labelled sets of customers as people type them; no time in it, so one run tells all. */
async function matching(read) {
  const ended = await runToEnd("matching", bench("matching"), []);
  if (ended.code !== 0) throw new Error(ended.output());
  return read(JSON.parse(ended.stdout));
}

/** A second program asks the sandbox as fast as it answers; any answer that is no success spoils the figure. */
async function askSandbox(script) {
  const program = startSandbox(["--port", "0"]);
  try {
    const { connections, seconds } = SANDBOX;
    const ended = await runToEnd("wrk", "wrk", ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", "-s", join(root, "bench", script), await program.address()]);
    const rate = /Requests\/sec:\s+([\d.]+)/.exec(ended.stdout)?.[1];
    if (!rate || /Non-2xx|Socket errors/.test(ended.stdout)) throw new Error(ended.output());
    return { value: Number(rate), more: `${connections} connections, p99 ${/99%\s+(\S+)/.exec(ended.stdout)[1]}` };
  } finally {
    await program.stop();
  }
}

/** Until it listens and answers; the polling of the announcement adds up to 20 ms. */
async function timedServe(folder) {
  const before = performance.now();
  const server = await serve(folder);
  await server.api.get("/readyz");
  return { ...server, seconds: (performance.now() - before) / 1000 };
}

const onSeeded = (settings, work) =>
  inFolder(async (folder) => {
    const seeded = await runToEnd("seed", bench("seed"), [join(folder, "data"), ...settings.map(String)], { within: 600_000 });
    if (seeded.code !== 0) throw new Error(seeded.output());
    return work(await timedServe(folder), folder);
  });

function run(file, ...settings) {
  try {
    return execFileSync(file, settings, { cwd: root, stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
  } catch {
    return "unknown";
  }
}

const machine = () => ({
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 2 ** 30),
  disk: `${run("df", "--output=fstype,source", tmpdir()).split("\n").at(-1).trim()} (${tmpdir()})`,
  kernel: run("uname", "-sr"),
  commit: run("git", "rev-parse", "--short", "HEAD") + (run("git", "status", "--porcelain", "--", "src", "sandbox", "bench") ? " with changes" : ""),
});

const better = (target, a, b) => ("at_least" in target ? a > b : a < b);
const reached = (target, value) => ("at_least" in target ? value >= target.at_least : value <= target.at_most);
const shown = (value) => (value >= 1_000 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 1 ? 2 : 4));

async function measure(name) {
  const target = TARGETS[name];
  const rounds = [];
  for (let round = 0; round < (/start_|rss_|match_|sync_50000|_calls/.test(name) ? 1 : ROUNDS); ++round) {
    const load = await quiet();
    const result = { ...(await measurements[name]()), load };
    say(`${name}: ${shown(result.value)}${target.unit} (${result.more}; load before ${load.toFixed(2)})`);
    rounds.push(result);
  }
  return rounds.reduce((best, each) => (better(target, each.value, best.value) ? each : best));
}

function table(place, results) {
  const rows = Object.entries(results).map(([name, result]) => {
    const target = TARGETS[name];
    const goal = "at_least" in target ? `>= ${shown(target.at_least)}` : `<= ${shown(target.at_most)}`;
    return [name, shown(result.value) + target.unit, goal, reached(target, result.value) ? "reached" : "missed", `${target.what}; ${result.more}`];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => row.map((cell, column) => (column < 4 ? cell.padEnd(widths[column]) : cell)).join("  "));
  const { cpu, cores, memory_gb, disk, kernel, commit } = place;
  return [`${cpu}, ${cores} cores, ${memory_gb} GB; ${disk}; ${kernel}; commit ${commit}`, "Load driver and stub on the same machine.", "", ...lines].join("\n");
}

async function main() {
  const place = machine();
  const names = Object.keys(TARGETS).filter((name) => only.length === 0 || only.includes(name));
  const results = {};
  let compared;
  for (const name of names) results[name] = await measure(name);
  if (options.includes("--peers")) {
    const { comparePeers } = await import("./peers/peers.mjs");
    const ours = { tickets: measurements.alerts_to_tickets_per_s, accept: measurements.accept_batch_per_s };
    compared = await comparePeers({ rounds: ROUNDS, ours, load: BATCHES, quiet, say });
  }
  if (asJson) {
    const values = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, Number(result.value.toFixed(3))]));
    console.log(JSON.stringify({ machine: place, ...values, ...compared }, null, 2));
  } else {
    console.log(table(place, results));
    if (!compared) return;
    for (const peer of compared.peers) console.log(`${peer.name.padEnd(26)}${shown(peer.alerts_per_s)}/s  ours ${shown(peer.ours_per_s)}/s  ratio ${peer.ratio.toFixed(1)}`);
    for (const name of ["tickets_vs_bullmq_ratio", "accept_vs_bullmq_ratio"]) console.log(`${name.padEnd(26)}${compared[name].toFixed(2)}`);
  }
}

// Leaving by exit() takes the programs along, and the folder.
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));
await main();
await stopAll();

// The same job on other stacks, in turns with ours, so that all meet the same machine.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binaries, runToEnd, start, stopAll, until } from "../../tools/processes.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const ALERTS = 5_000;

const freePort = () =>
  new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

const BULLMQ = "fastify + BullMQ + Redis";

/** By name: how it is started; `part` "accept": it only takes and keeps events. */
const PEERS = {
  [BULLMQ]: async (folder, site, part = "all") => {
    const port = String(await freePort());
    const redis = start("redis", "redis-server", ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
    await until("redis to listen", () => redis.stdout.includes("Ready to accept connections"));
    return start("fastify_bullmq", process.execPath, [join(here, "fastify_bullmq.mjs"), port, site, part]);
  },
  "Node-RED (not durable)": async (folder, site) => start("node_red", process.execPath, [join(here, "node_red.mjs"), folder, site]),
};

/** What `measured` makes of the peer's address, between a start in an empty folder and the end of all programs. */
async function withPeer(run, measured) {
  const folder = mkdtempSync(join(tmpdir(), "crosswalk-peer-"));
  try {
    const site = await start("psa_stub", join(binaries, "bench/psa_stub"), []).address();
    return await measured(await (await run(folder, site)).address());
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drive(url, load) {
  const settings = Object.entries({ port: new URL(url).port, ...load }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const ended = await runToEnd("load_driver", join(binaries, "bench/load_driver"), settings);
  if (ended.code !== 0) throw new Error(ended.output());
  return JSON.parse(ended.stdout);
}

const ticketsPerSecond = (run) =>
  withPeer(run, async (url) => {
    const sent = await drive(url, { connections: 8, batch: 100, count: ALERTS, subjects: ALERTS });
    await until(`${ALERTS} tickets remembered`, async () => (await (await fetch(`${url}/links`)).json()).count >= ALERTS, { within: 120_000 });
    return ALERTS / (Date.now() / 1e3 - sent.started_us / 1e6);
  });

/**
 * The best of each after `rounds` turns, and how many times ours is of the queue's: end to end (alerts to tickets) and of
 * what is kept durably in batches of `load`. `ours`: the measurements of the same two.
 */
export async function comparePeers({ rounds, ours, load, quiet, say }) {
  if (!existsSync(join(here, "node_modules"))) {
    const installed = await runToEnd("npm", "npm", ["ci", "--no-audit", "--no-fund"], { cwd: here, within: 300_000 });
    if (installed.code !== 0) throw new Error(installed.output());
  }
  const best = {};
  const take = async (name, measured) => {
    await quiet();
    const value = await measured();
    say(`${name}: ${Math.round(value)}/s`);
    best[name] = Math.max(best[name] ?? 0, value);
  };
  const accept = (folder, site) => PEERS[BULLMQ](folder, site, "accept");
  for (let round = 0; round < rounds; ++round) {
    await take("ours", async () => (await ours.tickets()).value);
    for (const [name, run] of Object.entries(PEERS)) await take(name, () => ticketsPerSecond(run));
    await take("ours, accepting", async () => (await ours.accept()).value);
    await take(`${BULLMQ}, accepting`, () => withPeer(accept, async (url) => (await drive(url, load)).events_per_s));
  }
  const peers = Object.keys(PEERS).map((name) => ({ name, alerts_per_s: best[name], ours_per_s: best.ours, ratio: best.ours / best[name] }));
  return { peers, tickets_vs_bullmq_ratio: best.ours / best[BULLMQ], accept_vs_bullmq_ratio: best["ours, accepting"] / best[`${BULLMQ}, accepting`] };
}

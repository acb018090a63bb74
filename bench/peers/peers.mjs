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

const PEERS = {
  "fastify + BullMQ + Redis": async (folder, site) => {
    const port = String(await freePort());
    const redis = start("redis", "redis-server", ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
    await until("redis to listen", () => redis.stdout.includes("Ready to accept connections"));
    return start("fastify_bullmq", process.execPath, [join(here, "fastify_bullmq.mjs"), port, site]);
  },
  "Node-RED (not durable)": async (folder, site) => start("node_red", process.execPath, [join(here, "node_red.mjs"), folder, site]),
};

async function measure(run) {
  const folder = mkdtempSync(join(tmpdir(), "crosswalk-peer-"));
  try {
    const site = await start("psa_stub", join(binaries, "bench/psa_stub"), []).address();
    const url = await (await run(folder, site)).address();
    const settings = { port: new URL(url).port, connections: 8, batch: 100, count: ALERTS, subjects: ALERTS };
    const ended = await runToEnd("load_driver", join(binaries, "bench/load_driver"), Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]));
    if (ended.code !== 0) throw new Error(ended.output());
    await until(`${ALERTS} tickets remembered`, async () => (await (await fetch(`${url}/links`)).json()).count >= ALERTS, { within: 120_000 });
    return ALERTS / (Date.now() / 1e3 - JSON.parse(ended.stdout).started_us / 1e6);
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The best of each after `rounds` turns. */
export async function comparePeers({ rounds, ours, quiet, say }) {
  if (!existsSync(join(here, "node_modules"))) {
    const installed = await runToEnd("npm", "npm", ["ci", "--no-audit", "--no-fund"], { cwd: here, within: 300_000 });
    if (installed.code !== 0) throw new Error(installed.output());
  }
  const best = Object.fromEntries(Object.keys(PEERS).map((name) => [name, 0]));
  let ours_per_s = 0;
  for (let round = 0; round < rounds; ++round) {
    await quiet();
    ours_per_s = Math.max(ours_per_s, (await ours()).value);
    for (const [name, run] of Object.entries(PEERS)) {
      await quiet();
      const alerts_per_s = await measure(run);
      say(`${name}: ${Math.round(alerts_per_s)}/s`);
      best[name] = Math.max(best[name], alerts_per_s);
    }
  }
  return Object.entries(best).map(([name, alerts_per_s]) => ({ name, alerts_per_s, ours_per_s, ratio: ours_per_s / alerts_per_s }));
}

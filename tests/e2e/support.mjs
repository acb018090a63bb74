// What the end-to-end tests share: a house of both programs, in folders that vanish, with a partner that is ready to go.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Crosswalk, cloudEvent } from "../../tools/api.mjs";
import { freePort, startCrosswalk, startSandbox, until } from "../../tools/processes.mjs";
import { Sandbox, sandboxPartner } from "../../tools/sandbox.mjs";

export { Crosswalk, Refused, cloudEvent } from "../../tools/api.mjs";
export * from "../../tools/processes.mjs";
export { Sandbox, sandboxPartner } from "../../tools/sandbox.mjs";

// The runner ends a test that takes too long with a signal; leaving by exit() takes the programs along.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));

export const PARTNER = "northwind-it";

/** A small generator of a test's moments: a failing run can be played again with the seed that it printed. */
export function moments(t) {
  const seed = Number(process.env.CROSSWALK_CRASH_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (CROSSWALK_CRASH_SEED replays the choice of moments)`);
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A folder that goes with the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "crosswalk-e2e-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** For tests: practice hosts allowed, no pace to keep, little waiting for what is not there. */
export const TEST_ENVIRONMENT = {
  CROSSWALK_ENGINE_CALLS_PER_SECOND: "0",
  CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true",
  CROSSWALK_ENGINE_SETTLE: "400ms",
};

/** A server's time that passes `rate` times as fast, from `ahead` milliseconds on, and goes on when it is started again. */
export function fastTime(rate, ahead = 0) {
  const began = Date.now();
  const now = () => new Date(began + ahead + (Date.now() - began) * rate).toISOString();
  return () => ({ CROSSWALK_CLOCK_RATE: String(rate), CROSSWALK_CLOCK_START: now() });
}

export const adminKey = (data) => readFileSync(join(data, "admin.key"), "utf8").trim();

/** Starts the server on a data folder; `program` can be stopped, killed and started anew on the same folder. */
export async function serve(t, data, { env = {}, args = [], port = 0 } = {}) {
  const program = startCrosswalk(data, ["--port", String(port), ...args], { env: { ...TEST_ENVIRONMENT, ...env } });
  t.after(() => program.kill());
  const url = await program.address();
  return { program, url, api: new Crosswalk(url, adminKey(data)) };
}

export async function serveSandbox(t, args = []) {
  const program = startSandbox(["--port", "0", ...args]);
  t.after(() => program.kill());
  return { program, sandbox: new Sandbox(await program.address()) };
}

/** The sandbox's board that tests use, and its statuses. */
const BOARD = { name: "Help Desk", opened: "New", resolved: ">Closed", reopened: "Re-opened" };

/** A mapping in which every alert opens its ticket at once. */
export async function simpleMapping(api, sandbox, { customers = ["contoso"], settings = {}, ...rest } = {}) {
  const data = await api.referenceData(PARTNER);
  const { name, ...statuses } = BOARD;
  const board = data.boards.find((each) => each.name === name);
  const reference = ({ id, name }) => ({ id, name });
  const status = (named) => reference(board.statuses.find((each) => each.name === named));
  const companies = (await sandbox.companies()).filter((company) => company.identifier !== "Catchall");
  return {
    workflow: "alert_to_ticket",
    mode: "live",
    go_live_at: "2020-01-01T00:00:00Z",
    defaults: {
      board: reference(board),
      statuses: Object.fromEntries(Object.entries(statuses).map(([state, named]) => [state, status(named)])),
      hold_down: { critical: "0s", high: "0s", medium: "0s", low: "0s", info: "0s" },
      repeat_note_interval: "0s",
      ...settings,
    },
    customers: Object.fromEntries(customers.map((customer, index) => [customer, { company: reference(companies[index]) }])),
    ...rest,
  };
}

/** Both programs, a partner on the sandbox, and its mapping in force. */
export async function house(t, { env = {}, sandboxArgs = [], mapping = {}, callbacks = false } = {}) {
  const data = folder(t);
  const { sandbox, program: sandboxProgram } = await serveSandbox(t, sandboxArgs);
  // The sandbox calls back, so the address must be known before the server has it.
  const port = callbacks ? await freePort() : 0;
  const address = callbacks ? { CROSSWALK_CALLBACKS_PUBLIC_URL: `http://127.0.0.1:${port}` } : {};
  const { api, program, url } = await serve(t, data, { env: { ...address, ...env }, port });
  await api.addPartner(sandboxPartner(PARTNER, "Northwind IT", sandbox.url));
  await api.publish(PARTNER, await simpleMapping(api, sandbox, mapping));
  return { data, sandbox, sandboxProgram, api, program, url };
}

export const alertData = (name, more = {}) => ({
  product: "acme-edr",
  customer: "contoso",
  subject: name,
  subject_name: name.toUpperCase(),
  condition: "malware.found",
  severity: "high",
  title: `Malware on ${name}`,
  url: `https://edr.example/alerts/${name}`,
  ...more,
});

export const alertEvent = (type, id, data) => cloudEvent({ id, partner: PARTNER, type: `alert.${type}.v1`, data });

/** Data of a resolve: the identity and what was done. */
export const resolvedData = (name, resolution = "Cleaned.") => {
  const { product, customer, subject, condition } = alertData(name);
  return { product, customer, subject, condition, resolution };
};

/** The sandbox's tickets that Crosswalk has made. */
export const ourTickets = async (sandbox) => (await sandbox.tickets()).filter((ticket) => ticket.externalXRef);

export const untilTickets = (sandbox, count, options) =>
  until(
    `${count} tickets`,
    async () => {
      const tickets = await ourTickets(sandbox);
      return tickets.length >= count && tickets;
    },
    options,
  );

/** The vendor's product: what it is told, by type. */
export async function product(t) {
  const told = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    told.push(JSON.parse(Buffer.concat(chunks)));
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.closeAllConnections() ?? server.close());
  return { told, url: `http://127.0.0.1:${server.address().port}/` };
}

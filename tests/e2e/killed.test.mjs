// Killed while it does what is rare: what was parked is looked at again, a partner is erased.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  Crosswalk,
  PARTNER,
  alertData,
  alertEvent,
  cloudEvent,
  fastTime,
  house,
  moments,
  ourTickets,
  product,
  sandboxPartner,
  serve,
  simpleMapping,
  until,
} from "./support.mjs";

/** Storms would hold tickets back for their parent. */
const NO_STORMS = { storm: { alerts: 10_000, window: "5m" } };
const HELP_DESK = 1;
const LEAVING = "fabrikam-it";
const HOUR_MS = 3_600_000;

/** Whatever the answer is. */
const post = (api, event) =>
  api.ask("POST", "/v1/events", JSON.stringify(event), { "content-type": "application/cloudevents+json" });
const ofLeaving = (type, id, data) => ({ ...alertEvent(type, id, data), partner: LEAVING });

test("killed while parked records are looked at again, it leaves one ticket per alert, nothing parked", async (t) => {
  const RATE = 40;
  const ROUNDS = 3;
  const KILLS = 5;
  const ALERTS = 20;
  const random = moments(t);
  const time = fastTime(RATE);
  const settings = { CROSSWALK_ENGINE_SETTLE: `${RATE / 20}s`, CROSSWALK_ENGINE_REFERENCE_DATA_AGE_MAX: "1s" };
  const first = await house(t, {
    env: { ...settings, ...time() },
    sandboxArgs: ["--role", "Integration"],
    mapping: { settings: NO_STORMS },
  });
  const { data, sandbox } = first;
  let { api, program } = first;
  const restart = async () => {
    await program.kill();
    ({ api, program } = await serve(t, data, { env: { ...settings, ...time() } }));
  };
  await sandbox.faults({ latency_ms: 2, latency_random_ms: 25 });

  const mapped = ["contoso"];
  /** Why the alerts of a round wait, and what helps. */
  const causes = [
    {
      code: "psa.permission_missing",
      break: () => sandbox.rights("Integration", "Service Tickets", "I"),
      mend: () => sandbox.rights("Integration", "Service Tickets", "AEI"),
    },
    {
      code: "psa.board_inactive",
      break: () => sandbox.change("deactivate", "service/boards", HELP_DESK),
      mend: () => sandbox.change("activate", "service/boards", HELP_DESK),
    },
    { code: "mapping.customer_unknown", break: () => {}, mend: () => {} },
  ];
  const names = [];
  let interrupted = 0; // kills that left some of a round's alerts with tickets and others without
  for (let round = 0; round < ROUNDS; round++) {
    const cause = causes[round % causes.length];
    const unmapped = cause.code === "mapping.customer_unknown";
    const customer = unmapped ? `customer-${round}` : "contoso";
    const own = Array.from({ length: ALERTS }, (_, index) => `pc-${round}-${String(index).padStart(2, "0")}`);
    names.push(...own);
    await cause.break();
    await api.sendBatch(own.map((name) => alertEvent("raised", `${name}-raised`, alertData(name, { customer }))));
    await until(`round ${round}: all to be parked`, async () => {
      const parked = await api.records(PARTNER, "&state=parked");
      return parked.length === ALERTS && parked.every((record) => record.parked.code === cause.code);
    });
    await cause.mend();
    if (unmapped) mapped.push(customer);
    const mapping = await simpleMapping(api, sandbox, { customers: mapped, settings: NO_STORMS });
    const checks = random() < 0.5;
    /** Wakes what is parked, as the remedy of this cause does. */
    const wake = () => {
      if (unmapped) return api.publish(PARTNER, mapping);
      return checks ? api.get(`/v1/partners/${PARTNER}/check`) : api.get(`/v1/partners/${PARTNER}/replay`, "POST", {});
    };
    const made = async () =>
      (await ourTickets(sandbox)).filter((ticket) => own.some((name) => ticket.summary.includes(name))).length;
    let woken = false;
    let count = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Once it was answered nobody asks again: what was promised is kept over all kills.
      const asked =
        woken ||
        wake()
          .then(() => (woken = true))
          .catch(() => {});
      // Every other kill comes as soon as the looks have begun to help. A moment of the program's choice would not be
      // random: the pause is the experiment, not a wait for something.
      const amid = kill % 2 === 1 && count < ALERTS;
      if (amid) await asked;
      if (amid) await until("a look to help", async () => (await made()) > count);
      await pause(random() * (amid ? 40 : 500));
      await program.kill();
      await asked;
      count = await made();
      if (count > 0 && count < ALERTS) interrupted++;
      await restart();
    }
    if (!woken) await wake();
    await until(`round ${round}: each to have its ticket`, async () => (await made()) >= ALERTS);
  }

  await until("rest", async () => {
    const records = await api.records(PARTNER, "&kind=alert");
    return (
      records.length === names.length &&
      records.every((record) => record.state === "settled" || record.state === "waiting")
    );
  });
  t.diagnostic(`${interrupted} of ${ROUNDS * KILLS} kills came while some had tickets and others had not`);
  assert.ok(interrupted > 0, "the kills came when there was nothing to do: this shows nothing");
  assert.deepEqual(await api.records(PARTNER, "&state=parked"), []);
  const tickets = await ourTickets(sandbox);
  const wrong = names
    .map((name) => [name, tickets.filter((ticket) => ticket.summary.includes(name)).length])
    .filter(([, count]) => count !== 1);
  assert.deepEqual(wrong, []);
  assert.equal(tickets.length, names.length);
  assert.ok(await program.stop(), "it stops when asked");
});

/** What the database says, a line for each row. */
const ask = (data, sql) =>
  execFileSync("sqlite3", ["-cmd", ".timeout 5000", join(data, "crosswalk.db"), sql], {
    encoding: "utf8",
    maxBuffer: 1e9,
  })
    .split("\n")
    .filter(Boolean);

/** How many rows each table has of a partner; that there was one is kept by the audit alone. */
function rowsOf(data, partner) {
  const tables = ask(
    data,
    "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'partner'",
  );
  const counts = tables
    .filter((table) => table !== "audit")
    .map((table) => `SELECT '${table}', count(*) FROM ${table} WHERE partner = '${partner}'`);
  counts.push(`SELECT 'partners', count(*) FROM partners WHERE id = '${partner}'`);
  const rows = ask(data, counts.join(" UNION ALL ")).map((line) => line.split("|"));
  return Object.fromEntries(rows.filter(([, count]) => count !== "0").map(([table, count]) => [table, Number(count)]));
}

const sumOf = (rows) => Object.values(rows).reduce((sum, count) => sum + count, 0);

/** A house of two partners, one of which is to leave, and which has something in every table. */
async function houseOfTwo(t, { devices = 0 } = {}) {
  const env = { CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true" };
  const { data, sandbox, program, url, api } = await house(t, {
    callbacks: true,
    env,
    mapping: { settings: NO_STORMS },
  });
  const registered = async (partner) =>
    (await sandbox.list("system/callbacks")).filter((each) => each.url.includes(`/${partner}/`)).length;
  /** The server, started again with the time that `time` gives. */
  const again = (time = {}) =>
    serve(t, data, { env: { ...env, CROSSWALK_CALLBACKS_PUBLIC_URL: url, ...time }, port: new URL(url).port });
  await api.get("/v1/webhooks", "POST", { url: (await product(t)).url });
  await api.addPartner(sandboxPartner(LEAVING, "Fabrikam IT", sandbox.url));
  const mapping = await simpleMapping(api, sandbox, { settings: NO_STORMS });
  await api.publish(LEAVING, mapping);
  await api.get(`/v1/partners/${LEAVING}/mappings/alert_to_ticket/draft`, "PUT", mapping);
  await api.sendBatch(
    Array.from({ length: 40 }, (_, index) => ofLeaving("raised", `l-${index}`, alertData(`old-${index}`))),
  );
  const device = (id) =>
    cloudEvent({
      id,
      partner: LEAVING,
      type: "device.upserted.v1",
      data: { device: id, customer: "contoso", name: id },
    });
  for (let from = 0; from < devices; from += 1000)
    await api.sendBatch(Array.from({ length: 1000 }, (_, index) => device(`d-${from + index}`)));
  await until("the tickets of both", async () => (await ourTickets(sandbox)).length === 40);
  await until("all devices", async () => (await api.records(LEAVING)).length === 40 + devices);
  await until("both registrations", async () => (await registered(LEAVING)) === 1 && (await registered(PARTNER)) === 1);
  await api.get(`/v1/partners/${LEAVING}/plans`, "POST");
  await post(api, ofLeaving("raised", "l-bad", {}));
  await until(
    "what was refused to be noted",
    () => ask(data, `SELECT 1 FROM settings WHERE name = 'intake/${LEAVING}'`).length === 1,
  );
  return { data, sandbox, program, api, again, registered };
}

test("killed while a partner is removed, the partner has left altogether or not at all", async (t) => {
  const KILLS = 8;
  const random = moments(t);
  let { api, program, again, registered, sandbox } = await houseOfTwo(t);
  await sandbox.faults({ latency_ms: 5, latency_random_ms: 20 });
  let removals = 0;
  const wrong = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const keys = [];
    for (let index = 0; index < 5; index++) keys.push((await api.makeKey(`portal ${kill} ${index}`, LEAVING)).key);
    const asked = api.ask("DELETE", `/v1/partners/${LEAVING}?grace=1h`).catch(() => false);
    // The experiment, not a wait for something.
    await pause(random() * (kill % 2 === 0 ? 80 : 8));
    await program.kill();
    const answered = await asked;
    ({ api, program } = await again());
    const leaves = (await api.get(`/v1/partners/${LEAVING}`)).erase_at !== undefined;
    assert.ok(leaves || !answered, "what was answered is kept");
    if (leaves) removals++;
    const opens = await Promise.all(
      keys.map(async (key) => (await new Crosswalk(api.url, key).ask("GET", `/v1/partners/${LEAVING}`)).status),
    );
    const expected = leaves ? 401 : 200;
    if (!opens.every((status) => status === expected))
      wrong.push(`kill ${kill}: removed is ${leaves}, and its keys are answered ${opens}`);
    const sent = await post(api, ofLeaving("raised", `k-${kill}`, alertData(`late-${kill}`)));
    assert.equal(sent.status, leaves ? 422 : 202);
    const isTakenBack = async () => (await registered(LEAVING)) === (leaves ? 0 : 1);
    await until("the registration to be taken back, or to stand", isTakenBack, { within: 3_000 }).catch(() =>
      wrong.push(`kill ${kill}: removed is ${leaves}, and ConnectWise goes on calling`),
    );
    if (!leaves) continue;
    await api.get(`/v1/partners/${LEAVING}/keep`, "POST");
    await api.get(`/v1/partners/${LEAVING}`, "PATCH", { paused: false });
    await until("it to be registered again", async () => (await registered(LEAVING)) === 1);
  }
  t.diagnostic(`after ${removals} of ${KILLS} kills it was removed`);
  assert.deepEqual(wrong, []);
  assert.equal(await registered(PARTNER), 1);
});

test("killed while a removed partner is erased, nothing of it stays, and nobody else loses anything", async (t) => {
  const RATE = 100;
  const random = moments(t);
  const leaving = await houseOfTwo(t, { devices: 4000 });
  const { data, sandbox, again } = leaving;
  let { api, program } = leaving;
  await api.get(`/v1/partners/${LEAVING}?grace=1h`, "DELETE");
  let left = sumOf(rowsOf(data, LEAVING));
  assert.ok(left > 8000, "there is much to erase");
  await program.kill();

  // The grace is over while nobody looks.
  const fast = fastTime(RATE, HOUR_MS);
  const time = () => ({ ...fast(), CROSSWALK_ENGINE_SETTLE: `${RATE / 10}s` });
  const names = [];
  let interrupted = 0;
  while (left > 0) {
    ({ api, program } = await again(time()));
    const name = `stays-${String(names.length).padStart(2, "0")}`;
    names.push(name);
    await api.send(alertEvent("raised", name, alertData(name)));
    await until("the erasure to go on", () => sumOf(rowsOf(data, LEAVING)) < left);
    // The experiment, not a wait for something.
    await pause(random() * 40);
    await program.kill();
    left = sumOf(rowsOf(data, LEAVING));
    if (left > 0) interrupted++;
  }
  ({ api, program } = await again(time()));
  t.diagnostic(`${interrupted} kills came amid the erasure`);
  assert.ok(interrupted > 0, "it was too quick for a kill: this shows nothing");
  assert.equal((await api.ask("GET", `/v1/partners/${LEAVING}`)).status, 404);
  assert.deepEqual(rowsOf(data, LEAVING), {});
  const rest = ask(data, ".dump").filter((line) => line.includes(LEAVING) && !/^INSERT INTO audit/.test(line));
  assert.deepEqual(rest, []);
  assert.deepEqual(ask(data, "PRAGMA integrity_check"), ["ok"]);

  await until(
    "the tickets of who stays",
    async () =>
      (await api.records(PARTNER, "&kind=alert")).filter((record) => record.state === "settled").length ===
      names.length,
  );
  const tickets = await ourTickets(sandbox);
  const wrong = names
    .map((name) => [name, tickets.filter((ticket) => ticket.summary.includes(name)).length])
    .filter(([, count]) => count !== 1);
  assert.deepEqual(wrong, []);
  assert.equal(tickets.length, names.length + 40, "what the other had become in ConnectWise stays there");
});

test("a new partner with the id of one that was erased begins with nothing, in that very server", async (t) => {
  const RATE = 3600; // the grace of an hour is over within a second
  const { api, sandbox, data } = await house(t, {
    env: { CROSSWALK_ENGINE_SETTLE: `${RATE / 10}s`, ...fastTime(RATE)() },
  });
  const mapping = await simpleMapping(api, sandbox);
  const email = (await sandbox.list("company/communicationTypes")).find((type) => type.emailFlag);
  const contacts = { workflow: "contact_to_contact", mode: "test", communication_types: { email: { id: email.id } } };
  await api.publish(PARTNER, { ...contacts, fields: { title: { value: "{{born}}", owner: "create" } } });
  const contact = (id, born) => {
    const data = { contact: id, customer: "contoso", first_name: "Ada", born };
    return api.send(cloudEvent({ id, partner: PARTNER, type: "contact.upserted.v1", data }));
  };
  const eventsAbout = (text) => ask(data, `SELECT id FROM events WHERE instr(data, '${text}') > 0`).length;
  await contact("c-1", "1961-02-03");
  assert.equal(eventsAbout("1961-02-03"), 1, "the mapping names it");
  const first = alertEvent("raised", "r-1", alertData("srv-01"));
  await api.send(first);
  await until("its ticket", async () => (await ourTickets(sandbox)).length === 1);
  await api.get(`/v1/partners/${PARTNER}?grace=1h`, "DELETE");
  await until("it to be erased", async () => (await api.ask("GET", `/v1/partners/${PARTNER}`)).status === 404);

  await api.addPartner(sandboxPartner(PARTNER, "Another", "http://127.0.0.1:9"));
  await api.get(`/v1/partners/${PARTNER}`, "PATCH", { site: sandbox.url });
  assert.deepEqual(await api.records(PARTNER), []);
  assert.deepEqual((await api.get(`/v1/partners/${PARTNER}/intake`)).refused, []);
  const wrong = [];
  // The newest of the log is emptied, and not deleted.
  const again = await post(api, first);
  if (again.body.accepted !== 1)
    wrong.push(`what the former has sent is taken for sent already: ${JSON.stringify(again.body)}`);
  await api.send(alertEvent("raised", "r-2", alertData("srv-02")));
  const looked = async () =>
    (await api.records(PARTNER)).find(({ key, state }) => key.includes("srv-02") && state !== "due");
  const record = await until("it to be looked at", looked, { within: 5_000 }).catch((error) => ({
    state: error.message,
  }));
  if (record.parked?.code !== "mapping.missing") wrong.push(`without a mapping it is ${record.state}`);
  const { length } = await ourTickets(sandbox);
  if (length !== 1) wrong.push(`by the former's mapping there are ${length} tickets`);
  await api.publish(PARTNER, mapping);
  await api.publish(PARTNER, contacts);
  await contact("c-2", "1974-05-06");
  if (eventsAbout("1974-05-06") !== 0) wrong.push("of a person is kept what only the former's mapping named");
  await api.send(alertEvent("raised", "r-3", alertData("srv-03")));
  const made = async () => (await ourTickets(sandbox)).some((ticket) => ticket.summary.includes("srv-03"));
  await until("the ticket by its own mapping", made, { within: 5_000 }).catch((error) => wrong.push(error.message));
  assert.deepEqual(wrong, []);
});

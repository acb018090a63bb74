// A data folder of a former version (tests/fixtures/data_folder) is opened by today's programs, and everything in it goes on.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ARCHIVE, CONTACTS, CUSTOMERS, DEVICES, PAUSED, PORTS, REMOVED, STORM, TORN, alertOf, contactEvent, customerEvent, deviceEvent, identityOf } from "../fixtures/data_folder/story.mjs";
import { Crosswalk, PARTNER, Sandbox, alertData, alertEvent, folder, freePort, isFree, ourTickets, runCrosswalk, serve, startSandbox, until } from "./support.mjs";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The login company of the paused partner. */
const PAUSED_COMPANY = "south";
const url = (port) => `http://127.0.0.1:${port}`;
const sql = (data, statement) => execFileSync("sqlite3", [join(data, "crosswalk.db"), statement], { encoding: "utf8" }).trim();

/** By Standard Webhooks. Their library refuses what was signed long ago, and the time here is that of the folder. */
const signatureOf = (secret, { id, headers, text }) =>
  `v1,${createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64")).update(`${id}.${headers["webhook-timestamp"]}.${text}`).digest("base64")}`;

/** The archive in a folder of its own. Where one of its ports is taken, whoever is to listen there moves to another. */
async function unpack(t) {
  const house = folder(t);
  execFileSync("tar", ["-xmzf", fileURLToPath(new URL(`../fixtures/data_folder/${ARCHIVE}`, import.meta.url)), "-C", house, "--no-same-owner"]);
  const data = join(house, "crosswalk");
  const snapshot = join(house, "sandbox", "snapshot.jsonl");
  chmodSync(data, 0o700);
  const made = JSON.parse(readFileSync(join(house, "made.json"), "utf8"));
  const ports = { ...PORTS };
  for (const [name, port] of Object.entries(PORTS)) {
    if (await isFree(port)) continue;
    ports[name] = await freePort();
    t.diagnostic(`port ${port} is taken: ${name} is at ${ports[name]} instead, and the folder is changed by hand`);
    const [from, to] = [url(port), url(ports[name])];
    for (const [table, column] of Object.entries({ partners: "settings", webhooks: "url", links: "state", outbound: "data" }))
      sql(data, `UPDATE ${table} SET ${column} = replace(${column}, '${from}', '${to}')`);
    writeFileSync(snapshot, readFileSync(snapshot, "utf8").replaceAll(from, to));
  }
  return { house, data, made, ports };
}

/** The vendor's product, which takes what it is told at two addresses. */
class Receiver {
  messages = [];

  async start(t, ...ports) {
    for (const port of ports) {
      const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString("utf8");
        this.messages.push({ path: request.url, id: request.headers["webhook-id"], headers: request.headers, text, ...JSON.parse(text) });
        response.writeHead(204).end();
      }).listen(port, "127.0.0.1");
      await once(server, "listening");
      t.after(() => server.closeAllConnections() ?? server.close());
    }
    return this;
  }

  at(path) {
    return this.messages.filter((message) => message.path === path);
  }
}

/** Both programs on what was unpacked, and what the checks ask them. */
class House {
  constructor(t, { house, data, made, ports }) {
    Object.assign(this, { t, house, data, made, ports });
    this.seen = 0;
  }

  async startSandbox() {
    const program = startSandbox(["--port", String(this.ports.sandbox), "--data", join(this.house, "sandbox")]);
    this.t.after(() => program.kill());
    this.sandbox = new Sandbox(await program.address());
  }

  /** Opens the folder so long after its last program has stopped. */
  async open(after, { rate = 1, env: more = {} } = {}) {
    const env = {
      CROSSWALK_CLOCK_START: new Date(Date.parse(this.made.at) + after).toISOString(),
      CROSSWALK_CLOCK_RATE: String(rate),
      CROSSWALK_CALLBACKS_PUBLIC_URL: url(this.ports.crosswalk),
      CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true",
      CROSSWALK_WEBHOOKS_TIMEOUT: "2m",
      CROSSWALK_CONNECTWISE_REQUEST_TIMEOUT: "10m",
      ...more,
    };
    const { program, api } = await serve(this.t, this.data, { port: this.ports.crosswalk, env });
    this.program = program;
    this.api = api;
    /** What the product itself has: a key that the former version has made. */
    this.product = new Crosswalk(api.url, this.made.intake_key);
  }

  async stop() {
    assert.ok(await this.program.stop(), this.program.output());
    assert.equal(this.program.code, 0);
    assert.doesNotMatch(this.program.output(), / (error|critical) /);
  }

  records(query) {
    return this.api.records(PARTNER, query);
  }

  async record(kind, key) {
    return (await this.records(`&kind=${kind}`)).find((record) => record.key === key);
  }

  keyOf(name) {
    const { product, customer, subject, condition } = alertOf(name);
    return ["v1", product, customer, subject, condition].join("/");
  }

  alert(name) {
    return this.record("alert", this.keyOf(name));
  }

  async atRest() {
    await until("all that was sent to be looked at", async () => /^crosswalk_events_unfolded 0$/m.test(await this.api.get("/metrics")));
    await until("rest", async () => (await this.records()).every(({ state }) => state !== "due"));
  }

  /** The id of an alert's ticket, as the former version has noted it down. */
  ticketOf(name) {
    return this.made.tickets.find(({ summary }) => summary.includes(` ${name} `)).id;
  }

  /** What was written to ConnectWise since the last time that this was asked, as "PATCH service/tickets/1010". */
  async writes() {
    const calls = (await this.sandbox.calls()).filter(({ number }) => number > this.seen);
    this.seen = calls.at(-1)?.number ?? this.seen;
    return calls.filter(({ method }) => method !== "GET").map(({ method, target }) => `${method} ${target.replace(/^.*\/apis\/3\.0\//, "")}`);
  }

  resolve(name, more = {}) {
    return this.product.send(alertEvent("resolved", `today-${name}-resolved`, { ...identityOf(name), resolution: "Cleaned.", ...more }));
  }

  ticket(name) {
    return this.sandbox.ticket(this.ticketOf(name));
  }

  async notes(name, pattern) {
    return (await this.sandbox.notes(this.ticketOf(name))).filter(({ text }) => pattern.test(text)).length;
  }

  /** A call as an integration makes it. */
  connectWise(path, method = "GET") {
    const headers = { authorization: `Basic ${Buffer.from("sandbox+sandbox-public:sandbox-private").toString("base64")}`, clientId: "e2e" };
    return fetch(`${this.sandbox.url}/v4_6_release/apis/3.0/${path}`, { method, headers });
  }

  /** Ids of the configurations that stand on an alert's ticket. */
  async attached(name) {
    const answer = await this.connectWise(`service/tickets/${this.ticketOf(name)}/configurations`);
    return (await answer.json()).map(({ id }) => id);
  }

  /** Deliveries of the webhook that was never taken, of one type. */
  async outbound(type) {
    const { deliveries } = await this.api.get(`/v1/webhooks/${this.made.webhooks.backlog.id}/deliveries?limit=1000`);
    return deliveries.filter((each) => each.type === type);
  }

  async list(company, collection) {
    const answer = await fetch(`${this.sandbox.url}/sandbox/list?tenant=${company}&limit=1000&collection=${collection}`);
    return (await answer.json()).objects;
  }
}

test("a data folder of a former version opens, and everything in it goes on", async (t) => {
  const house = new House(t, await unpack(t));
  const { made, data } = house;
  const storm = made.tickets.find(({ summary }) => summary.includes("No network")).id;
  await house.startSandbox();
  const callbacks = await house.sandbox.list("system/callbacks");
  const configurations = (await house.sandbox.list("company/configurations")).length;
  await house.open(MINUTE_MS + 1000);

  await t.test("nothing is lost, and nothing is written but the notes that were owed", async () => {
    assert.ok(Number(sql(data, "PRAGMA user_version")) > made.schema);
    const owed = [house.ticketOf("srv-01"), house.ticketOf("nas-06"), storm].map((ticket) => `POST service/tickets/${ticket}/notes`);
    const written = [];
    await until("the notes that were owed", async () => {
      written.push(...(await house.writes()));
      return written.length >= owed.length + 1;
    });
    await house.atRest();
    written.push(...(await house.writes()));
    // The title of a storm tells how many alerts there are, and is kept true with each note of the list.
    assert.deepEqual(written.sort(), [`PATCH service/tickets/${storm}`, ...owed].sort());

    const records = await house.records();
    const bare = ({ kind, key, parked, tickets, objects = [] }) => ({ kind, key, parked: parked?.code ?? null, objects: [...tickets, ...objects].map(({ id }) => id) });
    assert.deepEqual(records.map(bare), made.records.map(({ kind, key, parked, objects }) => ({ kind, key, parked, objects })));
    for (const [workflow, version] of Object.entries(made.mappings)) assert.equal((await house.api.get(`/v1/partners/${PARTNER}/mappings/${workflow}`)).live.version, version, workflow);
    for (const [name, entries] of Object.entries(made.stories)) assert.ok((await house.api.explain(PARTNER, "alert", house.keyOf(name))).story.length >= entries, `the story of ${name}`);
    assert.equal((await house.api.get("/v1/audit?limit=1000")).entries.length, made.audit);
    assert.deepEqual((await house.api.get(`/v1/partners/${PARTNER}`)).connection, made.connection);
    const metrics = await house.api.get("/metrics");
    const counted = (name) => Number(new RegExp(`^crosswalk_${name} (\\d+)$`, "m").exec(metrics)[1]);
    // One event had been accepted and not been looked at: it has a record now.
    assert.deepEqual(["events", "records", "links"].map(counted), [made.totals.events, made.totals.records + 1, made.totals.links]);
    const proof = await house.api.get(`/v1/partners/${PARTNER}/verify`, "POST");
    assert.deepEqual([proof.proven, proof.findings], [true, []]);
    assert.deepEqual(proof.kinds.map(({ kind, linked, missing }) => [kind, linked, missing]), [["ticket", 8, 0], ["company", 3, 0], ["contact", 1, 0], ["configuration", 12, 0]]);
  });

  await t.test("an event that cannot be read is still listed with its reason, also after a replay", async () => {
    const check = async () => {
      const { parked } = await house.alert(TORN.name);
      assert.equal(parked.code, "store.corrupt");
      assert.match(JSON.stringify(parked), /A stored event cannot be read/);
    };
    await check();
    const told = await house.api.explain(PARTNER, "alert", house.keyOf(TORN.name));
    assert.ok(JSON.stringify(told.story).includes("store.corrupt"), JSON.stringify(told));
    await house.api.get(`/v1/partners/${PARTNER}/replay`, "POST", { kind: "alert", key: house.keyOf(TORN.name) }).catch((refused) => assert.equal(refused.body.code, "store.corrupt"));
    await house.atRest();
    await check();
  });

  await t.test("the plan that was saved is shown and applied, once", async () => {
    const path = `/v1/partners/${PARTNER}/plans/${made.plan.id}`;
    const retired = DEVICES.filter(({ retires }) => retires).map(({ device }) => device);
    const shown = await house.api.get(path);
    assert.deepEqual(shown.summary, made.plan.summary);
    await house.writes();
    const done = await house.api.get(`${path}/apply`, "POST");
    assert.deepEqual([done.applied, done.refused, done.unknown, done.skipped], [retired.length, 0, 0, 0]);
    await house.atRest();
    const ids = made.records.filter(({ kind, key }) => kind === "device" && retired.includes(key)).flatMap(({ objects }) => objects);
    assert.deepEqual((await house.writes()).sort(), ids.map((id) => `PATCH company/configurations/${id}`).sort());
    const configurations = await house.sandbox.list("company/configurations");
    for (const id of ids) assert.equal(configurations.find((each) => each.id === Number(id)).activeFlag, false);
    assert.equal((await house.api.ask("POST", `${path}/apply`)).body.code, "plan.applied");
  });

  await t.test("a full report and a replay of what has come to rest write nothing", async () => {
    await house.writes();
    const told = ({ retires, ...device }) => ({ ...device, ...(retires ? { state: "retired" } : {}) });
    // To be told or replayed makes a record anew. Those that are to go on below must do so as the former version left them.
    const isAlone = (key) => /till-01|p-nova|pc-08|torn/.test(key);
    await house.product.sendBatch([
      ...CUSTOMERS.map((each) => customerEvent("today", each)),
      ...CONTACTS.filter(({ contact }) => !isAlone(contact)).map((each) => contactEvent("today", each)),
      ...DEVICES.filter(({ device }) => !isAlone(device)).map((each) => deviceEvent("today", told(each))),
    ]);
    await house.atRest();
    for (const { kind, key } of await house.records())
      if (kind !== "group" && !isAlone(key)) await house.api.get(`/v1/partners/${PARTNER}/replay`, "POST", { kind, key });
    await house.atRest();
    assert.deepEqual(await house.writes(), []);
    assert.equal((await house.sandbox.list("company/configurations")).length, configurations);
    assert.equal((await house.alert(TORN.name)).parked.code, "store.corrupt");
  });

  await t.test("the callbacks are registered as they were, and what people do is heard by them", async () => {
    const bare = ({ id, url: address, type, inactiveFlag }) => ({ id, address, type, inactiveFlag });
    assert.deepEqual((await house.sandbox.list("system/callbacks")).map(bare), callbacks.map(bare));
    assert.ok(callbacks.length >= 4);
    await house.sandbox.technician("assign", house.ticketOf("pc-02"), { member: "mlopez" });
    await until("it to be noted down for the product", async () => (await house.outbound("ticket.assigned")).some(({ record }) => record.key === house.keyOf("pc-02")));
    const metrics = await house.api.get("/metrics");
    assert.match(metrics, /^crosswalk_callbacks_refused_total 0$/m);
    assert.match(metrics, /^crosswalk_sweeps_total 0$/m);
    const { kinds } = await house.api.get(`/v1/partners/${PARTNER}/callbacks`);
    assert.deepEqual(kinds.map(({ kind, state }) => [kind, state]), [["ticket", "heard"], ["company", "quiet"], ["contact", "heard"], ["configuration", "heard"]]);
  });

  await t.test("open tickets are updated, closed, left to people and opened again, each as its own", async () => {
    await house.product.sendBatch([
      alertEvent("updated", "today-pc-02-worse", { ...alertOf("pc-02"), severity: "critical" }),
      alertEvent("raised", "today-pc-04-again", alertOf("pc-04")),
      deviceEvent("today", { device: "d-late-07", customer: "acme", name: "LATE-07", class: "workstation", serial: "SN-LATE-07-4711" }),
    ]);
    await house.resolve("srv-01");
    await house.resolve("nas-06", { instance: "disk-2" });
    await house.resolve("pc-03");
    await until("the device", async () => (await house.record("device", "d-late-07"))?.objects?.length === 1);
    await house.product.send(alertEvent("raised", "today-late-07-again", alertOf("late-07")));
    await until("all of it", async () => {
      assert.ok((await house.ticket("srv-01")).closedFlag, "resolved");
      assert.ok((await house.ticket("nas-06")).closedFlag, "the last of its members has ended");
      assert.ok(!(await house.ticket("pc-03")).closedFlag, "taken over before");
      assert.equal(await house.notes("pc-03", /resolved\. The ticket is left as it is/), 1);
      assert.equal(await house.notes("pc-02", /severity has risen to critical/), 1);
      assert.equal((await house.ticket("pc-04")).status.name, "Re-opened");
      const { objects } = await house.record("device", "d-late-07");
      assert.deepEqual(await house.attached("late-07"), objects.map(({ id }) => Number(id)), "the device became known after the ticket");
      return true;
    });
    await house.atRest();
    assert.equal((await ourTickets(house.sandbox)).length, made.tickets.length);
    for (const name of ["srv-01", "nas-06"]) assert.equal(await house.notes(name, /reports that this is resolved/), 1, name);
  });

  await t.test("the storm ends with the last of its alerts", async () => {
    assert.ok(!(await house.sandbox.ticket(storm)).closedFlag);
    for (const name of STORM.slice(1)) await house.resolve(name);
    await until("its ticket to be closed", async () => (await house.sandbox.ticket(storm)).closedFlag);
    await house.atRest();
    assert.equal((await ourTickets(house.sandbox)).length, made.tickets.length);
    assert.equal((await house.record("group", "v1/acme-edr/acme/net.offline")).open, false);
  });

  await t.test("a customer that waited is decided, and what waited for it goes on", async () => {
    // By the product: a mapping that is published would have everything looked at that waits.
    await house.product.send(customerEvent("chosen", { ...CUSTOMERS.find(({ customer }) => customer === "nova"), company_id: "265" }));
    await until("all that waited for it", async () => {
      assert.deepEqual((await house.record("customer", "nova")).objects, [{ kind: "company", id: "265" }]);
      assert.equal((await house.record("contact", "p-nova")).objects.length, 1);
      assert.equal((await house.record("device", "d-till-01")).objects.length, 1);
      assert.equal((await house.alert("till-01")).tickets.length, 1);
      return true;
    });
    await house.atRest();
    const tickets = await ourTickets(house.sandbox);
    assert.equal(tickets.length, made.tickets.length + 1);
    assert.equal(tickets.find(({ summary }) => summary.includes(" till-01 ")).company.id, 265);
  });

  await t.test("a configuration that is deleted is made anew on request, and the open ticket of its alert gets it", async () => {
    const [former] = await house.attached("pc-08");
    assert.deepEqual((await house.record("device", "d-pc-08")).objects, [{ kind: "configuration", id: String(former) }]);
    assert.equal((await house.connectWise(`company/configurations/${former}`, "DELETE")).status, 204);
    await until("it to be missed", async () => (await house.record("device", "d-pc-08")).parked?.code === "object.gone");
    const { document } = await house.api.get(`/v1/partners/${PARTNER}/mappings/device_to_configuration/versions/1`);
    await house.api.publish(PARTNER, { ...document, decisions: { "d-pc-08": { create: true } } });
    await until("the ticket to have the new one", async () => {
      const { objects } = await house.record("device", "d-pc-08");
      assert.notEqual(objects[0].id, String(former));
      assert.ok((await house.attached("pc-08")).includes(Number(objects[0].id)));
      return true;
    });
  });

  await t.test("a paused partner goes on when it is resumed, and one that was removed can be kept", async () => {
    const ofPaused = async () => (await ourTickets({ tickets: () => house.list(PAUSED_COMPANY, "service/tickets") })).map(({ summary }) => /south-pc-\d/.exec(summary)[0]).sort();
    const waits = (await house.api.records(PAUSED)).map(({ key, tickets }) => [/south-pc-\d/.exec(key)[0], tickets.length]);
    assert.deepEqual(waits, [["south-pc-1", 1], ["south-pc-2", 0]], "the second was accepted, and not yet looked at");
    assert.deepEqual(await ofPaused(), ["south-pc-1"]);
    await house.api.get(`/v1/partners/${PAUSED}`, "PATCH", { paused: false });
    await until("its second ticket", async () => (await ofPaused()).length > 1);
    await until("rest", async () => (await house.api.records(PAUSED)).every(({ state }) => state !== "due"));
    assert.deepEqual(await ofPaused(), ["south-pc-1", "south-pc-2"]);

    assert.equal((await house.api.get(`/v1/partners/${REMOVED}`)).erase_at, made.erase_at);
    const refused = await house.product.ask("POST", "/v1/events", JSON.stringify({ ...alertEvent("raised", "gone-1", alertData("gone")), partner: REMOVED }), { "content-type": "application/cloudevents+json" });
    assert.equal(refused.body.code, "event.partner_unknown", JSON.stringify(refused.body));
    assert.equal((await house.api.get(`/v1/partners/${REMOVED}/keep`, "POST")).erase_at, undefined);
  });

  const receiver = await new Receiver().start(t, house.ports.receiver, house.ports.kept);
  const { backlog, closes } = made.webhooks;
  await house.stop();
  await house.writes();
  // Sixty times as fast: who has failed for long is tried again only every five minutes. The snooze ends after five.
  await house.open(Date.parse(made.snoozed_until) - Date.parse(made.at) - 5 * MINUTE_MS, { rate: 60, env: { CROSSWALK_ENGINE_SWEEP_INTERVAL: "4m" } });

  await t.test("what could not be told is told once the product is there: all of it, in order, and signed", async () => {
    const hook = () => house.api.get(`/v1/webhooks/${backlog.id}`);
    await until("all to be taken", async () => (await hook()).waiting === 0, { within: 60_000 });
    const told = receiver.at("/backlog");
    for (const message of told) assert.equal(signatureOf(backlog.secret, message), message.headers["webhook-signature"]);
    assert.equal(new Set(told.map(({ id }) => id)).size, told.length, "each once");
    const bare = ({ id, type }) => `${id} ${type}`;
    for (const { partner, kind, key } of backlog.events) {
      const expected = backlog.events.filter((each) => each.partner === partner && each.kind === kind && each.key === key).map(bare);
      // What is about the partner itself names no record.
      const isOf = ({ data }) => data.partner === partner && data.record?.kind === kind && data.record.key === key;
      const ofRecord = told.filter((each) => isOf(each) || expected.includes(bare(each))).map(bare);
      assert.deepEqual(ofRecord.slice(0, expected.length), expected, `${partner} ${kind} ${key}`);
    }
    const typesOf = (name) => told.filter(({ data }) => data.record?.key === house.keyOf(name)).map(({ type }) => type);
    assert.deepEqual(typesOf("srv-01"), ["ticket.created", "ticket.status_changed", "ticket.closed"]);
    assert.deepEqual(typesOf("pc-04").slice(0, 3), ["ticket.created", "ticket.status_changed", "ticket.closed"]);

    assert.equal((await hook()).dead, backlog.dead);
    await house.api.get(`/v1/webhooks/${backlog.id}/replay`, "POST");
    await until("the dead letter", () => receiver.at("/backlog").some(({ type, replayed_at, data }) => type === "company.linked" && replayed_at && data.record.key === "acme"));
    await until("none to be dead", async () => (await hook()).dead === 0);

    const { deliveries } = await house.api.get(`/v1/webhooks/${closes.id}/deliveries`);
    assert.equal(deliveries.at(-1).state, "delivered", "by the former version");
    const closed = receiver.at("/closes").map(({ data }) => data.record.key);
    assert.deepEqual(closed.sort(), [...["srv-01", "nas-06"].map((name) => house.keyOf(name)), "v1/acme-edr/acme/net.offline"].sort());
    for (const message of receiver.at("/closes")) assert.equal(signatureOf(closes.secret, message), message.headers["webhook-signature"]);
  });

  await t.test("a snooze ends when it was to end, and a sweep finds nothing to write", async () => {
    await until("the ticket of what was snoozed", async () => (await house.alert("pc-05")).tickets.length === 1, { within: 60_000 });
    await until("a sweep", async () => /^crosswalk_sweeps_total [1-9]/m.test(await house.api.get("/metrics")));
    await house.atRest();
    const tickets = await ourTickets(house.sandbox);
    assert.equal(tickets.length, made.tickets.length + 2);
    const ofTill = tickets.find(({ summary }) => summary.includes(" till-01 ")).id;
    // A note that is owed, and a device that got its configuration after the ticket, come a minute later: now, unless this
    // machine was slow before.
    const later = [`POST service/tickets/${house.ticketOf("late-07")}/notes`, `POST service/tickets/${ofTill}/configurations`];
    const written = await house.writes();
    assert.equal(new Set(written).size, written.length);
    assert.deepEqual(written.filter((each) => !later.includes(each)), ["POST service/tickets"]);
  });

  await t.test("after another start nothing is left to do, and the doctor is content", async () => {
    await house.stop();
    await house.open(4 * HOUR_MS);
    await house.atRest();
    const proof = await house.api.get(`/v1/partners/${PARTNER}/verify`, "POST");
    assert.deepEqual([proof.proven, proof.findings], [true, []]);
    assert.deepEqual(await house.writes(), []);
    assert.equal(new Set((await ourTickets(house.sandbox)).map(({ externalXRef }) => externalXRef)).size, made.tickets.length + 2);
    for (const partner of [PARTNER, PAUSED]) {
      const doctor = await runCrosswalk(["doctor", partner, "--data", data]);
      assert.equal(doctor.code, 0, doctor.output());
    }
    await house.stop();
    assert.equal(sql(data, "PRAGMA integrity_check"), "ok");
  });
});

// Two faults that are not of the opening: the former version has them as well. They are known, and to be mended.

test("an event that cannot be read is listed until somebody acts on it", { todo: "what wakes all that is parked forgets it" }, async (t) => {
  const house = new House(t, await unpack(t));
  await house.startSandbox();
  await house.open(MINUTE_MS + 1000);
  await house.atRest();
  const { document } = await house.api.get(`/v1/partners/${PARTNER}/mappings/alert_to_ticket/versions/1`);
  await house.api.publish(PARTNER, document);
  await house.atRest();
  assert.equal((await house.alert(TORN.name)).parked?.code, "store.corrupt", (await house.alert(TORN.name)).text);
});

test("a replay of all records goes past one that cannot be read", { todo: "it ends there with 503, and leaves out what comes after" }, async (t) => {
  const house = new House(t, await unpack(t));
  await house.startSandbox();
  await house.open(MINUTE_MS + 1000);
  await house.atRest();
  const answer = await house.api.ask("POST", `/v1/partners/${PARTNER}/replay`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
});

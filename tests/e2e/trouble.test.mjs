import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { PARTNER, alertData, alertEvent, fastTime, house, moments, ourTickets, product, resolvedData, sandboxPartner, serve, serveSandbox, simpleMapping, until, untilTickets } from "./support.mjs";

const JSON_EVENT = { "content-type": "application/cloudevents+json" };
const post = (api, event) => api.ask("POST", "/v1/events", JSON.stringify(event), JSON_EVENT);
const recordOf = async (api, name) => (await api.records(PARTNER, "&kind=alert")).find((record) => record.key.includes(name));

test("a full disk is answered with 503, takes nothing half, and is got over", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "crosswalk-e2e-disk-"));
  let mounted = false;
  t.after(() => {
    if (mounted) execFileSync("umount", ["-l", data]);
    rmdirSync(data);
  });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=700", "crosswalk-e2e", data], { stdio: "ignore" });
  } catch {
    return t.skip("making a small disk needs root");
  }
  mounted = true;
  const { sandbox } = await serveSandbox(t);
  const { api, program } = await serve(t, data);
  await api.addPartner(sandboxPartner(PARTNER, "Northwind IT", sandbox.url));
  await api.publish(PARTNER, { ...(await simpleMapping(api, sandbox)), mode: "off" });

  const filler = join(data, "filler");
  execFileSync("sh", ["-c", `dd if=/dev/zero of=${filler} bs=1k 2>/dev/null || true`]);
  const description = "x".repeat(15_000);
  const accepted = [];
  let refusal;
  for (let index = 0; index < 500 && !refusal; index++) {
    const answer = await post(api, alertEvent("raised", `full-${index}`, alertData(`pc-${index}`, { description })));
    if (answer.status === 202) accepted.push(`pc-${index}`);
    else refusal = answer;
  }
  assert.equal(refusal?.status, 503, JSON.stringify(refusal?.body));
  assert.match(refusal.body.code, /^store\./);
  assert.ok(refusal.headers.get("retry-after"));
  assert.ok(program.alive);
  assert.equal((await api.ask("GET", "/healthz")).status, 200);

  execFileSync("rm", [filler]);
  await until("events to be taken again", async () => (await post(api, alertEvent("raised", "after", alertData("pc-after")))).status === 202);
  await until("all that was acknowledged to be there", async () => (await api.records(PARTNER, "&kind=alert")).length === accepted.length + 1);
  assert.ok(await program.stop());
  assert.equal(execFileSync("sqlite3", [join(data, "crosswalk.db"), "PRAGMA integrity_check"], { encoding: "utf8" }).trim(), "ok");
});

test("a database that somebody else holds delays events or is answered with 503, and goes on afterwards", async (t) => {
  const { api, data } = await house(t);
  const holder = spawn("sqlite3", [join(data, "crosswalk.db")], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => holder.kill("SIGKILL"));
  holder.stdin.write(".timeout 5000\nBEGIN IMMEDIATE;\nSELECT 'held';\n");
  await once(holder.stdout, "data");
  const waiting = post(api, alertEvent("raised", "l-1", alertData("srv-01")));
  assert.equal((await api.ask("GET", `/v1/partners/${PARTNER}`)).status, 200, "reads go on");
  const status = await Promise.race([waiting.then((answer) => answer.status), once(holder, "close").then(() => "released"), new Promise((done) => setImmediate(done, "waiting"))]);
  assert.ok(["waiting", 503].includes(status), String(status));
  holder.stdin.end("ROLLBACK;\n.quit\n");
  await once(holder, "close");
  assert.ok([202, 503].includes((await waiting).status));
  await until("events to be taken again", async () => (await post(api, alertEvent("raised", "l-1", alertData("srv-01")))).status === 202);
});

test("an hour without ConnectWise delays tickets, parks none and doubles none", async (t) => {
  const RATE = 600;
  const HOUR_MS = 3_600_000 / RATE;
  const { api, sandbox } = await house(t, { env: { CROSSWALK_CLOCK_RATE: String(RATE), CROSSWALK_ENGINE_SETTLE: "30s" } });
  await sandbox.faults({ maintenance: true });
  const begin = Date.now();
  for (let index = 0; index < 5; index++) await api.send(alertEvent("raised", `h-${index}`, alertData(`srv-0${index}`)));
  await until("the circuit to open", async () => (await api.get(`/v1/partners/${PARTNER}/status`)).circuit.state !== "closed");
  await until("an hour to have passed", () => Date.now() - begin > HOUR_MS, { within: 2 * HOUR_MS });
  assert.equal((await api.records(PARTNER, "&state=parked")).length, 0);
  const calls = (await sandbox.calls()).filter((call) => call.status === 503).length;
  assert.ok(calls < 200, `${calls} calls at a closed door`);
  await sandbox.faults({ maintenance: false });
  await untilTickets(sandbox, 5, { within: 30_000 });
  await until("rest", async () => (await api.records(PARTNER, "&state=due")).length === 0);
  assert.equal((await ourTickets(sandbox)).length, 5);
});

test("a renamed status changes nothing, a deleted board is told and its triage board stands in", async (t) => {
  const { api, sandbox } = await house(t, { env: { CROSSWALK_ENGINE_REFERENCE_DATA_AGE_MAX: "1s" } });
  const data = await api.referenceData(PARTNER);
  const board = (name) => data.boards.find((each) => each.name === name);
  const mapping = await simpleMapping(api, sandbox, { triage_board: { id: board("Alerts/NOC").id, name: "Alerts/NOC" } });
  await api.publish(PARTNER, mapping);

  await api.send(alertEvent("raised", "r-1", alertData("srv-01")));
  const [first] = await untilTickets(sandbox, 1);
  await sandbox.change("rename", "service/boards/statuses", Number(mapping.defaults.statuses.resolved.id), { name: ">Done" });
  await api.send(alertEvent("resolved", "r-2", resolvedData("srv-01")));
  await until("the ticket to be closed by the renamed status", async () => (await sandbox.ticket(first.id)).status.name === ">Done");

  await sandbox.change("delete", "service/boards", Number(mapping.defaults.board.id));
  await api.send(alertEvent("raised", "r-3", alertData("srv-02")));
  const tickets = await untilTickets(sandbox, 2, { within: 20_000 });
  assert.equal(tickets.find((ticket) => ticket.id !== first.id).board.name, "Alerts/NOC");
  const validation = await api.get(`/v1/partners/${PARTNER}/mappings/alert_to_ticket/validate`, "POST", mapping);
  assert.equal(validation.valid, false);
  assert.ok(validation.problems.some((problem) => problem.pointer.includes("board")), JSON.stringify(validation.problems));
  assert.ok(await recordOf(api, "srv-02"));
});

test("a role that is narrowed and widened while alerts end closes each ticket once, and nothing of the technicians' is lost", async (t) => {
  const RATE = 40; // what is refused is looked at again after half a minute
  const random = moments(t);
  const env = {
    CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true",
    CROSSWALK_ENGINE_SETTLE: `${RATE / 10}s`,
    ...fastTime(RATE)(),
  };
  const settings = { storm: { alerts: 10_000, window: "5m" } };
  const sandboxArgs = ["--role", "Integration", "--clock-rate", String(RATE)];
  const { api, sandbox } = await house(t, { env, sandboxArgs, mapping: { settings } });
  const { told, url } = await product(t);
  await api.get("/v1/webhooks", "POST", { url });
  const role = async ({ tickets = "AEI", closing = "AEI", notes = true }) => {
    await sandbox.rights("Integration", "Service Tickets", tickets);
    await sandbox.rights("Integration", "Close Service Tickets", closing);
    const unread = { kind: "status", status: 403, method: "GET", path: "/service/tickets/*/notes*", count: null };
    await sandbox.faults({ latency_random_ms: 10, faults: notes ? [] : [unread] });
  };
  const mayClose = ({ tickets = "AEI", closing = "AEI" }) => tickets === "AEI" && closing === "AEI";
  const ROLES = [{}, { notes: false }, { closing: "" }, { tickets: "I" }, { tickets: "" }];
  // Each twice, in an order of chance.
  const places = new Map([...ROLES, ...ROLES].map((each) => [{ ...each }, random()]));
  const rounds = [...places.keys()].sort((a, b) => places.get(a) - places.get(b));

  // Of each round one alert just ends, one ends when its ticket is taken already, and the ticket of one is taken while it
  // cannot be closed.
  const names = rounds.map((_, round) => ["plain", "taken", "late"].map((what) => `${what}-${round}`));
  await api.sendBatch(names.flat().map((name) => alertEvent("raised", `${name}-raised`, alertData(name))));
  const tickets = await untilTickets(sandbox, names.flat().length);
  const ticketOf = (name) => tickets.find((ticket) => ticket.summary.includes(name)).id;
  /** What a technician does with a ticket; what can be read of it afterwards. */
  const ACTS = [
    { act: ["assign", { member: "jsmith" }], shows: (ticket) => ticket.owner?.identifier === "jsmith" },
    { act: ["move", { status: "In Progress" }], shows: (ticket) => ticket.status.name === "In Progress" },
    { act: ["time", { hours: "0.5", text: "Looked into it." }], shows: (ticket) => ticket.actualHours === 0.5 },
  ];
  const actOf = (name) => ACTS[Number(name.split("-")[1]) % ACTS.length];
  const take = (name) => sandbox.technician(actOf(name).act[0], ticketOf(name), actOf(name).act[1]);
  for (const [, taken] of names) await take(taken);

  for (const [round, [plain, taken, late]] of names.entries()) {
    await role(rounds[round]);
    await api.sendBatch(
      [plain, taken, late].map((name) => alertEvent("resolved", `${name}-resolved`, resolvedData(name))),
    );
    await api.send(alertEvent("raised", `new-${round}-raised`, alertData(`new-${round}`)));
    if (mayClose(rounds[round])) {
      // The experiment, not a wait for something.
      await pause(random() * 300);
    } else {
      // Refused once it is looked at again soon, refused twice it waits for a person.
      const states = random() < 0.5 ? ["parked"] : ["parked", "waiting"];
      await until("the close to be refused", async () => states.includes((await recordOf(api, late)).state));
      await take(late);
    }
    if (random() < 0.3) await api.ask("GET", `/v1/partners/${PARTNER}/check`);
  }
  await role({});
  const REASONS = ["psa.permission_missing", "psa.unrecognized_answer"];
  for (const { key, parked } of await api.records(PARTNER, "&state=parked"))
    assert.ok(REASONS.includes(parked.code), `${key} is parked for ${parked.code}`);
  const differences = async () => {
    const wrong = [];
    const all = await ourTickets(sandbox);
    const notes = await sandbox.notesByTicket();
    for (const name of [...names.flat(), ...names.map((_, round) => `new-${round}`)]) {
      const own = all.filter((ticket) => ticket.summary.includes(name));
      if (own.length !== 1) wrong.push(`${name}: ${own.length} tickets`);
      if (own.length !== 1) continue;
      const [ticket] = own;
      const round = Number(name.split("-")[1]);
      const isNew = name.startsWith("new");
      const isTaken = name.startsWith("taken") || (name.startsWith("late") && !mayClose(rounds[round]));
      const texts = notes.get(ticket.id).map((note) => note.text);
      const ends = texts.filter((text) => /reports that this is resolved/.test(text)).length;
      const closes = told.filter(
        (each) => each.type === "ticket.closed" && JSON.stringify(each.data).includes(name),
      ).length;
      const expected = Number(!isTaken && !isNew);
      if (new Set(texts).size !== texts.length) wrong.push(`${name}: a note stands twice`);
      if (ends !== Number(!isNew)) wrong.push(`${name}: ${ends} notes that it is resolved`);
      if (Number(Boolean(ticket.closedFlag)) !== expected || closes !== expected)
        wrong.push(`${name}: closed is ${ticket.closedFlag}, told ${closes} times`);
      if (isTaken && !actOf(name).shows(ticket)) wrong.push(`${name}: what the technician did is gone`);
    }
    return wrong;
  };
  // A check-up that passes wakes what is parked; what was refused once is looked at again by itself.
  await until("rest", async () => {
    await api.get(`/v1/partners/${PARTNER}/check`);
    const records = await api.records(PARTNER, "&kind=alert");
    return (
      records.every(({ state }) => state === "settled" || state === "waiting") && (await differences()).length === 0
    );
  }).catch(() => {});
  assert.deepEqual(await differences(), []);
  assert.deepEqual(await api.records(PARTNER, "&state=parked"), []);
});

test("a custom field that ConnectWise asks people for on tickets is told when a mapping is checked, and stops nothing", async (t) => {
  const { api, sandbox } = await house(t);
  const define = (caption, screenId, requiredFlag) =>
    fetch(`${sandbox.url}/v4_6_release/apis/3.0/system/userDefinedFields`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from("sandbox+sandbox-public:sandbox-private").toString("base64")}`, clientId: "e2e", "content-type": "application/json" },
      body: JSON.stringify({ podId: 1, caption, sequenceNumber: 1, screenId, fieldTypeIdentifier: "Text", requiredFlag }),
    });
  for (const [caption, screen, required] of [["Cost Centre", "", true], ["Nickname", "ct300", true], ["Colour", "", false]])
    assert.equal((await define(caption, screen, required)).status, 201);
  const checked = await api.get(`/v1/partners/${PARTNER}/mappings/alert_to_ticket/validate`, "POST", await simpleMapping(api, sandbox));
  const told = checked.problems.filter(({ code }) => code === "mapping.field_required");
  assert.equal(told.length, 1, "the contacts' field and the one that nobody must fill in are none of a ticket's");
  assert.match(told[0].message, /"Cost Centre"/);
  assert.ok(checked.valid);
  await api.send(alertEvent("raised", "cost-1", alertData("pc-cost")));
  await untilTickets(sandbox, 1);
});

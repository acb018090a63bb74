import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PARTNER, alertData, alertEvent, house, ourTickets, resolvedData, sandboxPartner, serve, serveSandbox, simpleMapping, until, untilTickets } from "./support.mjs";

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

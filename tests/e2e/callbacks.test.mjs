import assert from "node:assert/strict";
import { test } from "node:test";
import { PARTNER, alertData, alertEvent, house, ourTickets, product, runCrosswalk, until, untilTickets } from "./support.mjs";

const state = async (api, kind) => (await api.get(`/v1/partners/${PARTNER}/callbacks`)).kinds.find((each) => each.kind === kind).state;
const counted = async (api, name) => Number(new RegExp(`^${name} (\\d+)`, "m").exec((await api.ask("GET", "/metrics")).body)[1]);

test("what a technician does is known within seconds, by a callback that is proven, and no secret shows anywhere", async (t) => {
  const { api, sandbox, program, data } = await house(t, { callbacks: true, env: { CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true" } });
  const receiver = await product(t);
  await api.get("/v1/webhooks", "POST", { url: receiver.url });
  await api.send(alertEvent("raised", "srv-01-raised", alertData("srv-01")));
  const [ticket] = await untilTickets(sandbox, 1);
  await until("the echo of our own ticket", async () => (await state(api, "ticket")) === "heard");
  assert.equal(await counted(api, "crosswalk_callbacks_news_total"), 0);

  await sandbox.technician("assign", ticket.id, { member: "jsmith" });
  await until("the product to hear of it", () => receiver.told.some((each) => each.type === "ticket.assigned"));
  assert.equal(await counted(api, "crosswalk_sweeps_total"), 0);
  assert.ok((await counted(api, "crosswalk_callbacks_news_total")) >= 1);
  assert.equal(await counted(api, "crosswalk_callbacks_refused_total"), 0);

  const [registered] = await sandbox.list("system/callbacks");
  const forged = await fetch(registered.url + ticket.id, { method: "POST", headers: { "x-content-signature": "AAAA" }, body: JSON.stringify({ Type: "ticket", ID: ticket.id, Action: "deleted", Metadata: { key_url: "http://127.0.0.1:9/system/callbackkey/index.rails" } }) });
  assert.equal(forged.status, 204, "answered at once, whatever it is");
  await until("it to be refused", async () => (await counted(api, "crosswalk_callbacks_refused_total")) === 1);
  assert.equal((await ourTickets(sandbox)).length, 1);
  const secret = registered.url.split("/").at(-1).split("?")[0];
  assert.ok(!program.output().includes(secret), "the secret is in no log");

  const shown = await runCrosswalk(["callbacks", PARTNER, "--data", data]);
  assert.equal(shown.code, 0, shown.output());
  assert.match(shown.stdout, /ticket\s+heard/);
  assert.ok(!shown.stdout.includes(secret));
});

test("a registration that ConnectWise has disabled is enabled, and one of a disconnected partner is removed", async (t) => {
  const { api, sandbox, data } = await house(t, { callbacks: true });
  const [registered] = await until("the registration", async () => {
    const all = await sandbox.list("system/callbacks");
    return all.length > 0 && all;
  });
  assert.equal(registered.type, "ticket");
  const headers = { authorization: `Basic ${Buffer.from("sandbox+sandbox-public:sandbox-private").toString("base64")}`, clientId: "00000000-0000-4000-8000-000000000001", "content-type": "application/json" };
  const disabled = await fetch(`${sandbox.url}/v4_6_release/apis/3.0/system/callbacks/${registered.id}`, { method: "PATCH", headers, body: JSON.stringify([{ op: "replace", path: "inactiveFlag", value: true }]) });
  assert.equal(disabled.status, 200);
  const checked = await runCrosswalk(["callbacks", PARTNER, "--check", "--data", data]);
  assert.equal(checked.code, 0, checked.output());
  assert.equal((await sandbox.list("system/callbacks"))[0].inactiveFlag, false);

  const gone = await runCrosswalk(["partners", "disconnect", PARTNER, "--data", data]);
  assert.equal(gone.code, 0, gone.output());
  assert.match(gone.stdout, /1 callback was removed/);
  assert.deepEqual(await sandbox.list("system/callbacks"), []);
  assert.equal((await api.get(`/v1/partners/${PARTNER}`)).paused, true);
  await runCrosswalk(["partners", "resume", PARTNER, "--data", data]);
  await until("it to be registered again", async () => (await sandbox.list("system/callbacks")).length === 1);
});

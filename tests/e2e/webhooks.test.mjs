import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { Crosswalk, PARTNER, TEST_ENVIRONMENT, adminKey, alertData, alertEvent, binaries, house, ourTickets, resolvedData, startCrosswalk, until } from "./support.mjs";

const ENVIRONMENT = { CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true" };
/** Storms would hold tickets back for their parent. */
const NO_STORMS = { settings: { storm: { alerts: 10_000, window: "5m" } } };

/** What the vendor's product has: it keeps what comes, and answers as `answer(message)` says; 0 is no answer at all. */
class Receiver {
  constructor() {
    this.messages = [];
    this.answer = () => 204;
    this.hanging = new Set();
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString("utf8");
      const message = { path: request.url, headers: request.headers, text, id: request.headers["webhook-id"], ...JSON.parse(text) };
      message.status = this.answer(message);
      message.taken = message.status >= 200 && message.status < 300;
      this.messages.push(message);
      if (message.status === 0) this.hanging.add(response);
      else response.writeHead(message.status).end();
    });
  }

  async start(t) {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    t.after(() => {
      this.server.closeAllConnections();
      this.server.close();
    });
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  /** Those that were taken, each once. */
  taken(path) {
    const seen = new Set();
    return this.messages.filter((message) => message.taken && (!path || message.path === path) && !seen.has(message.path + message.id) && seen.add(message.path + message.id));
  }

  types(key, path) {
    return this.taken(path)
      .filter((message) => message.data.record?.key.includes(key))
      .map((message) => message.type);
  }
}

const LIFE = ["ticket.created", "ticket.status_changed", "ticket.closed"];
const receiver = (t) => new Receiver().start(t);
const add = (api, url, more = {}) => api.get("/v1/webhooks", "POST", { url, ...more });
const raise = (api, name) => api.send(alertEvent("raised", `${name}-raised`, alertData(name)));
const resolve = (api, name) => api.send(alertEvent("resolved", `${name}-resolved`, resolvedData(name)));

test("a ticket's life reaches the product, signed as the Standard Webhooks library verifies it", async (t) => {
  const { api } = await house(t, { env: ENVIRONMENT, mapping: NO_STORMS });
  const product = await receiver(t);
  const { id, secret } = await add(api, `${product.url}/hook`);
  const closed = await add(api, `${product.url}/closed`, { types: ["ticket.closed"], partners: [PARTNER] });

  const tested = await api.get(`/v1/webhooks/${id}/test`, "POST", {});
  assert.deepEqual([tested.delivered, tested.status], [true, 204]);
  assert.equal(new Webhook(secret).verify(product.messages[0].text, product.messages[0].headers).type, "webhook.test");

  await raise(api, "srv-01");
  await until("the ticket to be told", () => product.types("srv-01", "/hook").length === 1);
  await resolve(api, "srv-01");
  await until("the whole life", () => product.types("srv-01", "/hook").length === 3 && product.types("srv-01", "/closed").length === 1);
  assert.deepEqual(product.types("srv-01", "/hook"), LIFE);
  assert.deepEqual(product.types("srv-01", "/closed"), ["ticket.closed"]);
  for (const message of product.taken()) {
    const body = new Webhook(message.path === "/hook" ? secret : closed.secret).verify(message.text, message.headers);
    assert.ok(body.type === "webhook.test" || body.data.partner === PARTNER);
    assert.throws(() => new Webhook(message.path === "/hook" ? closed.secret : secret).verify(message.text, message.headers));
    assert.throws(() => new Webhook(secret).verify(`${message.text} `, message.headers));
  }

  const rotated = await api.get(`/v1/webhooks/${id}/rotate`, "POST", { grace: "1h" });
  await raise(api, "srv-02");
  await until("an event after the rotation", () => product.types("srv-02", "/hook").length === 1);
  const newest = product.taken("/hook").at(-1);
  for (const each of [secret, rotated.secret]) new Webhook(each).verify(newest.text, newest.headers);
  await api.get(`/v1/webhooks/${id}/rotate`, "POST", { grace: "0" });
  await resolve(api, "srv-02");
  await until("an event without grace", () => product.types("srv-02", "/hook").length === 3);
  const last = product.taken("/hook").at(-1);
  for (const each of [secret, rotated.secret]) assert.throws(() => new Webhook(each).verify(last.text, last.headers));

  await until("all six to be known as delivered", async () => {
    const { deliveries } = await api.get(`/v1/webhooks/${id}/deliveries`);
    return deliveries.length === 6 && deliveries.every((delivery) => delivery.state === "delivered" && delivery.attempts === 1);
  });
  await until("them to be counted", async () => (await api.ask("GET", "/metrics")).body.includes(`crosswalk_webhook_delivered_total{webhook="${id}"} 6`));
});

test("a receiver that fails and hangs gets everything in order once it is well, and slows no other meanwhile", async (t) => {
  // Sixty times as fast: the time between attempts passes in no time.
  const { api } = await house(t, { env: { ...ENVIRONMENT, CROSSWALK_CLOCK_RATE: "60", CROSSWALK_WEBHOOKS_TIMEOUT: "60s" }, mapping: NO_STORMS });
  const ill = await receiver(t);
  const well = await receiver(t);
  const { id } = await add(api, ill.url);
  await add(api, well.url);
  const names = Array.from({ length: 12 }, (_, index) => `srv-${String(index).padStart(2, "0")}`);

  ill.answer = () => 500;
  for (const name of names) await raise(api, name);
  await until("the well one to know all tickets", () => names.every((name) => well.types(name).length === 1));
  await until("the circuit to open", async () => (await api.get(`/v1/webhooks/${id}`)).circuit === "open");
  ill.answer = () => 0;
  for (const name of names) await resolve(api, name);
  await until("the well one to know all ends", () => names.every((name) => well.types(name).length === 3));
  await until("one to hang", () => ill.hanging.size > 0, { within: 30_000 });
  assert.equal(ill.taken().length, 0);
  assert.ok(ill.messages.length < 60, `${ill.messages.length} attempts at a closed door`);

  ill.answer = () => 200;
  for (const response of ill.hanging) response.destroy();
  await until("everything to arrive", () => names.every((name) => ill.types(name).length === 3), { within: 60_000 });
  for (const name of names) assert.deepEqual(ill.types(name), LIFE, name);
  await until("nothing to wait", async () => (await api.get(`/v1/webhooks/${id}`)).waiting === 0);
});

test("410 disables a webhook; enabled again, it goes on where it stopped", async (t) => {
  const { api } = await house(t, { env: ENVIRONMENT, mapping: NO_STORMS });
  const product = await receiver(t);
  const { id } = await add(api, product.url);
  product.answer = () => 410;
  await raise(api, "srv-01");
  const disabled = await until("the webhook to be disabled", async () => {
    const webhook = await api.get(`/v1/webhooks/${id}`);
    return !webhook.enabled && webhook;
  });
  assert.match(disabled.disabled_why, /410/);
  const path = `/v1/partners/${PARTNER}/records?kind=alert`;
  await resolve(api, "srv-01");
  await until("the ticket to be closed", async () => (await api.get(path)).records.every((record) => record.state === "settled"));
  assert.equal(product.messages.length, 1, "nothing is sent to a disabled webhook");
  product.answer = () => 204;
  await api.get(`/v1/webhooks/${id}`, "PATCH", { enabled: true });
  await until("all of it", () => product.types("srv-01").length === 3);
  assert.deepEqual(product.types("srv-01"), LIFE);
});

test("killed again and again while receivers fail, it tells everything, and of each record in order", async (t) => {
  const KILLS = 12;
  const env = { ...TEST_ENVIRONMENT, ...ENVIRONMENT };
  const { data, sandbox, api: first, program: firstProgram } = await house(t, { env, mapping: NO_STORMS });
  let api = first;
  let program = firstProgram;
  t.after(() => program.kill());
  const product = await receiver(t);
  await add(api, product.url);
  let count = 0;
  product.answer = () => (++count % 3 === 0 ? 500 : 200);
  const names = [];
  /** What is resolved before it has a ticket gets none, and there would be nothing to tell. */
  const resolveAll = async (some) => {
    await until("their tickets", async () => {
      const tickets = await ourTickets(sandbox);
      return some.every((name) => tickets.some((ticket) => ticket.summary.includes(name.toUpperCase()) || ticket.summary.includes(name)));
    });
    for (const name of some) await resolve(api, name);
  };
  for (let round = 0; round < KILLS; round++) {
    for (let each = 0; each < 3; each++) {
      const name = `k-${round}-${each}`;
      names.push(name);
      await raise(api, name);
    }
    if (round > 0) await resolveAll(names.slice(-6, -3));
    const before = product.messages.length;
    await until("something to be sent", () => product.messages.length > before + (round % 3), { within: 30_000 });
    program.kill();
    await program.ended;
    program = startCrosswalk(data, ["--port", "0"], { env });
    api = new Crosswalk(await program.address(), adminKey(data));
  }
  await resolveAll(names.slice(-3));
  product.answer = () => 200;
  await until("everything to arrive", () => names.every((name) => product.types(`${name}/`).length >= 3), { within: 60_000 });
  for (const name of names) assert.deepEqual(product.types(`${name}/`), LIFE, name);
  // What was refused is never overtaken by what came after it.
  const pending = new Map();
  for (const message of product.messages) {
    const key = message.data.record.key;
    if (pending.has(key)) assert.equal(message.id, pending.get(key), `${key}: overtaken`);
    if (message.taken) pending.delete(key);
    else pending.set(key, message.id);
  }
  assert.ok(await program.stop());
});

test("asked to stop while a receiver hangs, it ends soon, and tells it after the next start", async (t) => {
  const env = { ...TEST_ENVIRONMENT, ...ENVIRONMENT };
  const { data, api, program } = await house(t, { env, mapping: NO_STORMS });
  const product = await receiver(t);
  await add(api, product.url);
  product.answer = () => 0;
  await raise(api, "srv-01");
  await until("it to hang", () => product.hanging.size === 1);
  assert.ok(await program.stop({ within: 10_000 }), program.output());
  assert.equal(program.code, 0, program.output());
  product.answer = () => 204;
  const again = startCrosswalk(data, ["--port", "0"], { env });
  t.after(() => again.kill());
  await again.address();
  await until("the ticket to be told", () => product.types("srv-01").length === 1);
  assert.equal(new Set(product.messages.map((message) => message.id)).size, 1, "the same event, and so the same id");
  assert.ok(await again.stop());
});

test("an event that is given up is a dead letter until it is replayed; the command line does it", async (t) => {
  const { data, api } = await house(t, { env: { ...ENVIRONMENT, CROSSWALK_CLOCK_RATE: "600", CROSSWALK_WEBHOOKS_GIVE_UP_AFTER: "10m", CROSSWALK_WEBHOOKS_TIMEOUT: "2m" }, mapping: NO_STORMS });
  const product = await receiver(t);
  const run = (...words) => JSON.parse(execFileSync(join(binaries, "crosswalk"), ["webhooks", ...words, "--data", data, "--json"], { encoding: "utf8" }));
  const { id, secret } = run("add", "--url", product.url, "--events", "ticket.created");
  assert.match(secret, /^whsec_/);
  product.answer = () => 500;
  await raise(api, "srv-01");
  const { deliveries } = await until("a dead letter", () => {
    const page = run("failed", id);
    return page.deliveries.length === 1 && page;
  });
  assert.equal(deliveries[0].type, "ticket.created");
  assert.equal(deliveries[0].status, 500);
  assert.equal(run("list").webhooks[0].dead, 1);
  product.answer = () => 200;
  assert.equal(run("replay", id, "--event", deliveries[0].event).replayed, 1);
  await until("it to arrive", () => product.types("srv-01").length === 1, { within: 30_000 });
  await until("nothing to be dead", () => run("show", id).dead === 0);
});

test("what has happened since a time is told again: each once, in order, under its id and marked", async (t) => {
  const { data, api } = await house(t, { env: ENVIRONMENT, mapping: NO_STORMS });
  const product = await receiver(t);
  const run = (...words) => JSON.parse(execFileSync(join(binaries, "crosswalk"), ["webhooks", ...words, "--data", data, "--json"], { encoding: "utf8" }));
  const { id, secret } = await add(api, `${product.url}/hook`);
  const since = new Date(Date.now() - 60_000).toISOString();
  await raise(api, "srv-01");
  await until("the ticket", () => product.types("srv-01").length === 1);
  await resolve(api, "srv-01");
  await until("its life", () => product.types("srv-01").length === 3);
  await until("all to be known as taken", async () => (await api.get(`/v1/webhooks/${id}`)).waiting === 0);

  const dry = run("replay", id, "--since", since, "--dry-run");
  assert.deepEqual([dry.would_replay, dry.replayed, dry.already_waiting], [3, 0, 0]);
  assert.equal(product.messages.length, 3, "asking sends nothing");
  assert.equal(run("replay", id, "--since", since).replayed, 3);
  await until("all of it once more", () => product.messages.length === 6);
  const [first, again] = [product.messages.slice(0, 3), product.messages.slice(3)];
  assert.deepEqual(again.map((message) => message.id), first.map((message) => message.id), "in order, and a receiver can tell that it knows them");
  assert.ok(first.every((message) => message.replayed_at === undefined));
  for (const message of again) {
    const body = new Webhook(secret).verify(message.text, message.headers);
    assert.ok(Date.parse(body.replayed_at) > Date.parse(body.timestamp));
  }
  // One that is new hears what was before it.
  const late = await add(api, `${product.url}/late`, { types: ["ticket.closed"] });
  assert.equal(run("replay", late.id, "--since", "1h").replayed, 1);
  await until("the close", () => product.types("srv-01", "/late").length === 1);
  assert.deepEqual(product.types("srv-01", "/late"), ["ticket.closed"]);

  const refusal = async (time) => (await api.ask("POST", `/v1/webhooks/${id}/replay`, { since: time })).body.code;
  assert.equal(await refusal(new Date(Date.now() + 3_600_000).toISOString()), "webhook.replay_time");
  assert.equal(await refusal("last week"), "webhook.replay_time");
  assert.equal(await refusal("2001-01-01T00:00:00Z"), "webhook.replay_too_old");
});

test("events of an alert name it as the product does, with its members", async (t) => {
  const { api } = await house(t, { env: ENVIRONMENT, mapping: NO_STORMS });
  const product = await receiver(t);
  await add(api, product.url);
  await api.send(alertEvent("raised", "first-raise", alertData("srv-01", { alert_id: "A-4711" })));
  await until("the ticket", () => product.types("srv-01").length === 1);
  await resolve(api, "srv-01");
  await until("its life", () => product.types("srv-01").length === 3);
  for (const { type, data } of product.taken()) {
    assert.equal(data.alert.alert_id, "A-4711", type);
    assert.deepEqual([data.alert.product, data.alert.customer, data.alert.subject, data.alert.condition], ["acme-edr", "contoso", "srv-01", "malware.found"], type);
    assert.equal(data.alert.raised_by.id, "first-raise", type);
    assert.equal(data.alert.url, "https://edr.example/alerts/srv-01", type);
  }
  const series = (fingerprint, severity) => ({
    status: "firing",
    labels: { alertname: "DiskFull", customer: "contoso", instance: "srv-09", severity },
    annotations: { summary: "Disk full" },
    startsAt: new Date().toISOString(),
    fingerprint,
  });
  await api.get(`/v1/sources/alertmanager/${PARTNER}`, "POST", { version: "4", receiver: "crosswalk", alerts: [series("f1", "critical"), series("f2", "warning")] });
  await until("the ticket of the series", () => product.types("srv-09").length === 1);
  const { alert } = product.taken().at(-1).data;
  assert.deepEqual(alert.members.map(({ instance, fires }) => [instance, fires]).sort(), [["f1", true], ["f2", true]]);
});

test("a webhook that fails for long is told to the others and never to itself, and so is its return", async (t) => {
  // Six hundred times as fast: ten minutes are a second.
  const { api } = await house(t, { env: { ...ENVIRONMENT, CROSSWALK_CLOCK_RATE: "600", CROSSWALK_WEBHOOKS_TIMEOUT: "2m" }, mapping: NO_STORMS });
  const ill = await receiver(t);
  const well = await receiver(t);
  const { id } = await add(api, ill.url, { description: "the one that fails" });
  await add(api, well.url);
  ill.answer = () => 503;
  for (const name of ["srv-01", "srv-02", "srv-03", "srv-04", "srv-05", "srv-06"]) await raise(api, name);
  const told = (type) => well.taken().find((message) => message.type === type);
  const failing = await until("the other to be told", () => told("webhook.failing"), { within: 60_000 });
  assert.deepEqual([failing.data.webhook.id, failing.data.state, failing.data.cause], [id, "refused", "503"]);
  assert.equal(failing.data.webhook.description, "the one that fails");
  const shown = await api.get(`/v1/webhooks/${id}`);
  assert.deepEqual([shown.failing.state, shown.failing.cause], ["refused", "503"]);
  assert.match((await api.ask("GET", "/metrics")).body, new RegExp(`crosswalk_webhook_in_order\\{webhook="${id}",state="refused",cause="503"\\} 0`));
  ill.answer = () => 204;
  const restored = await until("its return to be told", () => told("webhook.restored"), { within: 60_000 });
  assert.equal(restored.data.was.cause, "503");
  assert.equal((await api.get(`/v1/webhooks/${id}`)).failing, undefined);
  assert.ok(ill.messages.every((message) => !message.type.startsWith("webhook.")));
});

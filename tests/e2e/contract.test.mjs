import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { PARTNER, alertData, alertEvent, cloudEvent, house, root, sandboxPartner, simpleMapping, until, untilTickets } from "./support.mjs";

const contractText = readFileSync(join(root, "api/openapi.yaml"), "utf8");
const contract = parse(contractText);
const METHODS = ["get", "put", "post", "patch", "delete"];

/** Operations of the contract: operationId -> { method, template, operation }. */
const operations = new Map();
for (const [template, item] of Object.entries(contract.paths))
  for (const method of METHODS) if (item[method]) operations.set(item[method].operationId, { method: method.toUpperCase(), template, operation: item[method] });

function follow(value) {
  if (!value?.$ref) return value;
  return value.$ref
    .replace(/^#\//, "")
    .split("/")
    .reduce((place, name) => place[name.replace(/~1/g, "/").replace(/~0/g, "~")], contract);
}

/** Checks answers against the contract, by ajv, and remembers which operations have been answered with what. */
class ContractCheck {
  constructor() {
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema({ ...contract, $id: "https://crosswalk.example/openapi.yaml" });
    this.validators = new Map();
    this.seen = new Map([...operations.keys()].map((id) => [id, new Set()]));
  }

  validator(schema) {
    const key = JSON.stringify(schema);
    if (!this.validators.has(key)) {
      const absolute = JSON.parse(key.replaceAll('"$ref":"#/', '"$ref":"https://crosswalk.example/openapi.yaml#/'));
      this.validators.set(key, this.ajv.compile(absolute));
    }
    return this.validators.get(key);
  }

  /** Fails when the answer to this operation is not one that the contract allows. */
  check(id, answer) {
    const { operation } = operations.get(id);
    const said = follow(operation.responses[answer.status] ?? operation.responses.default);
    assert.ok(said, `${id} answered ${answer.status}, which the contract does not know: ${JSON.stringify(answer.body)}`);
    this.seen.get(id).add(answer.status);
    if (!said.content) return assert.equal(answer.body, "", `${id}: ${answer.status} has no body`);
    const type = (answer.headers.get("content-type") ?? "").split(";")[0].trim();
    assert.ok(said.content[type], `${id} answered ${answer.status} as "${type}", the contract says ${Object.keys(said.content)}`);
    if (!/json$/.test(type)) return assert.equal(typeof answer.body, "string");
    const validate = this.validator(said.content[type].schema);
    assert.ok(validate(answer.body), `${id}: ${this.ajv.errorsText(validate.errors, { separator: "\n" })}\n${JSON.stringify(answer.body, null, 1).slice(0, 2000)}`);
  }
}

test("the contract is a valid OpenAPI 3.1 document", async () => {
  const validator = new Validator();
  for (const name of readdirSync(join(root, "api/schemas"))) await validator.addSpecRef(JSON.parse(readFileSync(join(root, "api/schemas", name), "utf8")), `./schemas/${name}`);
  const result = await validator.validate(structuredClone(contract));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.equal(validator.version, "3.1");
  assert.equal(operations.size, new Set(operations.keys()).size);
});

test("every operation answers as the contract says, in success and in refusal", async (t) => {
  const { api, sandbox } = await house(t, { callbacks: true, env: { CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true" } });
  const check = new ContractCheck();
  /** Asks, checks the answer against the contract, expects the status, gives the body. */
  const ask = async (id, status, { path = {}, query = "", body, headers, as = api } = {}) => {
    const { method, template } = operations.get(id);
    const target = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent({ partner: PARTNER, workflow: "alert_to_ticket", ...path }[name]));
    const answer = await as.ask(method, target + query, body, headers);
    check.check(id, answer);
    assert.equal(answer.status, status, `${id}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const event = (text) => ({ body: JSON.stringify(text), headers: { "content-type": "application/cloudevents+json" } });
  const batch = (text) => ({ body: JSON.stringify(text), headers: { "content-type": "application/cloudevents-batch+json" } });

  await t.test("intake", async () => {
    const raised = alertEvent("raised", "c-1", alertData("srv-01"));
    assert.deepEqual(await ask("postEvents", 202, event(raised)), { accepted: 1, duplicates: 0, conflicts: 0, rejected: 0 });
    assert.equal((await ask("postEvents", 202, event(raised))).duplicates, 1);
    await ask("postEvents", 409, event({ ...raised, data: { ...raised.data, title: "Another" } }));
    const mixed = await ask("postEvents", 202, batch([alertEvent("raised", "c-2", alertData("srv-02")), { ...raised, id: "c-3", data: {} }]));
    assert.deepEqual([mixed.accepted, mixed.rejected], [1, 1]);
    assert.equal(mixed.events[1].status, "rejected");
    assert.match(mixed.events[1].problem.pointer, /^\/1\/data/);
    await ask("postEvents", 422, batch([{ ...raised, id: "c-4", data: {} }]));
    await ask("postEvents", 422, event({ ...raised, id: "c-5", type: "alert.exploded" }));
    await ask("postEvents", 400, { body: "{", headers: { "content-type": "application/cloudevents+json" } });
    await ask("postEvents", 415, { body: "x", headers: { "content-type": "text/plain" } });
    await ask("postEvents", 413, batch(Array.from({ length: 1001 }, (_, index) => ({ ...raised, id: `many-${index}` }))));
    const binary = await ask("postEvents", 202, {
      body: JSON.stringify(alertData("srv-03")),
      headers: { "content-type": "application/json", "ce-specversion": "1.0", "ce-id": "c-6", "ce-source": "/acme", "ce-type": "alert.raised.v1", "ce-partner": PARTNER },
    });
    assert.equal(binary.accepted, 1);
    const notification = { version: "4", alerts: [{ status: "firing", labels: { alertname: "Up", customer: "contoso", instance: "a" }, annotations: {}, startsAt: new Date().toISOString(), fingerprint: "f1" }] };
    await ask("postAlertmanager", 202, { body: notification });
    await ask("postAlertmanager", 422, { body: { version: "3", alerts: [] } });
    const { refused } = await ask("getIntakeNotes", 200);
    assert.deepEqual([...new Set(refused.map(({ source }) => source))].sort(), ["alertmanager", "cloudevents"]);
    await ask("getIntakeNotes", 404, { path: { partner: "nobody" } });
    await ask("postAlertmanager", 404, { path: { partner: "nobody" }, body: notification });
  });

  await t.test("partners", async () => {
    assert.deepEqual((await ask("listPartners", 200)).partners.map((partner) => partner.id), [PARTNER]);
    const second = sandboxPartner("fabrikam-it", "Fabrikam IT", sandbox.url);
    const added = await ask("addPartner", 201, { body: second });
    assert.ok(added.has_credentials);
    assert.doesNotMatch(JSON.stringify(added), new RegExp(second.private_key));
    await ask("addPartner", 409, { body: second });
    await ask("addPartner", 422, { body: { ...second, id: "UPPER case" } });
    await ask("getPartner", 200);
    await ask("getPartner", 404, { path: { partner: "nobody" } });
    assert.equal((await ask("changePartner", 200, { path: { partner: "fabrikam-it" }, body: { paused: true } })).paused, true);
    await ask("changePartner", 422, { body: { paused: "perhaps" } });
    const stale = await ask("changePartner", 409, { path: { partner: "fabrikam-it" }, body: { name: "Other" }, headers: { "if-match": '"1"' } });
    assert.deepEqual([stale.changes[0].act, stale.changes[0].by.name, stale.changes[0].after.paused], ["partner.pause", "administration", true]);
    await ask("getPartnerStatus", 200);
    const checked = await ask("checkPartner", 200);
    assert.deepEqual(checked.checks.filter((each) => !each.passed).map(({ name }) => name), ["Intake"], "what Alertmanager lost above");
    assert.ok(!checked.healthy);
    const data = await ask("getReferenceData", 200);
    assert.ok(data.boards.length > 0);
    assert.ok(data.objects.company_types.length > 0 && data.objects.configuration_statuses.length > 0);
    await api.send(cloudEvent({ id: "c-customer", partner: PARTNER, type: "customer.upserted.v1", data: { customer: "granite", name: "Granite Builders", website: "granitebuild.example" } }));
    const { companies, customers } = await ask("matchCustomers", 200);
    assert.equal(companies, 20);
    assert.deepEqual(customers.map(({ customer, state }) => [customer, state]), [["contoso", "mapped"], ["granite", "sure"]]);
    assert.ok(customers[1].candidates[0].reasons.length > 0);
    await ask("matchCustomers", 404, { path: { partner: "nobody" } });
    const proof = await ask("verifyPartner", 200);
    assert.ok(proof.proven);
    await ask("verifyPartner", 404, { path: { partner: "nobody" } });
    assert.deepEqual((await ask("getDrift", 200)).differences, []);
    await ask("getDrift", 404, { path: { partner: "nobody" } });
    const told = await until("our own tickets to come back", async () => {
      const answer = await ask("getCallbacks", 200);
      return answer.kinds[0].state === "heard" && answer;
    });
    assert.ok(told.enabled);
    assert.deepEqual(told.kinds.map(({ kind, state }) => [kind, state]), [["ticket", "heard"], ["company", "off"], ["contact", "off"], ["configuration", "off"]]);
    await ask("getCallbacks", 404, { path: { partner: "nobody" } });
    assert.ok((await ask("checkCallbacks", 200)).kinds[0].registration);
    await ask("checkCallbacks", 409, { path: { partner: "fabrikam-it" } });
    const [{ url: address }] = await sandbox.list("system/callbacks");
    const secret = address.split("/").at(-1).split("?")[0];
    await ask("takeCallback", 204, { path: { secret }, query: "?recordId=1&action=updated", body: {} });
    await ask("takeCallback", 404, { path: { secret: `${secret.slice(1)}A` }, body: {} });
    await ask("takeCallback", 404, { path: { partner: "fabrikam-it", secret }, body: {} });
    const gone = await ask("disconnectPartner", 200, { path: { partner: "fabrikam-it" } });
    assert.deepEqual([gone.paused, gone.callbacks_removed, gone.problem], [true, 0, null]);
    await ask("disconnectPartner", 404, { path: { partner: "nobody" } });
    const fabrikam = { path: { partner: "fabrikam-it" } };
    assert.equal((await ask("getRemoval", 200, fabrikam)).erase_at, undefined);
    await ask("getRemoval", 404, { path: { partner: "nobody" } });
    await ask("removePartner", 422, { ...fabrikam, query: "?grace=1s" });
    const leaving = await ask("removePartner", 202, { ...fabrikam, query: "?grace=7d" });
    assert.equal((await ask("getPartner", 200, fabrikam)).erase_at, leaving.erase_at);
    await ask("changePartner", 422, { ...fabrikam, body: { paused: false } });
    await ask("keepPartner", 200, fabrikam);
    await ask("keepPartner", 422, fabrikam);
    await api.send(cloudEvent({ id: "c-contact", partner: PARTNER, type: "contact.upserted.v1", data: { contact: "p-1", customer: "granite", first_name: "Ada", email: "ada@granitebuild.example" } }));
    assert.ok((await ask("forgetRecord", 200, { path: { kind: "contact", key: "p-1" } })).rows > 0);
    await ask("forgetRecord", 404, { path: { kind: "contact", key: "p-1" } });
  });

  await t.test("mappings", async () => {
    const mapping = await simpleMapping(api, sandbox);
    assert.equal((await ask("getMapping", 200)).live.state, "live");
    assert.equal((await ask("getMappingVersion", 200, { path: { version: 1 } })).version, 1);
    await ask("getMappingVersion", 404, { path: { version: 99 } });
    assert.equal((await ask("suggestMapping", 200)).document.mode, "test");
    await ask("validateMapping", 200, { body: mapping });
    for (const workflow of ["customer_to_company", "contact_to_contact", "device_to_configuration"]) {
      const path = { workflow };
      const suggestion = await ask("suggestMapping", 200, { path });
      assert.ok(suggestion.choices.length > 0, workflow);
      const checked = await ask("validateMapping", 200, { path, body: suggestion.document });
      assert.deepEqual([checked.valid, checked.references_checked, checked.problems], [true, true, []]);
    }
    const nowhere = await ask("validateMapping", 200, { path: { workflow: "device_to_configuration" }, body: { workflow: "device_to_configuration", default_type: { id: 99999 } } });
    assert.deepEqual([nowhere.valid, nowhere.problems.map((each) => each.pointer)], [false, ["/default_type"]]);
    const broken = { ...mapping, defaults: { ...mapping.defaults, board: { id: 99999, name: "Gone" } } };
    assert.equal((await ask("validateMapping", 200, { body: broken })).valid, false);
    await ask("publishMapping", 409); // there is no draft
    await ask("putMappingDraft", 422, { body: { workflow: "alert_to_ticket", colour: "blue" } });
    await ask("putMappingDraft", 200, { body: broken });
    await ask("publishMapping", 422, { body: {} });
    await ask("putMappingDraft", 200, { body: mapping });
    await ask("publishMapping", 200, { body: { comment: "Back to the board that exists" } });
  });

  await t.test("plans and records", async () => {
    await untilTickets(sandbox, 3);
    const mapping = await simpleMapping(api, sandbox);
    await api.publish(PARTNER, { ...mapping, mode: "test" });
    await api.send(alertEvent("raised", "c-7", alertData("srv-07")));
    await until("the event to be folded", async () => (await api.records(PARTNER)).some((record) => record.key.includes("srv-07")));
    const plan = await ask("getPlan", 200);
    assert.equal(plan.summary.create, 1);
    assert.equal(plan.writes_sent, 0);
    await ask("getPlan", 409, { query: "?draft=true" }); // there is none
    await ask("putMappingDraft", 200, { body: { ...mapping, mode: "live" } });
    const drafted = await ask("getPlan", 200, { query: "?draft=true" });
    assert.deepEqual([drafted.draft, drafted.mode, plan.mode], [true, "live", "test"]);
    const saved = await ask("savePlan", 201, { body: {} });
    assert.equal((await ask("getSavedPlan", 200, { path: { plan: saved.id } })).hash, saved.hash);
    await ask("getSavedPlan", 404, { path: { plan: "nothing" } });
    const report = await ask("applyPlan", 200, { path: { plan: saved.id } });
    assert.ok(report.applied > 0 && report.refused === 0 && report.unknown === 0, JSON.stringify(report));
    await ask("applyPlan", 409, { path: { plan: saved.id } });

    const listed = await ask("listRecords", 200, { query: "?kind=alert&limit=2" });
    assert.equal(listed.records.length, 2);
    assert.ok(listed.next);
    await ask("listRecords", 200, { query: `?kind=alert&after=${encodeURIComponent(listed.next)}` });
    const path = { kind: "alert", key: listed.records[0].key };
    await ask("getRecord", 200, { path });
    await ask("getRecord", 404, { path: { kind: "alert", key: "nothing" } });
    assert.ok((await ask("explainRecord", 200, { path })).story.length > 0);
    assert.equal((await ask("replay", 200, { body: path })).records, 1);
  });

  await t.test("keys", async () => {
    const made = await ask("makeKey", 201, { body: { name: "product", partner: PARTNER } });
    const own = new api.constructor(api.url, made.key);
    await ask("postEvents", 202, { ...event(alertEvent("raised", "c-8", alertData("srv-08"))), as: own });
    await ask("listKeys", 403, { as: own });
    await ask("getPartner", 403, { path: { partner: "fabrikam-it" }, as: own });
    assert.deepEqual((await ask("listPartners", 200, { as: own })).partners.map((partner) => partner.id), [PARTNER]);
    assert.ok(!JSON.stringify(await ask("listKeys", 200)).includes(made.key));
    await ask("revokeKey", 204, { path: { id: made.id } });
    await ask("revokeKey", 204, { path: { id: made.id } });
    await ask("postEvents", 401, { ...event(alertEvent("raised", "c-9", alertData("srv-09"))), as: own });
    await ask("makeKey", 422, { body: { name: "product" } });
    await ask("makeKey", 422, { body: { name: "product", partnr: PARTNER } });
    const intake = new api.constructor(api.url, (await ask("makeKey", 201, { body: { name: "product", role: "intake" } })).key);
    await ask("postEvents", 202, { ...event(alertEvent("raised", "c-8b", alertData("srv-08"))), as: intake });
    await ask("getPartner", 403, { as: intake });
    await ask("getPartner", 401, { as: new api.constructor(api.url, "cw_" + "a".repeat(40)) });
  });

  await t.test("webhooks", async () => {
    const made = await ask("addWebhook", 201, { body: { url: "https://127.0.0.1:9/nowhere", types: ["ticket.created"], partners: [PARTNER], description: "EDR" } });
    const path = { id: made.id };
    assert.deepEqual((await ask("listWebhooks", 200)).webhooks.map((webhook) => webhook.id), [made.id]);
    assert.ok(!JSON.stringify(await ask("getWebhook", 200, { path })).includes(made.secret));
    assert.equal((await ask("changeWebhook", 200, { path, body: { description: "none" } })).description, "none");
    await ask("changeWebhook", 422, { path, body: { url: "ftp://127.0.0.1/" } });
    await ask("addWebhook", 422, { body: { url: "" } });
    assert.notEqual((await ask("rotateWebhook", 200, { path })).secret, made.secret);
    assert.equal((await ask("testWebhook", 200, { path })).delivered, false);
    await api.publish(PARTNER, await simpleMapping(api, sandbox));
    await api.send(alertEvent("raised", "c-10", alertData("srv-10")));
    await until("a delivery", async () => (await api.get(`/v1/webhooks/${made.id}/deliveries`)).deliveries.some((delivery) => delivery.attempts > 0), { within: 20_000 });
    assert.equal((await ask("listDeliveries", 200, { path, query: "?state=waiting&limit=1" })).deliveries[0].type, "ticket.created");
    await ask("listDeliveries", 422, { path, query: "?state=lost" });
    assert.equal((await ask("replayDeliveries", 200, { path })).replayed, 0);
    await ask("replayDeliveries", 404, { path, body: { event: "evt_none" } });
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const counted = await ask("replayDeliveries", 200, { path, body: { since, dry_run: true } });
    assert.ok(counted.already_waiting >= 1, "what waits is not sent twice");
    assert.equal(counted.would_replay, 0);
    await ask("replayDeliveries", 200, { path, body: { since, types: ["ticket.created"] } });
    await ask("replayDeliveries", 422, { path, body: { since: "yesterday" } });
    await ask("replayDeliveries", 422, { path, body: { since: "2001-01-01T00:00:00Z" } });
    await ask("removeWebhook", 409, { path, headers: { "if-match": '"1"' } });
    await ask("removeWebhook", 204, { path });
    await ask("getWebhook", 404, { path });
  });

  await t.test("audit", async () => {
    const { entries, next } = await ask("listAudit", 200, { query: `?partner=${PARTNER}&limit=3` });
    assert.equal(entries.length, 3);
    assert.ok(next);
    assert.ok((await ask("listAudit", 200, { query: "?act=record.forget" })).entries.length > 0);
    await ask("listAudit", 422, { query: "?act=key.make&lmit=3" });
    // All that has been done by now, each by the name that the contract gives it.
    const acts = new Set((await ask("listAudit", 200, { query: "?limit=1000" })).entries.map(({ act }) => act));
    assert.ok(acts.has("partner.remove") && acts.has("partner.keep"));
  });

  await t.test("the service itself", async () => {
    const nobody = new api.constructor(api.url, "");
    assert.ok((await ask("listErrors", 200)).errors.length > 20);
    await ask("listErrors", 401, { as: nobody });
    assert.equal((await ask("getMappingSchema", 200, { as: nobody })).title, "Mapping of alert to ticket");
    assert.equal((await ask("getObjectMappingSchema", 200, { as: nobody })).title, "Mapping of customers, contacts and devices");
    await ask("getEventSchema", 200, { path: { name: "alert.raised.v1.json" }, as: nobody });
    await ask("getEventSchema", 404, { path: { name: "nothing.json" }, as: nobody });
    assert.equal(await ask("getContract", 200, { as: nobody }), contractText);
    await ask("getHealth", 200, { as: nobody });
    await ask("getReadiness", 200, { as: nobody });
    assert.match(await ask("getMetrics", 200, { as: nobody }), /^# TYPE crosswalk_/m);
  });

  await t.test("nothing of the contract was left out", () => {
    const unproven = [...check.seen].filter(([, statuses]) => ![...statuses].some((status) => status < 300)).map(([id]) => id);
    assert.deepEqual(unproven, []);
  });
});

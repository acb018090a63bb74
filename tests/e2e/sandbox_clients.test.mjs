// A client that others have written for the real ConnectWise (npm connectwise-rest) drives the sandbox over TLS, through
// every method that it has for the collections below.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { before, test } from "node:test";
import connectwise from "connectwise-rest";
import { folder, startSandbox } from "./support.mjs";

const { ManageAPI } = connectwise;
const MISSING = 99_999_999;

/** What each collection needs said: which text to change, what makes a second object different, what is not offered. */
const COLLECTIONS = {
  "company/companies": { text: "name", unique: "identifier", extra: { site: { name: "Main" } }, onlyOnPost: "types" },
  "company/companies/notes": { text: "text", parent: 252, seed: { text: "Prefers to be called in the morning.", type: { id: 1 } } },
  "company/companies/sites": { text: "name", parent: 252 },
  "company/companies/statuses": { text: "name" },
  "company/companies/types": { text: "name" },
  "company/communicationTypes": { text: "description" },
  "company/configurations": { text: "name" },
  "company/configurations/statuses": { text: "description" },
  "company/configurations/types": { text: "name" },
  "company/contacts": { text: "lastName" },
  "company/contacts/types": { text: "description" },
  "finance/agreements": { text: "name" },
  "finance/agreements/types": { text: "name", extra: { employeeCompRate: "Actual", employeeCompNotExceed: "Billing", invoicingCycle: "CalendarYear", billTime: "NoDefault", billExpenses: "NoDefault", billProducts: "NoDefault" } },
  "service/boards": { text: "name" },
  "service/boards/items": { text: "name", parent: 1 },
  "service/boards/statuses": { text: "name", parent: 1 },
  "service/boards/subtypes": { text: "name", parent: 1 },
  "service/boards/teams": { text: "name", parent: 1 },
  "service/boards/types": { text: "name", parent: 1 },
  "service/impacts": { text: "description" },
  "service/locations": { text: "name" },
  "service/priorities": { text: "name" },
  "service/severities": { text: "description" },
  "service/sources": { text: "name" },
  "service/tickets": { text: "summary" },
  "service/tickets/notes": { text: "text", parent: 1002 },
  "system/departments": { text: "name" },
  "system/locations": { text: "name", extra: { structureLevel: { id: 1 } } },
  "system/members": { text: "title", unique: "identifier", extra: { hireDate: "2026-01-01T00:00:00Z", securityRole: { name: "Made for a client" } } },
  "time/entries": { text: "notes", seed: { chargeToId: 1000, chargeToType: "ServiceTicket", member: { identifier: "jsmith" }, timeStart: "2026-03-01T08:00:00Z", timeEnd: "2026-03-01T09:00:00Z", notes: "Looked into it." } },
  "time/workRoles": { text: "name" },
  "time/workTypes": { text: "name", extra: { rateType: "AdjAmount", rate: 0 } },
  "company/contacts/departments": { text: "name", seed: { name: "Sales" } },
  "company/contacts/relationships": { text: "name", seed: { name: "Partner" } },
  "company/managedDevicesIntegrations": { text: "name", seed: { name: "RMM", solution: "Custom", loginBy: "Global", portalUrl: "https://rmm.example", defaultBillingLevel: "Detail" } },
  "company/noteTypes": { text: "name" },
  "finance/billingCycles": { text: "name", unique: "identifier", seed: { identifier: "M", name: "Monthly", billingOptions: "Monthly" } },
  "procurement/categories": { text: "name", seed: { name: "Software" } },
  "procurement/types": { text: "name", seed: { name: "License" } },
  "procurement/unitOfMeasures": { text: "name", seed: { name: "Each" } },
  "sales/activities/statuses": { text: "name", seed: { name: "Open" } },
  "sales/activities/types": { text: "name", seed: { name: "Call" } },
  "sales/opportunities/statuses": { text: "name", seed: { name: "Open" } },
  "sales/opportunities/types": { text: "description", seed: { description: "Renewal" } },
  "sales/stages": { text: "name", seed: { name: "Quote" } },
  "service/SLAs": { text: "name" },
  "service/surveys": { text: "name", seed: { name: "Happy?" } },
  "service/ticketLinks": { text: "name", seed: { name: "Portal", linkText: "Portal", url: "https://example.com" } },
  "system/callbacks": { text: "description", unique: "url", seed: { url: "https://example.com/hook?recordId=", objectId: 1, type: "ticket", level: "owner", description: "All" } },
  "system/connectwisehostedsetups": { text: "description", seed: { description: "Pod", screenId: 1, url: "https://example.com", type: "Pod", origin: "*" } },
  "system/customReports": { text: "name", seed: { name: "A", description: "A", reportLink: "https://example.com", module: "Companies" } },
  "system/integratorTags": { text: "text", seed: { text: "A" } },
  "system/links": { text: "name", seed: { name: "A", url: "https://example.com", tableReferenceId: 1 } },
  "system/menuentries": { text: "caption", seed: { caption: "A", link: "https://example.com", menuLocation: { id: 1 }, newWindowFlag: true } },
  "system/securityroles": { text: "name", seed: { name: "A" } },
  "time/chargeCodes": { text: "name", seed: { name: "A", company: { id: 251 }, location: { id: 2 }, department: { id: 10 } } },
};

/** Every method of the client: collection -> { list, count, one, post, put, patch, remove }, read from its own code. */
function methodsOf(client) {
  const found = {};
  for (const [name, api] of Object.entries(client).filter(([key]) => key.endsWith("API"))) {
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(api))) {
      const path = /path: `\/([^`]*)`/.exec(String(api[method]))?.[1];
      const verb = /method: '(\w+)'/.exec(String(api[method]))?.[1];
      if (!path || !verb) continue;
      const segments = path.split("/");
      const last = segments.at(-1);
      const collection = segments.filter((each) => !each.startsWith("$") && each !== "count").join("/");
      const role = last === "count" ? "count" : last === "${id}" ? { get: "one", put: "put", patch: "patch", delete: "remove" }[verb] : { get: "list", post: "post" }[verb];
      const parents = segments.filter((each) => each === "${parentId}").length;
      if (!role || segments.length - parents - (last === "${id}" ? 1 : 0) - (last === "count" ? 1 : 0) !== collection.split("/").length) continue;
      const call = (...given) => api[method](...given);
      const parameters = [.../\(([^)]*)\)/.exec(String(api[method]))[1].matchAll(/(\w+)(?: = {})?/g)].map(([, parameter]) => parameter);
      (found[collection] ??= {})[role] = { call, parameters };
    }
  }
  return found;
}

/** The client rejects with a plain object, of which a test report shows nothing. */
const told = ({ status, data, message }) => Promise.reject(Object.assign(new Error(`${status}: ${JSON.stringify(data ?? message)}`), { status, data }));

/** Calls a method by the names of its parameters: some keep the parent behind the id, some ask for what the API does not. */
const asked = (method, { id, parent, payload }) => method.call(...method.parameters.map((name) => ({ id, parentId: parent, managedIdentifier: undefined })[name] ?? (/^(id|parentId|managedIdentifier)$/.test(name) ? undefined : payload))).catch(told);

let client, url;

before(async (t) => {
  const data = folder(t);
  const program = startSandbox(["--tls", "--port", "0", "--data", data]);
  t.after(() => program.kill());
  url = new URL(await program.address());
  assert.equal(url.protocol, "https:");
  https.globalAgent.options.ca = readFileSync(join(data, "tls", "ca.crt"));
  client = new ManageAPI({ companyId: "sandbox", publicKey: "sandbox-public", privateKey: "sandbox-private", clientId: "00000000-0000-4000-8000-000000000001", companyUrl: url.host, logger: () => {} });
  await client.SystemAPI.postSystemSecurityroles({ name: "Made for a client" }); // members need one, and no scenario has any
});

const withoutOwn = ({ id, _info, ...rest }) => rest;
const nothingThere = (problem) => problem.status === 404 && problem.data.code === "NotFound";

test("a client that does not trust the authority is not served", async () => {
  const agent = new https.Agent({ ca: [] });
  await assert.rejects(new Promise((done, failed) => https.get(new URL("/login/companyinfo/sandbox", url), { agent }, done).on("error", failed)), /certificate|issuer/);
});

for (const [collection, { text, unique, parent, seed, extra = {}, onlyOnPost }] of Object.entries(COLLECTIONS)) {
  test(`connectwise-rest works with ${collection}`, async () => {
    const methods = methodsOf(client)[collection];
    assert.ok(methods?.list, "the client has methods for it");
    const called = new Set();
    const use = (role, payload, id) => (called.add(role), asked(methods[role], { id, parent, payload }));
    const fresh = (object, mark) => ({ ...withoutOwn(object), ...extra, [text]: `${mark} ${collection}`.slice(0, 25), ...(unique ? { [unique]: unique === "url" ? `https://example.com/${mark}?recordId=` : `${mark}1` } : {}) });

    let first = (await use("list", { pageSize: 2 }))[0];
    if (!first) first = await use("post", seed);
    const all = await client.paginate((params) => use("list", params), { pageSize: 3 }, {});
    assert.ok(all.length > 0);
    assert.equal(new Set(all.map((each) => each.id)).size, all.length, "no object comes twice");
    if (methods.count) assert.equal((await use("count", {})).count, all.length);
    if (methods.one) {
      assert.deepEqual(await use("one", {}, first.id), all.find((each) => each.id === first.id));
      await assert.rejects(use("one", {}, MISSING), nothingThere);
    }
    await assert.rejects(use("list", { conditions: "nonsense=1" }), (problem) => problem.status === 400 && problem.data.code === "ApiFindCondition");
    assert.deepEqual(await use("list", { conditions: `id=${first.id}`, fields: "id" }), [{ id: first.id }]);

    let victim = first;
    if (methods.post) {
      victim = await use("post", fresh(seed ?? first, "Made"));
      assert.notEqual(victim.id, first.id);
      assert.equal(victim[text], `Made ${collection}`.slice(0, 25));
      await assert.rejects(use("post", {}), (problem) => problem.status === 400 && problem.data.code === "InvalidObject" && problem.data.errors.length > 0);
    }
    if (methods.patch) {
      const patched = await use("patch", [{ op: "replace", path: text, value: "Patched" }], victim.id);
      assert.equal(patched[text], "Patched");
      await assert.rejects(use("patch", [{ op: "replace", path: text, value: "x" }], MISSING), nothingThere);
    }
    if (methods.put) {
      const { [onlyOnPost]: taken, ...replacement } = fresh(victim, "Put");
      if (taken) await assert.rejects(use("put", { ...replacement, [onlyOnPost]: taken }, victim.id), (problem) => problem.status === 400);
      const put = await use("put", replacement, victim.id);
      assert.equal(put[text], `Put ${collection}`.slice(0, 25));
    }
    if (methods.remove) {
      await use("remove", undefined, victim.id);
      if (collection === "company/companies") assert.equal((await use("one", {}, victim.id)).deletedFlag, true);
      else await assert.rejects(use("one", {}, victim.id), nothingThere);
    }
    assert.deepEqual([...Object.keys(methods)].filter((role) => !called.has(role)), [], "every method was called");
  });
}

test("connectwise-rest plays a ticket through", async () => {
  const { ServiceAPI, SystemAPI, TimeAPI } = client;
  assert.match((await SystemAPI.getSystemInfo()).version, /^v\d{4}\.\d/);
  const ticket = await ServiceAPI.postServiceTickets({ summary: "Mail is slow", company: { identifier: "AcmeDental" }, board: { name: "Help Desk" } });
  const child = await ServiceAPI.postServiceTickets({ summary: "Mail is slow, too", company: { id: 252 }, board: { id: 1 } });
  await ServiceAPI.postServiceTicketsByParentIdNotes(ticket.id, { text: "Called.", detailDescriptionFlag: true });
  await ServiceAPI.postServiceTicketsByParentIdConfigurations(ticket.id, { id: 2520 });
  assert.equal((await ServiceAPI.getServiceTicketsByParentIdConfigurations(ticket.id))[0].id, 2520);
  assert.equal((await ServiceAPI.getServiceTicketsByParentIdConfigurationsCount(ticket.id)).count, 1);
  await ServiceAPI.deleteServiceTicketsByParentIdConfigurationsById(2520, ticket.id);
  await TimeAPI.postTimeEntries({ chargeToId: ticket.id, chargeToType: "ServiceTicket", member: { identifier: "jsmith" }, timeStart: "2026-03-01T08:00:00Z", actualHours: 0.5, notes: "Restarted it.", addToDetailDescriptionFlag: true });
  assert.equal((await ServiceAPI.getServiceTicketsByParentIdTimeentriesCount(ticket.id)).count, 1);
  assert.equal((await ServiceAPI.getServiceTicketsByParentIdAllNotes(ticket.id)).length, 2);
  await ServiceAPI.postServiceTicketsByParentIdMerge(ticket.id, { mergeTicketIds: [child.id], status: { id: 108 } });
  const closed = await ServiceAPI.patchServiceTicketsById(ticket.id, [{ op: "replace", path: "status", value: { name: ">Closed" } }]);
  assert.equal(closed.closedFlag, true);
  const found = await ServiceAPI.postServiceTicketsSearch({ conditions: 'summary like "Mail%"' });
  assert.deepEqual(found.map((each) => each.id).sort(), [ticket.id, child.id]);
  await assert.rejects(
    ServiceAPI.patchServiceTicketsById(ticket.id, [{ op: "replace", path: "status", value: { id: 201 } }]),
    (problem) => problem.status === 400 && problem.data.errors[0].message === "Service Status 201 not found for Service Board 1",
  );
});

test("connectwise-rest is refused with wrong keys, and where the codebase has moved on", async () => {
  const options = { companyId: "sandbox", publicKey: "sandbox-public", privateKey: "wrong", clientId: "x", companyUrl: url.host, logger: () => {} };
  await assert.rejects(new ManageAPI(options).SystemAPI.getSystemInfo(), (problem) => problem.status === 401 && problem.data.message === "UserNotAuthenticated");
  const moved = new ManageAPI({ ...options, privateKey: "sandbox-private", entryPoint: "v2019_1" });
  await assert.rejects(moved.SystemAPI.getSystemInfo(), (problem) => problem.status === 400 && problem.data === "Cannot route. Codebase/company is invalid");
});

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
const SALE = { name: "Firewall", company: { id: 252 }, contact: { id: 2520 }, primarySalesRep: { identifier: "jsmith" } };

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
  "finance/agreements/additions": { text: "invoiceDescription", parent: 252 },
  "finance/invoices": { text: "reference", seed: { type: "Standard", company: { id: 252 }, reference: "First" } },
  "finance/invoices/payments": { text: "source", parent: () => known.invoice, seed: { source: "Card", amount: 10 }, nothingRequired: true },
  "procurement/catalog": { text: "description", unique: "identifier" },
  "sales/activities": { text: "name", seed: { name: "Call back", assignTo: { identifier: "jsmith" }, company: { id: 252 } } },
  "sales/opportunities": { text: "name", seed: SALE },
  "sales/opportunities/contacts": { text: "notes", parent: () => known.opportunity, seed: { contact: { id: 2520 }, notes: "Decides." } },
  "sales/opportunities/notes": { text: "text", parent: () => known.opportunity, seed: { text: "Wants it in May." } },
  "sales/opportunities/ratings": { text: "name", seed: { name: "Warm" } },
  "sales/orders": { text: "description", seed: { company: { id: 252 }, salesRep: { identifier: "jsmith" }, status: { name: "Made for a client" }, description: "Rack" } },
  "sales/orders/statuses": { text: "name" },
  "time/chargeCodes": { text: "name", seed: { name: "A", company: { id: 251 }, location: { id: 2 }, department: { id: 10 } } },
};

/** What was made beforehand, for others to belong to. */
const known = {};

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
  await client.SalesAPI.postSalesOrdersStatuses({ name: "Made for a client", sortOrder: 1 });
  known.opportunity = (await client.SalesAPI.postSalesOpportunities(SALE)).id;
  known.invoice = (await client.FinanceAPI.postFinanceInvoices({ type: "Standard", company: { id: 252 } })).id;
});

const withoutOwn = ({ id, _info, ...rest }) => rest;
const nothingThere = (problem) => problem.status === 404 && problem.data.code === "NotFound";

test("a client that does not trust the authority is not served", async () => {
  const agent = new https.Agent({ ca: [] });
  await assert.rejects(new Promise((done, failed) => https.get(new URL("/login/companyinfo/sandbox", url), { agent }, done).on("error", failed)), /certificate|issuer/);
});

for (const [collection, { text, unique, parent, seed, extra = {}, onlyOnPost, nothingRequired }] of Object.entries(COLLECTIONS)) {
  test(`connectwise-rest works with ${collection}`, async () => {
    const methods = methodsOf(client)[collection];
    assert.ok(methods?.list, "the client has methods for it");
    const called = new Set();
    const use = (role, payload, id) => (called.add(role), asked(methods[role], { id, parent: typeof parent === "function" ? parent() : parent, payload }));
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
      if (!nothingRequired) await assert.rejects(use("post", {}), (problem) => problem.status === 400 && problem.data.code === "InvalidObject" && problem.data.errors.length > 0);
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

test("connectwise-rest bills with additions", async () => {
  const { FinanceAPI } = client;
  const additions = (params) => FinanceAPI.getFinanceAgreementsByParentIdAdditions(253, params);
  const before = (await FinanceAPI.getFinanceAgreementsByParentIdAdditionsCount(253)).count;
  const addition = await FinanceAPI.postFinanceAgreementsByParentIdAdditions(253, { product: { identifier: "SAT-USER" }, quantity: 10, lessIncluded: 4, unitPrice: 3, unitCost: 1.25, billCustomer: "Billable" });
  assert.deepEqual([addition.billedQuantity, addition.extPrice, addition.extCost, addition.margin], [6, 30, 12.5, 17.5]);
  assert.equal((await FinanceAPI.getFinanceAgreementsByParentIdAdditionsCount(253)).count, before + 1);
  assert.deepEqual((await additions({ conditions: `product/identifier='SAT-USER'`, fields: "id" })).map((each) => each.id), [addition.id]);
  const more = await FinanceAPI.patchFinanceAgreementsByParentIdAdditionsById(addition.id, 253, [{ op: "replace", path: "quantity", value: 12 }]);
  assert.deepEqual([more.quantity, more.billedQuantity, more.extPrice], [12, 8, 36]);
  const wrong = (payload) => assert.rejects(FinanceAPI.postFinanceAgreementsByParentIdAdditions(253, payload), (problem) => problem.status === 400 && problem.data.message === "Addition object is invalid");
  await wrong({ product: { identifier: "NOTHING" }, billCustomer: "Billable" });
  await wrong({ product: { identifier: "SAT-USER" }, billCustomer: "Sometimes" });
  await wrong({ product: { identifier: "BND-SEC" }, billCustomer: "Billable" });
  await assert.rejects(FinanceAPI.getFinanceAgreementsByParentIdAdditionsById(addition.id, 254), nothingThere);

  const invoices = await FinanceAPI.getFinanceInvoices({ conditions: "type='Agreement' and agreement/id=253" });
  assert.ok(invoices.length >= 3, "the months before have been invoiced");
  assert.ok(invoices.every((each) => Math.round(100 * (each.agreementAmount + each.productTotal - each.total)) === 0), "each comes to the sum of its parts");
  await FinanceAPI.deleteFinanceAgreementsByParentIdAdditionsById(addition.id, 253);
  await assert.rejects(FinanceAPI.getFinanceAgreementsByParentIdAdditionsById(addition.id, 253), nothingThere);
});

test("connectwise-rest knows the catalog, and prints invoices", async () => {
  const { ProcurementAPI, FinanceAPI } = client;
  const items = await client.paginate((params) => ProcurementAPI.getProcurementCatalog(params), { pageSize: 3 }, {});
  assert.equal((await ProcurementAPI.getProcurementCatalogCount()).count, items.length);
  assert.equal((await ProcurementAPI.getProcurementCatalogInfo({ pageSize: 1000 })).length, items.length);
  const item = items.find((each) => each.identifier === "MON-WS");
  assert.equal((await ProcurementAPI.getProcurementCatalogByCatalogItemIdentifierQuantityOnHand("MON-WS")).count, 0);
  assert.equal((await ProcurementAPI.postProcurementCatalogByIdPricing(item.id, { quantity: 1 })).price, item.price);
  await assert.rejects(ProcurementAPI.postProcurementCatalog({ ...withoutOwn(item), identifier: "x".repeat(76) }), (problem) => problem.data.errors[0].code === "MaxLengthField");
  const component = await ProcurementAPI.postProcurementCatalogByParentIdComponents(107, { catalogItem: { id: item.id }, quantity: 2 });
  assert.equal((await ProcurementAPI.getProcurementCatalogByParentIdComponents(107)).at(-1).quantity, 2);
  await ProcurementAPI.deleteProcurementCatalogByParentIdComponentsById(component.id, 107);

  const pdf = await FinanceAPI.getFinanceInvoicesByIdPdf(known.invoice);
  assert.match(pdf, /^%PDF-1\.4/);
  await assert.rejects(FinanceAPI.getFinanceInvoicesByIdPdf(MISSING), nothingThere);
});

test("connectwise-rest asks for many things in one bundle", async () => {
  const request = (SequenceNumber, ResourceType, ApiRequest) => ({ SequenceNumber, ResourceType, Version: "2025.1", ApiRequest });
  const { results } = await client.SystemAPI.postSystemBundles({
    requests: [
      request(1, "Company", { Filters: { conditions: "identifier='AcmeDental'" }, Fields: "id,name" }),
      request(2, "ticket", { Id: 1000 }),
      request(3, "Addition", { ParentId: 252, Page: { page: 1, pageSize: 1 } }),
      request(4, "Company", { Id: MISSING }),
      request(5, "Company", { Filters: { conditions: "nonsense=1" } }),
    ],
  });
  assert.deepEqual(results.map((each) => each.statusCode), [200, 200, 200, 404, 400]);
  assert.deepEqual(Object.keys(results[0].entities[0]), ["id", "name"]);
  assert.equal(results[1].entities[0].id, 1000);
  assert.equal(results[2].entities.length, 1);
  assert.equal(results[4].error.code, "ApiFindCondition");
  const counted = await client.SystemAPI.postSystemBundlesCount({ requests: [request(1, "ticket", { Filters: { conditions: "id>=1000 and id<1003" } })] });
  assert.equal(counted.results[0].count, 3);
  await assert.rejects(client.SystemAPI.postSystemBundles({}), (problem) => problem.status === 400);
});

test("connectwise-rest keeps documents", async () => {
  const { SystemAPI, ServiceAPI } = client;
  await assert.rejects(SystemAPI.postSystemDocuments({ recordId: 1001 }), (problem) => problem.status === 415);
  const form = new FormData();
  for (const [name, value] of Object.entries({ recordType: "Ticket", recordId: "1001", title: "Log" })) form.append(name, value);
  form.append("file", new Blob(["line 1\nline 2"], { type: "text/plain" }), "log.txt");
  const made = await SystemAPI.postSystemDocuments(form);
  assert.deepEqual([made.title, made.fileName, made.size], ["Log", "log.txt", 13]);
  assert.deepEqual(await SystemAPI.getSystemDocumentsById(made.id), made);
  assert.deepEqual((await SystemAPI.getSystemDocuments({ recordType: "Ticket", recordId: 1001 })).map((each) => each.id), [made.id]);
  assert.equal((await SystemAPI.getSystemDocumentsCount({ recordType: "Ticket", recordId: 1001 })).count, 1);
  assert.equal((await ServiceAPI.getServiceTicketsByParentIdDocumentsCount(1001)).count, 1);
  let text = "";
  for await (const chunk of await SystemAPI.getSystemDocumentsByIdDownload(made.id)) text += chunk;
  assert.equal(text, "line 1\nline 2");
  assert.match(await SystemAPI.getSystemDocumentsUploadsample(), /<form/);
  await SystemAPI.deleteSystemDocumentsById(made.id);
  await assert.rejects(SystemAPI.getSystemDocumentsById(made.id), nothingThere);
});

test("connectwise-rest forecasts an opportunity and makes other things of it", async () => {
  const { SalesAPI } = client;
  const sale = await SalesAPI.postSalesOpportunities(SALE);
  const forecast = await SalesAPI.postSalesOpportunitiesByParentIdForecast(sale.id, { forecastItems: [{ forecastType: "Product", status: { id: 1 }, revenue: 900, cost: 600, includeFlag: true }] });
  assert.equal(forecast.productRevenue.margin, 300);
  const item = await SalesAPI.postSalesOpportunitiesByParentIdForecastById(forecast.id, sale.id, { forecastType: "Service", status: { id: 1 }, revenue: 100 });
  await SalesAPI.patchSalesOpportunitiesByParentIdForecastById(item.id, sale.id, [{ op: "replace", path: "revenue", value: 150 }]);
  await SalesAPI.postSalesOpportunitiesByParentIdForecastCopyById(item.id, sale.id);
  const [now] = await SalesAPI.getSalesOpportunitiesByParentIdForecast(sale.id);
  assert.equal(now.forecastItems.length, 3);
  assert.equal(now.forecastRevenueTotals.revenue, 1200);
  await SalesAPI.deleteSalesOpportunitiesByParentIdForecastById(item.id, sale.id);
  await SalesAPI.deleteSalesOpportunitiesByParentIdForecast(sale.id);
  assert.deepEqual((await SalesAPI.getSalesOpportunitiesByParentIdForecast(sale.id))[0].forecastItems, []);

  const order = await SalesAPI.postSalesOpportunitiesByIdConvertToSalesOrder(sale.id, { status: { name: "Made for a client" } });
  assert.equal((await SalesAPI.postSalesOrdersByIdConvertToServiceTicket(order.id)).summary, "Firewall");
  assert.equal((await SalesAPI.postSalesOpportunitiesByIdConvertToServiceTicket(sale.id, {})).company.id, 252);
  assert.equal((await SalesAPI.postSalesOpportunitiesByIdConvertToAgreement(sale.id, { type: { id: 1 } })).name, "Firewall");
  const activity = await SalesAPI.postSalesActivities({ name: "Call", assignTo: { identifier: "jsmith" }, opportunity: { id: sale.id }, company: { id: 252 } });
  assert.deepEqual((await SalesAPI.getSalesActivities({ conditions: `opportunity/id=${sale.id}` })).map((each) => each.id), [activity.id]);
  await assert.rejects(SalesAPI.postSalesActivities({ name: "Call", assignTo: { identifier: "nobody" } }), (problem) => problem.data.errors[0].field === "assignTo/identifier");
});

test("connectwise-rest is refused with wrong keys, and where the codebase has moved on", async () => {
  const options = { companyId: "sandbox", publicKey: "sandbox-public", privateKey: "wrong", clientId: "x", companyUrl: url.host, logger: () => {} };
  await assert.rejects(new ManageAPI(options).SystemAPI.getSystemInfo(), (problem) => problem.status === 401 && problem.data.message === "UserNotAuthenticated");
  const moved = new ManageAPI({ ...options, privateKey: "sandbox-private", entryPoint: "v2019_1" });
  await assert.rejects(moved.SystemAPI.getSystemInfo(), (problem) => problem.status === 400 && problem.data === "Cannot route. Codebase/company is invalid");
});

test("every method of connectwise-rest for what the sandbox has finds its operation", async (t) => {
  const answers = { found: 0, elsewhere: 0, not_simulated: 0 };
  for (const [name, api] of Object.entries(client).filter(([key]) => key.endsWith("API"))) {
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(api))) {
      const source = String(api[method]);
      if (method === "constructor" || !/path: `/.test(source)) continue;
      const parameters = [.../\(([^)]*)\)/.exec(source)[1].matchAll(/(\w+)(?: = {})?/g)].map(([, parameter]) => (source.includes("${" + parameter + "}") ? MISSING : {}));
      const problem = await api[method](...parameters).then(() => undefined, (reason) => reason);
      // Nothing has that id, and nothing was said: refused or not, the sandbox has to know what is meant.
      // The client is of an older version, whose paths and methods are not all there any more.
      if ((problem?.status === 404 && problem.data?.message === "The endpoint does not exist.") || problem?.status === 405) answers.elsewhere++;
      else if (problem?.status === 501 && problem.data?.message?.startsWith("The sandbox does not simulate")) answers.not_simulated++;
      else if (problem && ![400, 403, 404, 409, 415].includes(problem.status)) assert.fail(`${name}.${method}: ${problem.status} ${JSON.stringify(problem.data ?? problem.message)}`);
      else answers.found++;
    }
  }
  t.diagnostic(JSON.stringify(answers));
  assert.ok(answers.found > 2_700 && answers.not_simulated < 30, JSON.stringify(answers));
});

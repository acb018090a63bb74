// The sandbox's page as a person uses it, in Debian's chromium; skipped where that is not installed.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, chromium } from "./sandbox_browser.mjs";
import { startSandbox } from "./support.mjs";

const skip = chromium ? false : "chromium is not installed";
const HEADERS = { clientid: "e2e", "content-type": "application/json" };
const rows = (text) => `[...document.querySelectorAll("#rows tr")].some((row) => row.textContent.includes(${JSON.stringify(text)}))`;
const count = (text) => `document.getElementById("count").textContent === ${JSON.stringify(text)}`;
const click = (selector) => `document.querySelector(${JSON.stringify(selector)}).click()`;
const set = (id, value) => `(() => { const field = document.getElementById(${JSON.stringify(id)}); field.value = ${JSON.stringify(value)}; field.dispatchEvent(new Event("change", { bubbles: true })); })()`;
const chosen = (id, text) => `(() => { const field = document.getElementById(${JSON.stringify(id)}); field.value = [...field.options].find((each) => each.text === ${JSON.stringify(text)}).value; field.dispatchEvent(new Event("change", { bubbles: true })); })()`;
const fact = (name, text) => `[...document.querySelectorAll("#detail dt")].some((each) => each.textContent === ${JSON.stringify(name)} && each.nextSibling.textContent === ${JSON.stringify(text)})`;
const said = (id, text) => `document.getElementById(${JSON.stringify(id)}).textContent.includes(${JSON.stringify(text)})`;
const detail = (text) => `!document.getElementById("detail").hidden && document.getElementById("detail").textContent.includes(${JSON.stringify(text)})`;

async function page(t, args = []) {
  const program = startSandbox(["--port", "0", ...args]);
  t.after(() => program.kill());
  const url = await program.address();
  // Not under the folder of the tests' data: the browser still writes there while it ends.
  const profile = mkdtempSync(join(tmpdir(), "crosswalk-browser-"));
  const browser = await Browser.open(t, profile, url);
  t.after(() => rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  const api = (tenant, path, body) => fetch(`${url}/v4_6_release/apis/3.0${path}`, { method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers: { ...HEADERS, authorization: `Basic ${Buffer.from(`${tenant}+${tenant}-public:${tenant}-private`).toString("base64")}` } });
  return { browser, url, api, program };
}

/** Presses what a person can do with the thing that is open, fills its form and sends it. */
async function act(browser, deed, fields = []) {
  await browser.shows(`the button for ${deed}`, `document.querySelector('[data-deed="${deed}"]') !== null`);
  await browser.value(click(`[data-deed="${deed}"]`));
  if (!fields.length) return;
  await browser.shows(`the form of ${deed}`, `!document.getElementById("deed").hidden`);
  for (const field of fields) await browser.value(field);
  await browser.value(`document.getElementById("deed").requestSubmit()`);
  await browser.shows(`what became of ${deed}`, `document.getElementById("deed").hidden || document.getElementById("deed-problem").textContent !== ""`);
}

/** Opens one thing of a tab. */
async function open(browser, tab, id) {
  await browser.shows(`the tab ${tab}`, `document.getElementById("tab-${tab}") !== null`);
  await browser.value(click(`#tab-${tab}`));
  await browser.shows(`${id} of ${tab}`, `document.querySelector('#rows button[data-id="${id}"]') !== null`);
  await browser.value(click(`#rows button[data-id="${id}"]`));
  await browser.shows(`the details of ${id}`, `!document.getElementById("detail").hidden && new URLSearchParams(location.hash.slice(1)).get("id") === "${id}"`);
}

const width = (browser, width) => browser.send("Emulation.setDeviceMetricsOverride", { width, height: 760, deviceScaleFactor: 1, mobile: false });

test("the page shows what arrives, and its details", { skip }, async (t) => {
  const { browser, api } = await page(t);
  await browser.shows("the tickets", count("10 tickets"));
  const made = await (await api("sandbox", "/service/tickets", { summary: "<b>Mail</b> & more is slow", company: { id: 252 }, initialDescription: "Since Monday." })).json();
  await browser.shows("the new ticket, its text as text", rows("<b>Mail</b> & more is slow"));
  assert.equal(await browser.value(`document.querySelectorAll("#rows b").length`), 0);
  await browser.shows("that it is new", `document.querySelector("#rows tr.fresh")?.dataset.id === "${made.id}"`);
  await browser.value(click(`#rows button[data-id="${made.id}"]`));
  await browser.shows("its note", detail("Since Monday."));
  assert.match(await browser.value("location.hash"), new RegExp(`id=${made.id}`));
  await browser.press("Escape");
  await browser.shows("no details", `document.getElementById("detail").hidden`);
  assert.deepEqual(browser.problems, []);
});

test("every tab of the page shows its things, searches them and keeps its address", { skip }, async (t) => {
  const { browser, api } = await page(t);
  await api("sandbox", "/system/callbacks", { url: "https://hooks.example/in?id=", objectId: 1, type: "ticket", level: "owner" });
  const tabs = { companies: ["20 companies", "Acme"], agreements: ["18 agreements", "Managed Services"], configurations: ["76 configurations", "dev-2690"], boards: ["5 boards", "Help Desk"], members: ["8 members", "Maria Lopez"], roles: ["18 roles", "Integration"], callbacks: ["1 callback", "hooks.example"] };
  for (const [tab, [total, text]] of Object.entries(tabs)) {
    await browser.shows(`the tab ${tab}`, `document.getElementById("tab-${tab}") !== null`);
    await browser.value(click(`#tab-${tab}`));
    await browser.shows(total, count(total));
    await browser.shows(text, rows(text));
    await browser.value(`document.querySelector("#rows tr button").click()`);
    await browser.shows(`details of ${tab}`, `!document.getElementById("detail").hidden && document.querySelector("#detail h2").textContent !== "Not found"`);
    await browser.value(click("#close"));
  }
  await browser.value(click("#tab-calls"));
  await browser.shows("the call", rows("/system/callbacks"));
  await browser.value(click("#tab-companies"));
  await browser.shows("companies again", count("20 companies"));
  await browser.press("/");
  await browser.type("harbor");
  await browser.shows("what was searched for", count("1 company"));
  await browser.send("Page.reload");
  await browser.shows("the same after a reload", count("1 company"));
  assert.deepEqual(browser.problems, []);
});

test("an agreement shows its prices with all their decimals", { skip }, async (t) => {
  const { browser } = await page(t);
  await browser.shows("the tabs", `document.getElementById("tab-agreements") !== null`);
  await browser.value(click("#tab-agreements"));
  await browser.shows("the agreement", `document.querySelector('#rows button[data-id="269"]') !== null`);
  await browser.value(click(`#rows button[data-id="269"]`));
  await browser.shows("what its backup costs", detail("1162 × 0.085 = 98.77"));
  assert.deepEqual(browser.problems, []);
});

test("the page changes between companies, turns pages, and says when the sandbox is gone", { skip }, async (t) => {
  const { browser, api, program } = await page(t, ["--tenant", "one", "--tenant", "two"]);
  await browser.shows("the first company", `document.getElementById("tenant").value === "one"`);
  for (let i = 0; i < 45; ++i) await api("two", "/service/tickets", { summary: `Number ${i}`, company: { id: 252 } });
  await browser.shows("ten tickets there", count("10 tickets"));
  await browser.value(`(() => { const select = document.getElementById("tenant"); select.value = "two"; select.dispatchEvent(new Event("change")); })()`);
  await browser.shows("those of the other", count("55 tickets"));
  await browser.shows("two pages", `document.getElementById("page").textContent === "1 of 2"`);
  await browser.value(click("#older"));
  await browser.shows("the rest", `document.querySelectorAll("#rows tr").length === 5`);
  await program.stop();
  await browser.shows("that nobody answers", `!document.getElementById("trouble").hidden && document.getElementById("trouble").textContent.includes("does not answer")`);
});

test("a person works a ticket as a member of the MSP, and sees why ConnectWise refuses", { skip }, async (t) => {
  const { browser, api } = await page(t);
  const { id } = await (await api("sandbox", "/service/tickets", { summary: "Mail is slow", company: { id: 252 }, board: { id: 1 } })).json();
  await open(browser, "tickets", id);
  for (const [name, text] of [["SLA", "Standard SLA"], ["Site", "Main"], ["Owner", "none"], ["Resources", "none"], ["Time booked", "0 h"]]) await browser.shows(name, fact(name, text));
  await browser.value(set("member", "mlopez"));
  await act(browser, "assign", [set("deed-owner", "kchen")]);
  await browser.shows("the owner", fact("Owner", "Kim Chen"));
  await act(browser, "schedule", [set("deed-resource", "apatel"), set("deed-start", "2027-01-04T09:30"), set("deed-hours", "2")]);
  await browser.shows("the resource", fact("Resources", "apatel"));
  await browser.shows("the calendar, with its zone", detail("2027-01-04 09:30 UTC, 2 h"));
  await act(browser, "note", [set("deed-text", "Called back."), set("deed-place", "internal")]);
  await browser.shows("the note and its author", detail("mlopez · internal"));
  await act(browser, "time", [set("deed-hours", "0.75"), set("deed-text", "Looked into it.")]);
  await browser.shows("the time", fact("Time booked", "0.75 h"));
  await act(browser, "move", [chosen("deed-status", "In Progress")]);
  await browser.shows("the status", fact("Status", "In Progress"));
  await act(browser, "priority", [chosen("deed-priority", "Priority 1 - Critical")]);
  await browser.shows("the priority", fact("Priority", "Priority 1 - Critical"));
  await act(browser, "board", [chosen("deed-board", "Legacy Support (do not use) (inactive)")]);
  await browser.shows("why that is refused", said("deed-problem", "ConnectWise refuses that (400)"));
  await browser.shows("the form, to try again", `!document.getElementById("deed").hidden`);
  await browser.value(chosen("deed-board", "Security Operations"));
  await browser.shows("the other board's statuses", `[...document.getElementById("deed-status").options].some((each) => each.text === "Triage")`);
  await browser.value(chosen("deed-status", "Triage"));
  await browser.value(`document.getElementById("deed").requestSubmit()`);
  await browser.shows("the board", fact("Board", "Security Operations"));
  await browser.shows("the status there", fact("Status", "Triage"));
  await act(browser, "assign", [set("deed-owner", "")]);
  await browser.shows("that nobody has it", fact("Owner", "none"));
  await act(browser, "close", [chosen("deed-status", ">Closed")]);
  await browser.shows("that it is closed", said("deed-done", "The ticket is closed."));
  await browser.shows("no second close", `document.querySelector('[data-deed="close"]') === null`);
  const ticket = await (await api("sandbox", `/service/tickets/${id}`)).json();
  assert.deepEqual([ticket.closedFlag, ticket.closedBy, ticket._info.updatedBy], [true, "mlopez", "mlopez"]);
  await browser.send("Page.reload");
  await browser.shows("the member that was chosen", `document.getElementById("member").value === "mlopez"`);
  assert.deepEqual(browser.problems.filter((each) => !each.includes("409")), []);
});

test("who closes a ticket chooses among the closed statuses of its board, and may leave it to nobody", { skip }, async (t) => {
  const { browser, url, api } = await page(t);
  const { id } = await (await api("sandbox", "/service/tickets", { summary: "Disk full", company: { id: 252 }, board: { id: 3 }, owner: { identifier: "kchen" } })).json();
  await open(browser, "tickets", id);
  await browser.shows("the owner", fact("Owner", "Kim Chen"));
  await act(browser, "assign", [chosen("deed-owner", "nobody")]);
  await browser.shows("nobody", fact("Owner", "none"));
  await act(browser, "close");
  await browser.shows("the closed statuses, the plain one chosen", `(() => { const field = document.getElementById("deed-status"); return field && [field.selectedOptions[0].text, ...[...field.options].map((each) => each.text)].join() === ">Closed,>Closed,Auto-Resolved"; })()`);
  await browser.press("Escape");
  await act(browser, "close", [chosen("deed-status", "Auto-Resolved")]);
  await browser.shows("that status", fact("Status", "Auto-Resolved"));
  await fetch(`${url}/sandbox/reference`, { method: "POST", body: JSON.stringify({ collection: "service/boards/statuses", id: 108, action: "deactivate" }) });
  await open(browser, "tickets", 1002);
  await act(browser, "close");
  await browser.shows("that there is none", said("deed-problem", "The board Help Desk has no status in use that closes a ticket."));
  assert.deepEqual(browser.problems, []);
});

test("a ticket shows all that an MSP looks at, in words, and leads to what belongs to it", { skip }, async (t) => {
  const { browser, api } = await page(t);
  const made = await (await api("sandbox", "/service/tickets", { summary: "VPN", company: { id: 252 }, board: { id: 1 }, type: { id: 101 }, subType: { id: 101 }, item: { id: 101 }, source: { id: 4 }, contact: { id: 2520 }, agreement: { id: 252 }, severity: "High", impact: "Low" })).json();
  await api("sandbox", `/service/tickets/${made.id}/configurations`, { id: 2520 });
  const device = await (await api("sandbox", "/company/configurations/2520")).json();
  await open(browser, "tickets", made.id);
  const facts = { Type: made.type.name, Subtype: made.subType.name, Item: made.item.name, Source: made.source.name, Severity: "High", Impact: "Low", Company: made.company.name, Contact: made.contact.name, "Contact phone": made.contactPhoneNumber, "Contact e-mail": made.contactEmailAddress, Agreement: made.agreement.name, Site: made.site.name, Team: made.team.name, SLA: made.sla.name };
  for (const [name, text] of Object.entries(facts)) await browser.shows(name, fact(name, text));
  await browser.value(click('#detail a[href*="view=configurations"]'));
  await browser.shows("the device, with the focus on it", `${detail(device.name)} && document.activeElement.id === "detail"`);
  const words = { Type: device.type.name, Company: device.company.name, "Serial Number": device.serialNumber, "Model Number": device.modelNumber, "Purchase Date": device.purchaseDate.slice(0, 10), "Warranty Expiration": device.warrantyExpirationDate.slice(0, 10), "OS Type": device.osType, "IP Address": device.ipAddress };
  for (const [name, text] of Object.entries(words)) await browser.shows(name, fact(name, text));
  const shown = await browser.value(`[...document.querySelectorAll("#detail dt")].map((each) => [each.textContent, each.nextSibling.textContent])`);
  assert.deepEqual(shown.filter(([name, text]) => !/^[A-Z]/.test(name) || /[a-z][A-Z]/.test(name) || text === "" || text === "no" || /T\d\d:/.test(text)), []);
  assert.ok(shown.findIndex(([name]) => name === "Type") < shown.findIndex(([name]) => name === "Serial Number"));
  await browser.value(click('#detail a[href*="view=companies"]'));
  await browser.shows("the company", detail("AcmeDental"));
  await browser.value("history.back()");
  await browser.shows("the device again", detail(device.serialNumber));
  assert.deepEqual(browser.problems, []);
});

test("invoices stand in their tab and with their agreement, with their lines", { skip }, async (t) => {
  const { browser, api } = await page(t);
  const [invoice] = await (await api("sandbox", `/finance/invoices?orderBy=${encodeURIComponent("id desc")}&pageSize=1`)).json();
  const products = await (await api("sandbox", `/procurement/products?pageSize=1000&conditions=${encodeURIComponent(`invoice/id=${invoice.id}`)}`)).json();
  const lines = products.length + (invoice.agreementAmount ? 1 : 0);
  assert.ok(lines > 0);
  await open(browser, "invoices", invoice.id);
  await browser.shows("the columns", `[...document.querySelectorAll("#heads th")].map((each) => each.textContent).join() === "Number,Date,Company,Agreement,Total,Balance,Status"`);
  await browser.shows("the row", rows(invoice.total.toFixed(2)));
  for (const [name, text] of [["Date", invoice.date.slice(0, 10)], ["Company", invoice.company.name], ["Agreement", invoice.agreement.name], ["Total", invoice.total.toFixed(2)], ["Balance", invoice.balance.toFixed(2)], ["Status", invoice.status.name]]) await browser.shows(name, fact(name, text));
  await browser.shows("its lines", detail(`Lines (${lines})`));
  await browser.value(click('#detail dd a[href*="view=agreements"]'));
  await browser.shows("the agreement's invoices", detail("Last invoices ("));
  await browser.shows("the lines of the last", detail(`Lines of invoice ${invoice.invoiceNumber} (${lines})`));
  await browser.value(click(`#detail a[href*="view=invoices"][href$="id=${invoice.id}"]`));
  await browser.shows("the invoice again", `document.querySelector("#detail h2").textContent === "Invoice ${invoice.invoiceNumber}"`);
  assert.deepEqual(browser.problems, []);
});

test("members have roles that a person changes, and a refusal names the right that is lacking", { skip }, async (t) => {
  const { browser } = await page(t);
  await browser.shows("the tabs", `document.getElementById("tab-roles") !== null`);
  assert.match(await browser.value(`document.getElementById(document.getElementById("member").getAttribute("aria-describedby")).textContent`), /in whose name changes are made.*does not decide what is shown/);
  await browser.value(click("#tab-roles"));
  await browser.shows("what a role may do, in short", rows("Company Maintenance: inquire; Contacts: inquire; Configurations: inquire; and "));
  await browser.shows("who has it", rows("mlopez, apatel, kchen"));
  await open(browser, "members", 102);
  await browser.shows("the role", fact("Role", "Technician"));
  await act(browser, "role", [set("deed-role", "NoClose")]);
  await browser.shows("the other role", fact("Role", "NoClose"));
  await browser.value(set("member", "mlopez"));
  await open(browser, "tickets", 1002);
  await act(browser, "close", [chosen("deed-status", ">Closed")]);
  await browser.shows("the right that is lacking", said("deed-problem", "mlopez has the role NoClose, which lacks Edit in Close Service Tickets."));
  await browser.shows("where that is changed", said("deed-problem", "The tabs Members and Roles change that."));
  assert.deepEqual(browser.problems.filter((each) => !each.includes("409")), []);
});

test("a person edits additions, retires boards and changes rights on the page", { skip }, async (t) => {
  const { browser, api } = await page(t);
  const product = await (await api("sandbox", "/finance/agreements/252/additions", { product: { id: 101 }, quantity: 3, unitPrice: 10, billCustomer: "Billable" })).json();
  const addition = async () => (await api("sandbox", `/finance/agreements/252/additions/${product.id}`)).json();
  await open(browser, "agreements", 252);
  await act(browser, "edit", [set("deed-addition", String(product.id)), set("deed-quantity", "5"), set("deed-price", "12.5")]);
  await browser.shows("the new sum", detail("5 × 12.50 = 62.50"));
  assert.deepEqual([(await addition()).quantity, (await addition()).unitPrice], [5, 12.5]);
  await act(browser, "cancel", [set("deed-addition", String(product.id)), set("deed-date", "2099-12-31")]);
  await browser.shows("the cancellation", detail("cancelled 2099-12-31"));
  await open(browser, "boards", 1);
  await act(browser, "deactivate-status", [chosen("deed-status", "Acknowledged")]);
  await browser.shows("that the status is inactive", said("deed-done", "The status is inactive."));
  await act(browser, "activate-status", [chosen("deed-status", "Acknowledged")]);
  await browser.shows("that the status is active", said("deed-done", "The status is active."));
  await act(browser, "deactivate");
  await browser.shows("an inactive board", fact("State", "inactive"));
  assert.equal((await (await api("sandbox", "/service/boards/1")).json()).inactiveFlag, true);
  await act(browser, "activate");
  await browser.shows("an active board", fact("State", "active"));
  await open(browser, "roles", 2);
  await act(browser, "rights", [set("deed-function", "Service Tickets"), set("deed-A", ""), set("deed-I", "i")]);
  await browser.shows("the rights", `[...document.querySelectorAll("#detail li")].some((each) => each.textContent === "Service Desk: Service TicketsEi")`);
  assert.deepEqual(browser.problems, []);
});

test("the page's forms are worked by keyboard, and every field has a label", { skip }, async (t) => {
  const { browser } = await page(t);
  await open(browser, "tickets", 1002);
  for (const deed of ["assign", "schedule", "note", "time", "move", "board", "close", "priority"]) {
    await browser.shows(deed, `document.querySelector('[data-deed="${deed}"]') !== null`);
    await browser.value(click(`[data-deed="${deed}"]`));
    await browser.shows(`the form of ${deed}, with the focus in it`, `document.activeElement.form?.id === "deed" && document.querySelector('[data-deed="${deed}"]').getAttribute("aria-expanded") === "true"`);
    assert.deepEqual(await browser.value(`[...document.querySelectorAll("select, input, textarea")].filter((each) => !each.labels.length && !each.ariaLabel).map((each) => each.id)`), []);
  }
  await browser.press("Escape");
  await browser.shows("no form, and the focus on its button", `document.getElementById("deed").hidden && document.activeElement.dataset.deed === "priority"`);
  await browser.press("Escape");
  await browser.shows("no details, and the focus on the row", `document.getElementById("detail").hidden && document.activeElement.dataset.id === "1002"`);
  assert.deepEqual(browser.problems, []);
});

test("ConnectWise's own address of a record leads to it on the page", { skip }, async (t) => {
  const { browser, url, api } = await page(t, ["--tenant", "one", "--tenant", "two"]);
  const { id } = await (await api("two", "/service/tickets", { summary: "Only here", company: { id: 252 } })).json();
  await browser.send("Page.navigate", { url: `${url}/v4_6_release/services/system_io/router/openrecord.rails?recordType=ServiceFv&recid=${id}` });
  await browser.shows("the ticket", detail(`#${id} Only here`));
  await browser.shows("its company", `document.getElementById("tenant").value === "two"`);
  await browser.send("Page.navigate", { url: `${url}/v4_6_release/ConnectWise.aspx?routeTo=AccountFV&recid=252&companyName=one` });
  await browser.shows("the customer", `document.getElementById("tab-companies")?.ariaSelected === "true" && ${detail("AcmeDental")}`);
  await browser.send("Page.navigate", { url: `${url}/v4_6_release/ConnectWise.aspx?routeTo=ConfigFV&recid=2520` });
  await browser.shows("a choice", `document.querySelectorAll("li a").length === 2`);
  await browser.value(`document.querySelectorAll("li a")[1].click()`);
  await browser.shows("the device", detail("dev-2520"));
  await browser.send("Page.navigate", { url: `${url}/#view=tickets&tenant=three&id=1000` });
  await browser.shows("that there is no such company", said("trouble", 'There is no company "three" here.'));
});

test("no column of the calls is pushed out of sight, and what is cut off is shown to who comes to it", { skip }, async (t) => {
  const { browser, api } = await page(t);
  const long = `/service/tickets?conditions=${encodeURIComponent(`summary contains "a text that goes on and on, ${"and on, ".repeat(20)}" and company/identifier="AcmeDental" and lastUpdated>[2020-01-01T00:00:00Z]`)}&fields=id,summary,status,company,owner&pageSize=1000`;
  await api("sandbox", long);
  // A browser without a window tells no page that it has the focus.
  await browser.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  for (const [pixels, opened] of [[1024, false], [1024, true], [1280, false], [1280, true]]) {
    await width(browser, pixels);
    await browser.shows("the tab", `document.getElementById("tab-calls") !== null`);
    await browser.value(click("#tab-calls"));
    await browser.shows("the call", rows("a text that goes on"));
    if (opened) await browser.value(click("#rows button"));
    await browser.shows("the details or none", `document.getElementById("detail").hidden === ${!opened}`);
    const out = `(() => { const { left } = document.querySelector(".scroll").getBoundingClientRect(), right = left + document.querySelector(".scroll").clientWidth; return [...document.querySelectorAll("#heads th")].filter((each) => each.getBoundingClientRect().right > right + 1 || each.getBoundingClientRect().width < 40).map((each) => each.textContent); })()`;
    assert.deepEqual(await browser.value(out), [], `${pixels} pixels, details ${opened}`);
    await browser.value(`document.activeElement.blur(), document.querySelector("#rows button").focus()`);
    await browser.shows("the whole call", `!document.getElementById("whole").hidden && document.getElementById("whole").textContent.includes("pageSize=1000")`);
    await browser.press("Escape");
    await browser.shows("it no more", `document.getElementById("whole").hidden`);
  }
  await browser.shows("times with their zone", `/^\\d\\d:\\d\\d:\\d\\d UTC$/.test(document.querySelector("#rows td").textContent) && /sandbox time \\d{4}-\\d\\d-\\d\\d [\\d:]+ UTC$/.test(document.getElementById("status").textContent)`);
});

test("only rows that are new or have changed are pointed out, whatever tab one comes from", { skip }, async (t) => {
  const { browser, url, api } = await page(t);
  await browser.shows("the tickets", count("10 tickets"));
  await browser.value(`window.fresh = new Set(), new MutationObserver(() => document.querySelectorAll("#rows tr.fresh").forEach((each) => fresh.add(each.dataset.id))).observe(document.getElementById("rows"), { childList: true })`);
  const pointedOut = () => browser.value("[...fresh]");
  for (const [tab, total] of [["companies", "20 companies"], ["boards", "5 boards"], ["members", "8 members"], ["tickets", "10 tickets"]]) {
    await browser.value(click(`#tab-${tab}`));
    await browser.shows(total, count(total));
  }
  await browser.press("/");
  await browser.type("printer");
  await browser.shows("what was searched for", `${count("10 tickets").replace("===", "!==")} && ${rows("Printer")}`);
  await browser.value(click("#tab-tickets"));
  await browser.shows("all again", count("10 tickets"));
  assert.deepEqual(await pointedOut(), []);
  const { id } = await (await api("sandbox", "/service/tickets", { summary: "Brand new", company: { id: 252 } })).json();
  await browser.shows("the new one", `fresh.has("${id}")`);
  assert.deepEqual(await pointedOut(), [String(id)]);
  await fetch(`${url}/sandbox/technician`, { method: "POST", body: JSON.stringify({ action: "priority", ticket: 1003, priority: 1 }) });
  await browser.shows("the one that has changed", `fresh.has("1003")`);
  assert.deepEqual(await pointedOut(), [String(id), "1003"]);
  assert.deepEqual(browser.problems, []);
});

test("nothing is wider than the window, whichever tab and details are open", { skip }, async (t) => {
  const { browser } = await page(t, ["--scenario", "mid"]);
  await browser.shows("the tickets", count("2,500 tickets"));
  const tabs = await browser.value(`[...document.querySelectorAll("[role=tab]")].map((each) => [each.id, each.textContent.replace("API ", "").toLowerCase()])`);
  for (const pixels of [1024, 1280, 1400, 1920]) {
    await width(browser, pixels);
    for (const [tab, things] of tabs) {
      await browser.value(click(`#${tab}`));
      await browser.shows(things, `document.getElementById("count").textContent.endsWith(${JSON.stringify(` ${things}`)}) && document.getElementById("detail").hidden`);
      for (const opened of [false, true]) {
        if (opened && !(await browser.value(`(document.querySelector("#rows button")?.click(), document.getElementById("rows").children.length > 0)`))) continue;
        if (opened) await browser.shows(`details of ${things}`, `!document.getElementById("detail").hidden`);
        const wider = `["html", "nav", ".scroll", "#detail"].filter((each) => { const { scrollWidth, clientWidth } = document.querySelector(each); return scrollWidth > clientWidth; })`;
        assert.deepEqual(await browser.value(wider), [], `${things} at ${pixels} pixels, details ${opened}`);
      }
    }
  }
  assert.deepEqual(browser.problems, []);
});

"use strict";
// What is shown follows from the address behind '#', so that going back, reloading and sending a link all work.

const PAGE_SIZE = 50;
const REFRESH_MS = 2000;
const byId = (id) => document.getElementById(id);

function element(name, content = [], attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== false && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  made.append(...[content].flat().filter((each) => each !== null && each !== undefined && each !== ""));
  return made;
}

const pill = (text, kind = "") => (text ? element("span", String(text), { class: `pill ${kind}` }) : "");
const day = (time) => (time ? time.slice(0, 10) : "");
// The sandbox's own clock, which is UTC as all of ConnectWise's times are.
const moment = (time) => (time ? `${time.slice(0, 16).replace("T", " ")} UTC` : "");
const second = (time) => (time ? `${time.slice(0, 19).replace("T", " ")} UTC` : "");
const named = (reference) => (reference ? reference.name ?? reference.identifier ?? `#${reference.id}` : "");
const counted = (number, things) => `${number.toLocaleString("en")} ${number === 1 ? things.replace(/ies$/, "y").replace(/s$/, "") : things}`;
const none = () => element("span", "none", { class: "soft" });
const money = (amount) => (amount === undefined || amount === null ? "" : Number(amount).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4, useGrouping: false }));

// --- asking ---------------------------------------------------------------------------------------------------------

class Failed extends Error {}

async function request(path, options) {
  let answer;
  try {
    answer = await fetch(`/sandbox/${path}`, options);
  } catch {
    throw new Failed("The sandbox does not answer. Is it still running?");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Failed(body?.message ?? `The sandbox answered ${answer.status}.`);
  return body;
}

const ask = (path, parameters = {}) => request(`${path}?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== ""))}`);
const tell = (path, body) => request(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ tenant: state.tenant, ...body }) });
const listOf = (collection, more = {}) => ask("list", { collection, tenant: state.tenant, limit: PAGE_SIZE, ...more });

// --- where we are ---------------------------------------------------------------------------------------------------

let state;

function read() {
  const from = new URLSearchParams(location.hash.slice(1));
  return { view: views()[from.get("view")] ? from.get("view") : "tickets", tenant: from.get("tenant") ?? "", search: from.get("search") ?? "", page: Math.max(1, Number(from.get("page")) || 1), id: from.get("id") ?? "" };
}

function go(change, { replace = false } = {}) {
  state = { ...state, ...change };
  const entries = Object.entries(state).filter(([key, value]) => value !== "" && !(key === "page" && value === 1));
  const hash = `#${new URLSearchParams(entries)}`;
  if (replace) history.replaceState(null, "", hash);
  else if (hash !== location.hash) history.pushState(null, "", hash);
  show();
}

// --- views ----------------------------------------------------------------------------------------------------------

const statusPill = (ticket) => pill(ticket.status, ticket.closed ? "" : /new|re-?open/i.test(ticket.status) ? "warn" : "good");
const priorityPill = (name) => pill(name.replace(/^Priority (\d).*$/, "P$1"), /1/.test(name) ? "bad" : /2/.test(name) ? "warn" : "");
const statePill = (inactive) => (inactive ? pill("inactive", "bad") : pill("active", "good"));
const callStatus = (call) => (call.status === 0 ? pill("dropped", "bad") : pill(call.status, call.status >= 500 ? "bad" : call.status >= 400 ? "warn" : "good"));

function readable(target) {
  const path = target.replace(/^.*?\/apis\/3\.0/, "");
  try {
    return decodeURIComponent(path.replace(/\+/g, " "));
  } catch {
    return path;
  }
}

const collectionView = (title, collection, columns, detail, empty) => ({
  title,
  empty,
  columns,
  detail,
  key: (each) => each.id,
  load: async () => {
    const found = await listOf(collection, { search: state.search, page: state.page });
    return { total: found.total, items: found.objects };
  },
});

function views() {
  return (views.made ??= {
    tickets: {
      title: "Tickets",
      empty: "No tickets yet. What a client makes appears here within two seconds.",
      key: (each) => each.id,
      columns: [
        ["Number", (each) => `#${each.id}`, "tight soft"],
        ["Summary", (each) => each.summary, "main"],
        ["Company", (each) => each.company, "wide"],
        ["Board", (each) => each.board, "wide"],
        ["Status", statusPill, "tight"],
        ["Priority", (each) => priorityPill(each.priority), "tight"],
        ["Owner", (each) => each.owner, "tight wide"],
        ["Notes", (each) => each.notes, "tight wide"],
        ["Updated", (each) => moment(each.updated), "tight soft wide"],
      ],
      load: async () => {
        const found = await ask("tickets", { tenant: state.tenant, limit: PAGE_SIZE, page: state.page, search: state.search });
        return { total: found.total, items: found.tickets };
      },
      detail: ticketDetail,
    },
    companies: collectionView(
      "Companies",
      "company/companies",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["Identifier", (each) => each.identifier, "code wide"],
        ["City", (each) => [each.city, each.state].filter(Boolean).join(", "), "wide"],
        ["Type", (each) => (each.types ?? []).map(named).join(", "), "wide"],
        ["Status", (each) => (each.deletedFlag ? pill("deleted", "bad") : pill(named(each.status), named(each.status) === "Active" ? "good" : "warn")), "tight"],
      ],
      companyDetail,
      "No companies.",
    ),
    agreements: collectionView(
      "Agreements",
      "finance/agreements",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["Company", (each) => named(each.company), "wide"],
        ["Type", (each) => named(each.type), "wide"],
        ["Amount", (each) => money(each.billAmount), "tight wide"],
        ["Since", (each) => day(each.startDate), "tight soft wide"],
        ["Status", (each) => pill(each.agreementStatus, each.agreementStatus === "Active" ? "good" : "warn"), "tight"],
      ],
      agreementDetail,
      "No agreements.",
    ),
    configurations: collectionView(
      "Configurations",
      "company/configurations",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["Company", (each) => named(each.company), "wide"],
        ["Type", (each) => named(each.type)],
        ["Serial number", (each) => each.serialNumber, "code wide"],
        ["Device", (each) => each.deviceIdentifier, "code wide"],
        ["Status", (each) => pill(named(each.status), named(each.status) === "Active" ? "good" : ""), "tight"],
      ],
      fieldsDetail("company/configurations"),
      "No configurations.",
    ),
    boards: collectionView(
      "Boards",
      "service/boards",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["Location", (each) => named(each.location), "wide"],
        ["Department", (each) => named(each.department), "wide"],
        ["State", (each) => statePill(each.inactiveFlag), "tight"],
      ],
      boardDetail,
      "No boards.",
    ),
    roles: collectionView(
      "Roles",
      "system/securityroles",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["May do", (each) => (each.adminFlag ? "everything" : "what its rights say"), "wide"],
        ["State", (each) => statePill(each.inactiveFlag), "tight"],
      ],
      roleDetail,
      "No roles.",
    ),
    callbacks: collectionView(
      "Callbacks",
      "system/callbacks",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["URL", (each) => each.url, "main"],
        ["Type", (each) => each.type, "tight"],
        ["Level", (each) => each.level, "tight wide"],
        ["Object", (each) => each.objectId, "tight wide"],
        ["State", (each) => statePill(each.inactiveFlag), "tight"],
      ],
      fieldsDetail("system/callbacks"),
      "No client has registered a callback.",
    ),
    calls: {
      title: "API calls",
      empty: "No client has called yet.",
      key: (each) => each.number,
      columns: [
        ["Time", (each) => `${each.at.slice(11, 19)} UTC`, "tight soft"],
        ["Method", (each) => each.method, "tight"],
        ["Call", (each) => readable(each.target), "main code clip"],
        ["Answer", callStatus, "tight"],
      ],
      load: async () => {
        const found = await ask("calls", { tenant: state.tenant, limit: 500 });
        const wanted = state.search.toLowerCase();
        const items = found.filter((each) => `${each.method} ${readable(each.target)} ${each.status}`.toLowerCase().includes(wanted));
        return { total: items.length, items: items.slice((state.page - 1) * PAGE_SIZE, state.page * PAGE_SIZE) };
      },
      detail: callDetail,
    },
  });
}

// --- details --------------------------------------------------------------------------------------------------------

const facts = (pairs) => element("dl", pairs.filter(([, value]) => value !== undefined && value !== null && value !== "").flatMap(([name, value]) => [element("dt", name), element("dd", value instanceof Node ? value : String(value))]));
const heading = (text) => element("h3", text);
const plainList = (items) => element("ul", items.map(([left, right]) => element("li", [element("span", left), element("span", right, { class: "soft" })])), { class: "plain" });
const listed = (title, items, item) => [heading(`${title} (${items.length})`), items.length ? plainList(items.map(item)) : element("p", "None.", { class: "soft" })];

// What is shown of one thing: its title, what stands below, and what a person can do there (see "what people do").

async function ticketDetail(id) {
  const { ticket, notes, time, schedule, configurations } = await ask("ticket", { tenant: state.tenant, ticket: id });
  const blocks = notes.map((note) => {
    const place = note.resolutionFlag ? "resolution" : note.internalAnalysisFlag ? "internal" : "discussion";
    return element("div", [element("small", [note.createdBy, place, moment(note.dateCreated)].filter(Boolean).join(" · ")), note.text ?? ""], { class: `note ${place}` });
  });
  return {
    title: `#${ticket.id} ${ticket.summary}`,
    deeds: ticketDeeds(ticket),
    body: [
      facts([
        ["Status", statusPill({ status: named(ticket.status), closed: ticket.closedFlag })],
        ["Board", named(ticket.board)],
        ["Priority", named(ticket.priority) || none()],
        ["SLA", [named(ticket.sla), ticket.slaStatus].filter(Boolean).join(", ") || none()],
        ["Type", [named(ticket.type), named(ticket.subType), named(ticket.item)].filter(Boolean).join(" / ")],
        ["Company", named(ticket.company)],
        ["Site", named(ticket.site) || ticket.siteName || none()],
        ["Contact", named(ticket.contact) || ticket.contactName || none()],
        ["Team", named(ticket.team) || none()],
        ["Owner", named(ticket.owner) || none()],
        ["Resources", ticket.resources || none()],
        ["Time booked", `${ticket.actualHours ?? 0} h`],
        ["Source", named(ticket.source)],
        ["Reference", ticket.externalXRef],
        ["Opened", `${moment(ticket._info.dateEntered)} by ${ticket._info.enteredBy}`],
        ["Updated", `${moment(ticket._info.lastUpdated)} by ${ticket._info.updatedBy}`],
        ["Closed", moment(ticket.closedDate)],
      ]),
      heading(`Notes (${notes.length})`),
      ...(blocks.length ? blocks : [element("p", "None.", { class: "soft" })]),
      ...listed("Time entries", time, (each) => [`${named(each.member) || each.enteredBy || ""}: ${each.notes ?? ""}`, `${each.actualHours ?? 0} h, ${moment(each.timeStart)}`]),
      ...listed("Schedule", schedule, (each) => [named(each.member), each.dateStart ? `${moment(each.dateStart)}, ${each.hours ?? 0} h` : "no time"]),
      ...listed("Configurations", configurations, (each) => [each.name, named(each.type)]),
    ],
  };
}

const oneOf = async (collection, id) => (await listOf(collection, { conditions: `id=${Number(id)}`, limit: 1 })).objects[0];

async function companyDetail(id) {
  const conditions = `company/id=${Number(id)}`;
  const [company, contacts, agreements, devices, tickets] = await Promise.all([
    oneOf("company/companies", id),
    listOf("company/contacts", { conditions, limit: 20 }),
    listOf("finance/agreements", { conditions, limit: 20 }),
    listOf("company/configurations", { conditions, limit: 10 }),
    listOf("service/tickets", { conditions: `${conditions} and closedFlag=false`, limit: 10 }),
  ]);
  if (!company) return gone();
  const mail = (contact) => contact.communicationItems?.find((each) => each.communicationType === "Email")?.value ?? "";
  const part = (title, found, item) => [heading(`${title} (${found.total})`), found.total ? plainList(found.objects.map(item)) : element("p", "None.", { class: "soft" })];
  return {
    title: company.name,
    body: [
      facts([["Id", company.id], ["Identifier", company.identifier], ["Status", named(company.status)], ["Type", (company.types ?? []).map(named).join(", ")], ["Address", [company.addressLine1, company.city, company.state, company.zip].filter(Boolean).join(", ")], ["Phone", company.phoneNumber], ["Website", company.website]]),
      ...part("Contacts", contacts, (each) => [`${each.firstName} ${each.lastName ?? ""}`, mail(each)]),
      ...part("Open tickets", tickets, (each) => [`#${each.id} ${each.summary}`, named(each.status)]),
      ...part("Agreements", agreements, (each) => [each.name, each.agreementStatus ?? ""]),
      ...part("Configurations", devices, (each) => [each.name, named(each.type)]),
    ],
  };
}

async function agreementDetail(id) {
  const agreement = await oneOf("finance/agreements", id);
  if (!agreement) return gone();
  const { objects: additions } = await listOf("finance/agreements/additions", { parent: id });
  const price = (each) => `${each.quantity ?? 0} × ${money(each.unitPrice)} = ${money(each.extPrice ?? (each.quantity ?? 0) * (each.unitPrice ?? 0))}`;
  return {
    title: agreement.name,
    deeds: additionDeeds(additions),
    body: [
      facts([["Id", agreement.id], ["Company", named(agreement.company)], ["Type", named(agreement.type)], ["Status", agreement.agreementStatus], ["From", day(agreement.startDate)], ["Until", agreement.noEndingDateFlag ? "no end" : day(agreement.endDate)], ["Billing cycle", named(agreement.billingCycle)], ["Amount", money(agreement.billAmount)], ["Next invoice", day(agreement.nextInvoiceDate)]]),
      ...listed("Additions", additions, (each) => [`${named(each.product)}${each.cancelledDate ? ` (cancelled ${day(each.cancelledDate)})` : ""}`, price(each)]),
    ],
  };
}

async function boardDetail(id) {
  const board = await oneOf("service/boards", id);
  if (!board) return gone();
  const statuses = await statusesOf(id);
  return {
    title: board.name,
    deeds: boardDeeds(board, statuses),
    body: [
      facts([["Id", board.id], ["State", statePill(board.inactiveFlag)], ["Location", named(board.location)], ["Department", named(board.department)]]),
      ...listed("Statuses", statuses, (each) => [`${each.name}${each.defaultFlag ? " (default)" : ""}${each.closedStatus ? " (closes)" : ""}`, statePill(each.inactive)]),
    ],
  };
}

const RIGHTS = [["A", "Add", "addLevel"], ["E", "Edit", "editLevel"], ["D", "Delete", "deleteLevel"], ["I", "Inquire", "inquireLevel"]];
const levelLetter = (letter, level) => ({ All: letter, My: letter.toLowerCase() })[level] ?? "";
const lettersOf = (setting) => RIGHTS.map(([letter, , field]) => levelLetter(letter, setting[field])).join("");

async function roleDetail(id) {
  const role = await oneOf("system/securityroles", id);
  if (!role) return gone();
  const { objects: settings } = await listOf("system/securityRoles/settings", { parent: id, limit: 500 });
  settings.sort((a, b) => a.sortOrder - b.sortOrder);
  return {
    title: role.name,
    deeds: role.adminFlag ? [] : roleDeeds(role, settings),
    body: [
      element("p", role.adminFlag ? "Administrators: this role may do everything, whatever its settings say." : "A: add, E: edit, D: delete, I: inquire. A small letter covers only the member's own. An administrator changes them.", { class: "soft" }),
      ...(role.adminFlag ? [] : listed("Module functions", settings, (each) => [`${each.moduleName}: ${each.moduleFunctionName}`, lettersOf(each) || "none"])),
    ],
  };
}

/** All fields that have a value. */
const fieldsDetail = (collection) => async (id) => {
  const object = await oneOf(collection, id);
  if (!object) return gone();
  const text = (value) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? moment(value) : value);
  const shown = (value) => (value === null ? "" : typeof value !== "object" ? text(value) : Array.isArray(value) ? (value.length ? JSON.stringify(value) : "") : named(value));
  return { title: object.name ?? object.url ?? `#${object.id}`, body: [facts(Object.entries(object).filter(([name]) => name !== "_info").map(([name, value]) => [name, shown(value)]))] };
};

async function callDetail(number) {
  const call = await ask("calls", { number });
  const pretty = (text, bytes) => {
    if (!text) return element("p", bytes ? "Not kept." : "Empty.", { class: "soft" });
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      if (bytes > text.length) shown += `\n… ${bytes} bytes in all`;
    }
    return element("pre", shown);
  };
  return {
    title: `${call.method} ${readable(call.target).split("?")[0]}`,
    body: [
      facts([["Number", call.number], ["Time", second(call.at)], ["Company", call.tenant || "none"], ["Answer", callStatus(call)], ["Done", call.handled ? "yes" : "no: a limit or a fault answered"]]),
      heading("Target"),
      element("pre", call.target),
      heading("Request"),
      pretty(call.request, call.request_bytes),
      heading("Answer"),
      pretty(call.answer, call.answer_bytes),
    ],
  };
}

const gone = () => ({ title: "Not found", body: [element("p", "It is not there, or no longer.", { class: "soft" })] });

// --- drawing --------------------------------------------------------------------------------------------------------

let drawn = "";
let known = null; // keys of the first page as last shown, to point out what is new
let detailDrawn = "";

function drawTabs() {
  if (byId("tabs").children.length === 0) {
    byId("tabs").replaceChildren(
      ...Object.entries(views()).map(([name, view]) => {
        const tab = element("button", view.title, { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "list" });
        tab.addEventListener("click", () => go({ view: name, search: "", page: 1, id: "" }));
        return tab;
      }),
    );
  }
  for (const tab of byId("tabs").children) {
    const chosen = tab.id === `tab-${state.view}`;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
  byId("list").setAttribute("aria-labelledby", `tab-${state.view}`);
}

function drawRow(view, item) {
  const key = String(view.key(item));
  const cells = view.columns.map(([, value, className = ""]) => {
    const content = value(item);
    const cell = element("td", "", { class: className.replace("main", "subject").trim() || undefined });
    if (className.includes("main")) cell.append(element("button", String(content ?? ""), { type: "button", "data-id": key, "aria-expanded": key === state.id }));
    else cell.append(content instanceof Node ? content : String(content ?? ""));
    return cell;
  });
  const fresh = known !== null && !known.has(key);
  return element("tr", cells, { "data-id": key, class: `${key === state.id ? "chosen" : ""} ${fresh ? "fresh" : ""}`.trim() || undefined });
}

function drawList(view, { total, items }) {
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  byId("count").textContent = counted(total, view.title === "API calls" ? "calls" : view.title.toLowerCase());
  byId("page").textContent = pages > 1 ? `${state.page.toLocaleString("en")} of ${pages.toLocaleString("en")}` : "";
  byId("newer").disabled = state.page <= 1;
  byId("older").disabled = state.page >= pages;
  byId("empty").hidden = items.length > 0;
  byId("empty").textContent = items.length > 0 ? "" : state.search ? `Nothing matches "${state.search}".` : view.empty;
  const picture = JSON.stringify([state, items]);
  if (picture === drawn) return;
  const focused = document.activeElement?.dataset?.id;
  byId("heads").replaceChildren(...view.columns.map(([title, , className = ""]) => element("th", title, { scope: "col", class: className.replace(/code|soft/g, "").replace("main", "subject").trim() || undefined })));
  byId("rows").replaceChildren(...items.map((item) => drawRow(view, item)));
  if (focused) byId("rows").querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus();
  drawn = picture;
  known = state.page === 1 && !state.search ? new Set(items.map((item) => String(view.key(item)))) : null;
}

async function drawDetail(view, mine) {
  const drawer = byId("detail");
  document.querySelector("main").classList.toggle("split", Boolean(state.id));
  if (!state.id) {
    drawer.hidden = true;
    detailDrawn = "";
    drawDeeds([]);
    return;
  }
  let shown;
  try {
    shown = await view.detail(state.id);
  } catch (problem) {
    shown = { title: "Not there", body: [element("p", problem.message, { class: "soft" })] };
  }
  if (mine !== turn) return;
  const holder = element("div", shown.body);
  const picture = `${state.view}/${state.tenant}/${state.id}/${holder.innerHTML}`;
  if (picture !== detailDrawn) byId("detail-content").replaceChildren(...holder.childNodes);
  detailDrawn = picture;
  byId("detail-title").textContent = shown.title;
  drawer.hidden = false;
  drawDeeds(shown.deeds ?? []);
}

let sandboxNow = ""; // the sandbox's time as last told

function fill(select, options, value) {
  const picture = JSON.stringify(options);
  if (select.dataset.picture !== picture) select.replaceChildren(...options.map(([key, text]) => new Option(text, key)));
  select.dataset.picture = picture;
  select.value = value;
}

async function drawTenants() {
  const now = await ask("state");
  sandboxNow = now.now;
  byId("status").textContent = `${counted(now.calls, "calls")} · sandbox time ${second(now.now)}`;
  const names = now.tenants.map((each) => each.login_company);
  state.tenant = state.tenant ? (names.find((name) => name.toLowerCase() === state.tenant.toLowerCase()) ?? state.tenant) : (names[0] ?? "");
  fill(byId("tenant"), names.map((name) => [name, name]), state.tenant);
  if (!names.includes(state.tenant)) throw new Failed(`There is no company "${state.tenant}" here. Choose one above.`);
  await drawMembers();
}

/** Whom a person plays is remembered by this browser, for each company, where it remembers anything. */
function remembered(member) {
  const key = `crosswalk-sandbox-member-${state.tenant}`;
  try {
    if (member) localStorage.setItem(key, member);
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

async function drawMembers() {
  people = newestLast(await listOf("system/members", { limit: 500 }));
  const active = people.filter((each) => !each.inactiveFlag && each.licenseClass !== "A");
  const last = remembered() ?? byId("member").value;
  const chosen = active.find((each) => each.identifier === last) ?? active[0];
  fill(byId("member"), active.map((each) => [each.identifier, `${each.firstName} ${each.lastName ?? ""}`]), chosen?.identifier ?? "");
}

let turn = 0;
/** Draws what the state says; a later call overtakes an earlier one that is still waiting. */
async function show() {
  const mine = ++turn;
  const view = views()[state.view];
  drawTabs();
  if (document.activeElement !== byId("search")) byId("search").value = state.search;
  try {
    await drawTenants();
    const found = await view.load();
    if (mine !== turn) return;
    drawList(view, found);
    await drawDetail(view, mine);
    if (mine !== turn) return;
    byId("trouble").hidden = true;
  } catch (problem) {
    if (mine !== turn) return;
    byId("trouble").textContent = problem instanceof Failed ? problem.message : `This page has failed: ${problem.message}`;
    byId("trouble").hidden = false;
    byId("status").textContent = "out of date";
  }
}

// --- what the user does ---------------------------------------------------------------------------------------------

function choose(id) {
  known = null;
  go({ id });
}

byId("rows").addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (row && !getSelection().toString()) choose(row.dataset.id === state.id ? "" : row.dataset.id);
});
/** Back to the list, where one came from. */
function closeDetail() {
  const id = state.id;
  choose("");
  byId("rows").querySelector(`button[data-id="${CSS.escape(id)}"]`)?.focus();
}

byId("close").addEventListener("click", closeDetail);
byId("member").addEventListener("change", (event) => remembered(event.target.value));
byId("deed-buttons").addEventListener("click", (event) => {
  const key = event.target.dataset.deed;
  if (!key) return;
  if (deedOpen?.key === key) closeDeed({ refocus: true });
  else openDeed(deedsOffered.find((each) => each.key === key));
});
byId("deed").addEventListener("change", (event) => event.target === byId("deed").elements[0] && followDeed());
byId("deed").addEventListener("submit", (event) => {
  event.preventDefault();
  perform(deedOpen, Object.fromEntries(new FormData(event.target)));
});
byId("tenant").addEventListener("change", (event) => {
  known = null;
  go({ tenant: event.target.value, id: "", page: 1 });
});
byId("newer").addEventListener("click", () => go({ page: state.page - 1 }));
byId("older").addEventListener("click", () => go({ page: state.page + 1 }));
let typing;
byId("search").addEventListener("input", (event) => {
  clearTimeout(typing);
  known = null;
  typing = setTimeout(() => go({ search: event.target.value.trim(), page: 1 }, { replace: true }), 150);
});
byId("tabs").addEventListener("keydown", (event) => {
  const names = Object.keys(views());
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  known = null;
  go({ view: names[(names.indexOf(state.view) + step + names.length) % names.length], search: "", page: 1, id: "" });
  byId(`tab-${state.view}`).focus();
});
document.addEventListener("keydown", (event) => {
  const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !inField) {
    event.preventDefault();
    byId("search").focus();
  } else if (event.key === "Escape" && !byId("whole").hidden) {
    byId("whole").hidden = true;
  } else if (event.key === "Escape" && deedOpen) {
    closeDeed({ refocus: true });
  } else if (event.key === "Escape" && state.id) {
    closeDetail();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !inField && !byId("detail").contains(document.activeElement)) {
    const buttons = [...byId("rows").querySelectorAll("button[data-id]")];
    const at = buttons.indexOf(document.activeElement);
    if (at < 0 && event.key === "ArrowUp") return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
  }
});
// What is cut off in the list is shown whole for whoever points at it or comes to it by keyboard.
function showWhole(event) {
  const whole = byId("whole");
  const cut = event.target.closest?.("td.clip button");
  if (event.target === whole) return;
  whole.hidden = !cut || cut.scrollWidth <= cut.clientWidth;
  if (whole.hidden) return;
  const place = cut.getBoundingClientRect();
  whole.textContent = cut.textContent;
  whole.style.left = `${Math.max(8, Math.min(place.left, innerWidth - whole.offsetWidth - 16))}px`;
  whole.style.top = `${place.bottom + whole.offsetHeight > innerHeight ? place.top - whole.offsetHeight : place.bottom}px`;
}
for (const name of ["mouseover", "focusin"]) document.addEventListener(name, showWhole);
document.addEventListener("scroll", () => (byId("whole").hidden = true), true);

addEventListener("popstate", () => {
  state = read();
  known = null;
  show();
});

state = read();
show();
setInterval(() => document.hidden || show(), REFRESH_MS);

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
const moment = (time) => (time ? time.slice(0, 19).replace("T", " ") : "");
const named = (reference) => (reference ? reference.name ?? reference.identifier ?? `#${reference.id}` : "");
const counted = (number, things) => `${number.toLocaleString("en")} ${number === 1 ? things.replace(/ies$/, "y").replace(/s$/, "") : things}`;
const money = (amount) => (amount === undefined || amount === null ? "" : Number(amount).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4, useGrouping: false }));

// --- asking ---------------------------------------------------------------------------------------------------------

class Failed extends Error {}

async function ask(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== ""));
  let answer;
  try {
    answer = await fetch(`/sandbox/${path}?${query}`);
  } catch {
    throw new Failed("The sandbox does not answer. Is it still running?");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Failed(body?.message ?? `The sandbox answered ${answer.status}.`);
  return body;
}

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
    callbacks: collectionView(
      "Callbacks",
      "system/callbacks",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["URL", (each) => each.url, "main"],
        ["Type", (each) => each.type, "tight"],
        ["Level", (each) => each.level, "tight"],
        ["Object", (each) => each.objectId, "tight"],
        ["State", (each) => (each.inactiveFlag ? pill("inactive", "bad") : pill("active", "good")), "tight"],
      ],
      fieldsDetail("system/callbacks"),
      "No client has registered a callback.",
    ),
    calls: {
      title: "API calls",
      empty: "No client has called yet.",
      key: (each) => each.number,
      columns: [
        ["Time", (each) => each.at.slice(11, 19), "tight soft"],
        ["Method", (each) => each.method, "tight"],
        ["Call", (each) => readable(each.target), "main code"],
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


async function ticketDetail(id) {
  const { ticket, notes, time, configurations } = await ask("ticket", { tenant: state.tenant, ticket: id });
  const blocks = notes.map((note) => {
    const place = note.resolutionFlag ? "resolution" : note.internalAnalysisFlag ? "internal" : "discussion";
    return element("div", [element("small", [note.createdBy, place, moment(note.dateCreated)].filter(Boolean).join(" · ")), note.text ?? ""], { class: `note ${place}` });
  });
  return [
    element("h2", `#${ticket.id} ${ticket.summary}`),
    facts([
      ["Status", statusPill({ status: named(ticket.status), closed: ticket.closedFlag })],
      ["Board", named(ticket.board)],
      ["Priority", named(ticket.priority)],
      ["Type", [named(ticket.type), named(ticket.subType), named(ticket.item)].filter(Boolean).join(" / ")],
      ["Company", named(ticket.company)],
      ["Contact", named(ticket.contact) || ticket.contactName],
      ["Owner", named(ticket.owner)],
      ["Source", named(ticket.source)],
      ["Reference", ticket.externalXRef],
      ["Opened", `${moment(ticket._info.dateEntered)} by ${ticket._info.enteredBy}`],
      ["Updated", `${moment(ticket._info.lastUpdated)} by ${ticket._info.updatedBy}`],
      ["Closed", moment(ticket.closedDate)],
    ]),
    heading(`Notes (${notes.length})`),
    ...(blocks.length ? blocks : [element("p", "None.", { class: "soft" })]),
    heading(`Time entries (${time.length})`),
    time.length ? plainList(time.map((each) => [`${named(each.member) || each.enteredBy || ""}: ${each.notes ?? ""}`, `${each.actualHours ?? 0} h`])) : element("p", "None.", { class: "soft" }),
    heading(`Configurations (${configurations.length})`),
    configurations.length ? plainList(configurations.map((each) => [`${each.name}`, named(each.type)])) : element("p", "None.", { class: "soft" }),
  ];
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
  return [
    element("h2", company.name),
    facts([["Id", company.id], ["Identifier", company.identifier], ["Status", named(company.status)], ["Type", (company.types ?? []).map(named).join(", ")], ["Address", [company.addressLine1, company.city, company.state, company.zip].filter(Boolean).join(", ")], ["Phone", company.phoneNumber], ["Website", company.website]]),
    ...part("Contacts", contacts, (each) => [`${each.firstName} ${each.lastName ?? ""}`, mail(each)]),
    ...part("Open tickets", tickets, (each) => [`#${each.id} ${each.summary}`, named(each.status)]),
    ...part("Agreements", agreements, (each) => [each.name, each.agreementStatus ?? ""]),
    ...part("Configurations", devices, (each) => [each.name, named(each.type)]),
  ];
}

async function agreementDetail(id) {
  const [agreement, additions] = await Promise.all([oneOf("finance/agreements", id), listOf("finance/agreements/additions", { parent: id })]);
  if (!agreement) return gone();
  const price = (each) => `${each.quantity ?? 0} × ${money(each.unitPrice)} = ${money(each.extPrice ?? (each.quantity ?? 0) * (each.unitPrice ?? 0))}`;
  return [
    element("h2", agreement.name),
    facts([["Id", agreement.id], ["Company", named(agreement.company)], ["Type", named(agreement.type)], ["Status", agreement.agreementStatus], ["From", day(agreement.startDate)], ["Until", agreement.noEndingDateFlag ? "no end" : day(agreement.endDate)], ["Billing cycle", named(agreement.billingCycle)], ["Amount", money(agreement.billAmount)], ["Next invoice", day(agreement.nextInvoiceDate)]]),
    heading(`Additions (${additions.total})`),
    additions.total ? plainList(additions.objects.map((each) => [`${named(each.product)}${each.cancelledDate ? ` (cancelled ${day(each.cancelledDate)})` : ""}`, price(each)])) : element("p", "None.", { class: "soft" }),
  ];
}

/** All fields that have a value. */
const fieldsDetail = (collection) => async (id) => {
  const object = await oneOf(collection, id);
  if (!object) return gone();
  const shown = (value) => (value === null ? "" : typeof value !== "object" ? value : Array.isArray(value) ? (value.length ? JSON.stringify(value) : "") : named(value));
  return [element("h2", object.name ?? object.url ?? `#${object.id}`), facts(Object.entries(object).filter(([name]) => name !== "_info").map(([name, value]) => [name, shown(value)]))];
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
  return [
    element("h2", `${call.method} ${readable(call.target).split("?")[0]}`),
    facts([["Number", call.number], ["Time", moment(call.at)], ["Company", call.tenant || "none"], ["Answer", callStatus(call)], ["Done", call.handled ? "yes" : "no: a limit or a fault answered"]]),
    heading("Target"),
    element("pre", call.target),
    heading("Request"),
    pretty(call.request, call.request_bytes),
    heading("Answer"),
    pretty(call.answer, call.answer_bytes),
  ];
}

const gone = () => [element("h2", "Not found"), element("p", "It is not there, or no longer.", { class: "soft" })];

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

async function drawDetail(view) {
  const drawer = byId("detail");
  document.querySelector("main").classList.toggle("split", Boolean(state.id));
  if (!state.id) {
    drawer.hidden = true;
    detailDrawn = "";
    return;
  }
  let content;
  try {
    content = await view.detail(state.id);
  } catch (problem) {
    content = [element("h2", "Not there"), element("p", problem.message, { class: "soft" })];
  }
  const holder = element("div", content);
  const picture = `${state.view}/${state.id}/${holder.innerHTML}`;
  if (picture !== detailDrawn) byId("detail-content").replaceChildren(...holder.childNodes);
  detailDrawn = picture;
  drawer.hidden = false;
}

async function drawTenants() {
  const now = await ask("state");
  const names = now.tenants.map((each) => each.login_company);
  if (!names.includes(state.tenant)) state.tenant = names[0] ?? "";
  const select = byId("tenant");
  if ([...select.options].map((option) => option.value).join() !== names.join()) select.replaceChildren(...names.map((name) => new Option(name, name)));
  select.value = state.tenant;
  byId("status").textContent = `${counted(now.calls, "calls")} · sandbox time ${moment(now.now)}`;
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
    await drawDetail(view);
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
byId("close").addEventListener("click", () => choose(""));
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
  } else if (event.key === "Escape" && state.id) {
    const id = state.id;
    choose("");
    byId("rows").querySelector(`button[data-id="${CSS.escape(id)}"]`)?.focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !inField) {
    const buttons = [...byId("rows").querySelectorAll("button[data-id]")];
    const at = buttons.indexOf(document.activeElement);
    if (at < 0 && event.key === "ArrowUp") return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
  }
});
addEventListener("popstate", () => {
  state = read();
  known = null;
  show();
});

state = read();
show();
setInterval(() => document.hidden || show(), REFRESH_MS);

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

const pill = (text, kind = "") => (text ? element("span", String(text), { class: `pill ${kind}`, title: String(text) }) : "");
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
  if (!answer.ok) throw new Failed(`${body?.message ?? `The sandbox answered ${answer.status}.`}${body?.refusal?.status === 403 ? " The tabs Members and Roles change that." : ""}`);
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

/** This page of those whose words hold what is searched for, where the control API does not search. */
function found(all, wordsOfOne) {
  const items = all.filter((each) => wordsOfOne(each).toLowerCase().includes(state.search.toLowerCase()));
  return { total: items.length, items: items.slice((state.page - 1) * PAGE_SIZE, state.page * PAGE_SIZE) };
}

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
        ["Owner", (each) => each.owner, "tight wider"],
        ["Notes", (each) => each.notes, "tight wider"],
        ["Updated", (each) => moment(each.updated), "tight soft wider"],
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
        ["Type", (each) => (each.types ?? []).map(named).join(", "), "wider"],
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
        ["Type", (each) => named(each.type), "wider"],
        ["Amount", (each) => amount(each.billAmount, each), "tight number wide"],
        ["Since", (each) => day(each.startDate), "tight soft wide"],
        ["Status", (each) => pill(each.agreementStatus, each.agreementStatus === "Active" ? "good" : "warn"), "tight"],
      ],
      agreementDetail,
      "No agreements.",
    ),
    invoices: collectionView(
      "Invoices",
      "finance/invoices",
      [
        ["Number", (each) => each.invoiceNumber ?? `#${each.id}`, "main tight"],
        ["Date", (each) => day(each.date), "tight soft"],
        ["Company", (each) => named(each.company)],
        ["Agreement", (each) => named(each.agreement), "wide"],
        ["Total", (each) => amount(each.total, each), "tight number"],
        ["Balance", (each) => amount(each.balance, each), "tight number wide"],
        ["Status", invoicePill, "tight"],
      ],
      invoiceDetail,
      "No invoices yet. An agreement that is invoiced makes one.",
    ),
    configurations: collectionView(
      "Configurations",
      "company/configurations",
      [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["Company", (each) => named(each.company), "wide"],
        ["Type", (each) => named(each.type)],
        ["Serial Number", (each) => each.serialNumber, "code wide"],
        ["Device", (each) => each.deviceIdentifier, "code wider"],
        ["Status", (each) => pill(named(each.status), named(each.status) === "Active" ? "good" : ""), "tight"],
      ],
      fieldsDetail("company/configurations", CONFIGURATION),
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
    members: {
      ...collectionView(
        "Members",
        "system/members",
        [
          ["Id", (each) => each.id, "tight soft"],
          ["Name", (each) => `${each.firstName} ${each.lastName ?? ""}`, "main"],
          ["Identifier", (each) => each.identifier, "code"],
          ["Title", (each) => each.title, "wide"],
          ["Role", (each) => each.role],
          ["State", (each) => statePill(each.inactiveFlag), "tight"],
        ],
        memberDetail,
        "No members.",
      ),
      load: async () => {
        const [found, roles] = await Promise.all([listOf("system/members", { search: state.search, page: state.page }), rolesOf(state.tenant)]);
        return { total: found.total, items: found.objects.map((each) => ({ ...each, role: roleOfMember(roles, each.identifier)?.name ?? "" })) };
      },
    },
    roles: {
      title: "Roles",
      empty: "No roles.",
      key: (each) => each.id,
      columns: [
        ["Id", (each) => each.id, "tight soft"],
        ["Name", (each) => each.name, "main"],
        ["May do", (each) => mayDo(each), "wide"],
        ["Members", (each) => each.members.join(", ")],
        ["State", (each) => statePill(each.inactive), "tight"],
      ],
      load: async () => found((await rolesOf(state.tenant)).reverse(), (each) => `${each.id} ${each.name} ${each.members.join(" ")}`),
      detail: roleDetail,
    },
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
      fieldsDetail("system/callbacks", CALLBACK),
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
      load: async () => found(await ask("calls", { tenant: state.tenant, limit: 500 }), (each) => `${each.method} ${readable(each.target)} ${each.status}`),
      detail: callDetail,
    },
  });
}

// --- drawing --------------------------------------------------------------------------------------------------------

let drawn = "";
let seen = null; // what the list held when it was last drawn, to point out what is new or has changed since
let detailDrawn = "";
let followed = false; // a link in the details leads to other details: the focus goes there

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

function drawRow(view, item, isFresh) {
  const key = String(view.key(item));
  const fresh = isFresh(key);
  const cells = view.columns.map(([, value, className = ""]) => {
    const content = value(item);
    const cell = element("td", "", { class: className.replace("main", "subject").trim() || undefined });
    if (className.includes("main")) cell.append(element("button", String(content ?? ""), { type: "button", "data-id": key, "aria-expanded": key === state.id }));
    else cell.append(content instanceof Node ? content : String(content ?? ""));
    return cell;
  });
  return element("tr", cells, { "data-id": key, class: `${key === state.id ? "chosen" : ""} ${fresh ? "fresh" : ""}`.trim() || undefined });
}

/** What the list holds now, by what it is a list of: of another tab, company, search or page nothing is new. */
function look(view, items) {
  const about = JSON.stringify([state.view, state.tenant, state.search, state.page]);
  const before = seen?.about === about ? seen : null;
  const pictures = new Map(items.map((item) => [String(view.key(item)), JSON.stringify(item)]));
  const highest = Math.max(before?.highest ?? 0, ...items.map((item) => Number(view.key(item))));
  seen = { about, pictures, highest };
  // Ids and numbers grow. What moves up from the next page, because something before it is gone, is not new.
  const isFresh = (key) => (before.pictures.has(key) ? before.pictures.get(key) !== pictures.get(key) : state.page === 1 && Number(key) > before.highest);
  return before ? isFresh : () => false;
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
  const isFresh = look(view, items);
  byId("rows").replaceChildren(...items.map((item) => drawRow(view, item, isFresh)));
  if (focused) byId("rows").querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus();
  drawn = picture;
}

async function drawDetail(view, mine) {
  const drawer = byId("detail");
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
  if (picture !== detailDrawn) {
    const link = byId("detail-content").contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    byId("detail-content").replaceChildren(...holder.childNodes);
    if (link) byId("detail-content").querySelector(`a[href="${CSS.escape(link)}"]`)?.focus();
  }
  detailDrawn = picture;
  byId("detail-title").textContent = shown.title;
  drawer.hidden = false;
  drawDeeds(shown.deeds ?? []);
  if (followed) drawer.focus();
  followed = false;
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
  fill(byId("member"), active.map((each) => [each.identifier, [`${each.firstName} ${each.lastName ?? ""}`, named(each.securityRole)].filter(Boolean).join(", ")]), chosen?.identifier ?? "");
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

const choose = (id) => go({ id });

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
byId("detail-content").addEventListener("click", (event) => {
  if (event.target.closest("a")) followed = true;
});
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
  go({ tenant: event.target.value, id: "", page: 1 });
});
byId("newer").addEventListener("click", () => go({ page: state.page - 1 }));
byId("older").addEventListener("click", () => go({ page: state.page + 1 }));
let typing;
byId("search").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => go({ search: event.target.value.trim(), page: 1 }, { replace: true }), 150);
});
byId("tabs").addEventListener("keydown", (event) => {
  const names = Object.keys(views());
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
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
  show();
});

state = read();
show();
setInterval(() => document.hidden || show(), REFRESH_MS);

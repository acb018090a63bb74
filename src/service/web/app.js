"use strict";

// The page holds the key for this tab only, and shows what the API says as text, never as markup.
const KEY = "crosswalk.key";
const PAGE = 100;
const REFRESH_MS = 5000;

const view = document.getElementById("view");
const status = document.getElementById("status");
const trail = document.getElementById("trail");
const forget = document.getElementById("forget");
let timer = 0;
let turn = 0;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "onclick" || key === "onsubmit" || key === "onchange") made[key] = value;
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) made.append(child);
  return made;
}

function hash(...parts) {
  return "#" + parts.map((part) => "/" + encodeURIComponent(part)).join("");
}

async function ask(path) {
  const answer = await fetch("/v1" + path, { headers: { Authorization: "Bearer " + sessionStorage.getItem(KEY) }, cache: "no-store" });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = new Error([body.title, body.detail, body.action].filter(Boolean).join(" ") || "The answer was " + answer.status + ".");
  error.status = answer.status;
  throw error;
}

function moment(text) {
  const at = new Date(text);
  const words = isNaN(at) ? text : at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return element("time", { datetime: text, title: text }, words);
}

function tag(kind, text) { return element("span", { class: "tag " + kind }, text); }

function webLink(address, text) {
  return /^https?:\/\//.test(address || "") ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, text) : text;
}

function show(crumbs, ...children) {
  trail.replaceChildren(...crumbs.map(([text, target], at) =>
    element("li", {}, at === crumbs.length - 1 ? element("span", { "aria-current": "page" }, text) : element("a", { href: target }, text))));
  view.replaceChildren(...children.flat().filter(Boolean));
}

function showSignIn() {
  forget.hidden = true;
  const input = element("input", { id: "key", name: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true, placeholder: "cw_..." });
  const form = element("form", { class: "card", onsubmit: (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, input.value.trim());
    render();
  } },
  element("label", { for: "key" }, "API key"), input,
  element("p", { class: "soft" }, "It stays in this tab and is sent to this server only. The administrator makes keys with crosswalk keys."),
  element("button", { class: "main", type: "submit" }, "Look"));
  show([], element("h1", {}, "What became of the alerts"), element("p", { class: "soft" }, "Partners, their records, and each record's story."), form);
  input.focus();
}

async function showPartners(mine) {
  const { partners } = await ask("/partners");
  if (mine !== turn) return;
  if (partners.length === 1) { location.replace(hash("partners", partners[0].id)); return; }
  show([["Partners", "#"]], element("h1", {}, "Partners"),
    partners.length === 0 ? element("p", {}, "There are none yet. Add one with crosswalk partners add.") : element("ul", { class: "cards" }, partners.map((partner) =>
      element("li", { class: "card" }, element("a", { href: hash("partners", partner.id) }, partner.name),
        element("p", { class: "soft" }, partner.id + (partner.site ? ", " + partner.site : "")),
        connectionTag(partner)))));
}

function recordRow(partner, record) {
  const tickets = (record.tickets || []).map((ticket) => ticket.id).join(", ");
  return element("tr", {},
    element("td", {}, element("a", { href: hash("partners", partner, "records", record.kind, record.key) }, record.title || record.key),
      element("div", { class: "soft" }, [record.kind === "alert" ? "" : record.kind, record.customer_name || record.customer].filter(Boolean).join(", "))),
    element("td", { class: "narrow" }, record.severity ? tag(record.severity, record.severity) : ""),
    element("td", {}, tag(record.state, record.state), element("div", { class: "soft" }, record.text)),
    element("td", {}, tickets || "-"));
}

// "Connected" is said only of a ConnectWise that was reached.
function connectionWords(connection) {
  const since = connection.since ? " since " + connection.since.replace("T", " ").slice(0, 19) : "";
  switch (connection.state) {
    case "in_order": return "connected";
    case "refused": return "keys refused" + since;
    case "unreachable": return "not reachable" + since;
    case "paused": return "paused";
    default: return "never reached";
  }
}

function connectionTag(partner) {
  const connection = partner.connection || {};
  const kind = connection.state === "in_order" ? "settled" : connection.state === "refused" || connection.state === "unreachable" ? "parked" : "waiting";
  return tag(kind, connectionWords(connection));
}

function statusCard(state) {
  const budget = state.budget || {};
  const circuit = state.circuit || {};
  return element("div", { class: "card" }, element("dl", {},
    element("dt", {}, "Due"), element("dd", {}, String(state.due)),
    element("dt", {}, "Waiting for a person"), element("dd", {}, String(state.parked)),
    element("dt", {}, "Calls"), element("dd", {}, budget.in_flight + " under way, " + budget.waiting + " waiting, at most " + budget.calls_per_second + " a second" + (budget.throttled_recently ? " (ConnectWise asked us to slow down)" : "")),
    element("dt", {}, "Connection"), element("dd", {}, connectionWords(state.connection || {}) + (circuit.state === "closed" ? "" : "; calls wait: " + (circuit.reason || circuit.state)) + (state.connection && state.connection.detail ? " (" + state.connection.detail + ")" : ""))));
}

function pageOf(partner, kind, state, after) {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (kind) query.set("kind", kind);
  if (state) query.set("state", state);
  if (after) query.set("after", after);
  return ask("/partners/" + encodeURIComponent(partner) + "/records?" + query);
}

function choice(name, label, options, chosen, partner, other) {
  const select = element("select", { name, onchange: () => {
    const next = { ...other, [name]: select.value };
    location.hash = hash("partners", partner) + "?" + new URLSearchParams(next);
  } }, options.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
  return element("label", {}, label, select);
}

async function showPartner(mine, partner, query) {
  const kind = query.get("kind") || "alert";
  const state = query.get("state") || "";
  const filter = kind === "all" ? "" : kind;
  const [about, condition, first] = await Promise.all([
    ask("/partners/" + encodeURIComponent(partner)), ask("/partners/" + encodeURIComponent(partner) + "/status"), pageOf(partner, filter, state, "")]);
  if (mine !== turn) return;
  const body = element("tbody", {}, first.records.map((record) => recordRow(partner, record)));
  const more = element("button", { type: "button", hidden: !first.next }, "Show more");
  let next = first.next;
  more.onclick = async () => {
    clearTimeout(timer);
    const page = await pageOf(partner, filter, state, next);
    body.append(...page.records.map((record) => recordRow(partner, record)));
    next = page.next;
    more.hidden = !next;
  };
  show([["Partners", "#/partners"], [about.name, ""]], element("h1", {}, about.name), statusCard(condition),
    element("div", { class: "tools" },
      choice("kind", "What", [["alert", "Alerts"], ["group", "Storms"], ["device", "Devices"], ["customer", "Customers"], ["all", "Everything"]], kind, partner, { kind, state }),
      choice("state", "State", [["", "Any"], ["open", "Open"], ["due", "Due"], ["parked", "Waiting for a person"]], state, partner, { kind, state })),
    first.records.length === 0 ? element("p", {}, "Nothing here.") : element("div", { class: "card scroll" }, element("table", {},
      element("caption", {}, "Records of " + about.name),
      element("thead", {}, element("tr", {}, ["What happened", "Severity", "State", "Ticket"].map((text) => element("th", { scope: "col" }, text)))), body)),
    more);
  again(() => showPartner(mine, partner, query));
}

function parkedCard(reason) {
  return element("div", { class: "card" }, element("h2", {}, reason.title || reason.code),
    element("p", {}, [reason.detail || reason.message, reason.why].filter(Boolean).join(" ")),
    element("p", {}, element("strong", {}, "What to do: "), reason.action || "", reason.who ? " (" + reason.who + ")" : ""));
}

function ticketCard(ticket) {
  const number = "Ticket " + (ticket.number || ticket.id);
  return element("div", { class: "card" }, element("dl", {},
    element("dt", {}, "Ticket"), element("dd", {}, webLink(ticket.link, number)),
    element("dt", {}, "Status"), element("dd", {}, (ticket.status || "unknown") + (ticket.closed ? " (closed)" : "")),
    element("dt", {}, "Notes"), element("dd", {}, String(ticket.notes) + " by Crosswalk")));
}

async function showRecord(mine, partner, kind, key) {
  const path = "/partners/" + encodeURIComponent(partner) + "/records/" + encodeURIComponent(kind) + "/" + encodeURIComponent(key);
  const [record, story] = await Promise.all([ask(path), ask(path + "/explain")]);
  if (mine !== turn) return;
  const open = new Set([...view.querySelectorAll("details[open]")].map((each) => each.dataset.at));
  show([["Partners", "#/partners"], [partner, hash("partners", partner)], [kind, ""]],
    element("h1", {}, story.title || record.title || key), element("p", {}, story.summary || record.text),
    element("p", {}, tag(record.state, record.state), " ", record.severity ? tag(record.severity, record.severity) : "", " ", element("span", { class: "soft" }, key)),
    record.parked ? parkedCard(record.parked) : null,
    (story.tickets || []).length ? element("h2", {}, "Tickets") : null, (story.tickets || []).map(ticketCard),
    element("h2", {}, "Story"), element("div", { class: "card" }, element("ol", { class: "story" }, (story.story || []).map((entry, at) =>
      element("li", {}, moment(entry.at), element("span", { class: "kind" + (entry.kind === "parked" ? " parked-entry" : "") }, entry.kind),
        element("div", {}, entry.text, entry.detail ? element("details", { "data-at": String(at), open: open.has(String(at)) }, element("summary", {}, "Details"), element("pre", {}, entry.detail.replaceAll("; ", "\n") + (entry.data?.note ? "\n\n" + entry.data.note : ""))) : null))))));
  again(() => showRecord(mine, partner, kind, key));
}

function again(draw) {
  clearTimeout(timer);
  const mine = turn;
  timer = setTimeout(async () => {
    if (mine !== turn) return;
    // Who is choosing or selecting is not disturbed.
    if (document.hidden || document.activeElement?.tagName === "SELECT" || !getSelection().isCollapsed) { again(draw); return; }
    try { await draw(); status.textContent = ""; } catch (error) { failed(error); again(draw); }
  }, REFRESH_MS);
}

function failed(error) {
  if (error.status === 401) { sessionStorage.removeItem(KEY); showSignIn(); }
  status.textContent = error.message;
}

async function render() {
  clearTimeout(timer);
  const mine = ++turn;
  status.textContent = "";
  const given = /^#key=([A-Za-z0-9_]+)$/.exec(location.hash);
  if (given) {
    sessionStorage.setItem(KEY, given[1]);
    history.replaceState(null, "", location.pathname);
  }
  if (!sessionStorage.getItem(KEY)) { showSignIn(); return; }
  forget.hidden = false;
  const [path, search] = location.hash.slice(1).split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  try {
    if (parts[0] === "partners" && parts[2] === "records" && parts.length === 5) await showRecord(mine, parts[1], parts[3], parts[4]);
    else if (parts[0] === "partners" && parts.length === 2) await showPartner(mine, parts[1], new URLSearchParams(search || ""));
    else await showPartners(mine);
  } catch (error) {
    if (mine === turn) failed(error);
  }
}

forget.onclick = () => { sessionStorage.removeItem(KEY); location.hash = ""; render(); };
window.addEventListener("hashchange", render);
render();

"use strict";
// What people do on the page, as members of the company. page.js draws what they see.

// A deed has a key, a label, what it sends and what is said when it is done. One with fields opens a form first; `follow`
// keeps its fields in step when one of them changes.

let people = []; // members of the company
const acting = () => byId("member").value;
const newestLast = ({ objects }) => objects.reverse();
const statusesOf = async (board) => newestLast(await listOf("service/boards/statuses", { parent: board, limit: 500 }));
const retired = (name, inactive) => (inactive ? `${name} (inactive)` : name);
const peopleOptions = () => people.map((each) => [each.identifier, retired(`${each.firstName} ${each.lastName ?? ""} (${each.identifier})`, each.inactiveFlag)]);
const statusOptions = (statuses) => statuses.map((each) => [each.id, retired(each.name, each.inactive)]);
const technician = (action, more) => ["technician", { action, member: acting(), ...more }];
const optionElements = (options, value) => options.map(([key, text]) => element("option", text, { value: key, selected: String(key) === String(value) }));

/** The closed statuses of the ticket's board; the plain one is first, and chosen. */
function closingFields(ticket, closing) {
  if (!closing.length) throw new Failed(`The board ${named(ticket.board)} has no status in use that closes a ticket. Move the ticket to a board that has one, or activate one in the tab Boards.`);
  return [{ name: "status", label: "Closed status", options: closing.map((each) => [each.id, each.name]), value: closing[0].id }];
}

/** `closing`: the statuses by which the ticket can be closed. */
function ticketDeeds(ticket, closing) {
  const about = { ticket: ticket.id };
  return [
    {
      key: "assign",
      label: "Assign",
      done: "The owner is set.",
      fields: () => [{ name: "owner", label: "Owner", options: [["", "nobody"], ...peopleOptions()], value: ticket.owner?.identifier ?? acting(), required: false }],
      send: ({ owner }) => technician("assign", { ...about, owner: owner || null }),
    },
    {
      key: "schedule",
      label: "Schedule",
      done: "It stands in the calendar.",
      fields: () => [
        { name: "resource", label: "Member", options: peopleOptions(), value: acting() },
        { name: "start", label: "Start (UTC)", type: "datetime-local", value: sandboxNow.slice(0, 16) },
        { name: "hours", label: "Hours", type: "number", min: "0.25", step: "0.25", value: "1" },
      ],
      send: ({ resource, start, hours }) => technician("schedule", { ...about, resource, hours, start: `${start.slice(0, 16)}:00Z` }),
    },
    {
      key: "note",
      label: "Add note",
      done: "The note is added.",
      fields: () => [
        { name: "text", label: "Text", rows: 4 },
        { name: "place", label: "Shown in", options: [["discussion", "Discussion"], ["internal", "Internal analysis"], ["resolution", "Resolution"]] },
      ],
      send: ({ text, place }) => technician("note", { ...about, text, place }),
    },
    {
      key: "time",
      label: "Book time",
      done: "The time is booked.",
      fields: () => [
        { name: "hours", label: "Hours", type: "number", min: "0.05", step: "0.05", value: "0.5" },
        { name: "text", label: "Notes", rows: 2, required: false },
      ],
      send: ({ hours, text }) => technician("time", { ...about, hours, text }),
    },
    {
      key: "move",
      label: "Set status",
      done: "The status is changed.",
      fields: async () => [{ name: "status", label: "Status", options: statusOptions(await statusesOf(ticket.board.id)), value: ticket.status?.id }],
      send: ({ status }) => technician("move", { ...about, status: Number(status) }),
    },
    {
      key: "board",
      label: "Move to board",
      done: "The ticket is on its new board.",
      fields: async () => [
        { name: "board", label: "Board", options: newestLast(await listOf("service/boards", { limit: 500 })).filter((each) => !each.projectFlag).map((each) => [each.id, retired(each.name, each.inactiveFlag)]), value: ticket.board?.id },
        { name: "status", label: "Status", options: [["", "The board's default"]], required: false },
      ],
      follow: async ({ board, status }) => status.replaceChildren(...optionElements([["", "The board's default"], ...statusOptions(await statusesOf(board.value))])),
      send: ({ board, status }) => technician("board", { ...about, board: Number(board), ...(status && { status: Number(status) }) }),
    },
    {
      key: "priority",
      label: "Set priority",
      done: "The priority is set.",
      fields: async () => [{ name: "priority", label: "Priority", options: newestLast(await listOf("service/priorities", { limit: 500 })).map((each) => [each.id, each.name]), value: ticket.priority?.id }],
      send: ({ priority }) => technician("priority", { ...about, priority: Number(priority) }),
    },
    ...(ticket.closedFlag ? [] : [{ key: "close", label: "Close", done: "The ticket is closed.", fields: () => closingFields(ticket, closing), send: ({ status }) => technician("close", { ...about, status: Number(status) }) }]),
  ];
}

function additionDeeds(additions) {
  if (!additions.length) return [];
  const which = { name: "addition", label: "Addition", options: additions.map((each) => [each.id, `${named(each.product)} (#${each.id})`]) };
  const chosen = (addition) => additions.find((each) => String(each.id) === addition.value);
  return [
    {
      key: "edit",
      label: "Edit an addition",
      done: "The addition is changed.",
      fields: () => [which, { name: "quantity", label: "Quantity", type: "number", step: "any" }, { name: "price", label: "Unit price", type: "number", step: "any" }],
      follow: ({ addition, quantity, price }) => {
        quantity.value = chosen(addition).quantity ?? 0;
        price.value = chosen(addition).unitPrice ?? 0;
      },
      send: ({ addition, quantity, price }) => technician("edit_addition", { addition: Number(addition), quantity, price }),
    },
    {
      key: "cancel",
      label: "Cancel an addition",
      done: "The addition is cancelled.",
      fields: () => [which, { name: "date", label: "Last day (UTC)", type: "date", value: sandboxNow.slice(0, 10) }],
      send: ({ addition, date }) => technician("cancel_addition", { addition: Number(addition), date }),
    },
  ];
}

function boardDeeds(board, statuses) {
  const change = (action, collection, id) => ["reference", { member: acting(), collection, id, action }];
  const ofBoard = board.inactiveFlag ? ["activate", "Activate the board", "The board is active."] : ["deactivate", "Deactivate the board", "The board is inactive."];
  const ofStatus = (action, label, done, fits) =>
    statuses.some(fits)
      ? [{ key: `${action}-status`, label, done, fields: async () => [{ name: "status", label: "Status", options: (await statusesOf(board.id)).filter(fits).map((each) => [each.id, each.name]) }], send: ({ status }) => change(action, "service/boards/statuses", Number(status)) }]
      : [];
  return [
    { key: ofBoard[0], label: ofBoard[1], done: ofBoard[2], send: () => change(ofBoard[0], "service/boards", board.id) },
    ...ofStatus("deactivate", "Deactivate a status", "The status is inactive.", (each) => !each.inactive),
    ...ofStatus("activate", "Activate a status", "The status is active.", (each) => each.inactive),
  ];
}

function memberDeeds(member, role, roles) {
  return [
    {
      key: "role",
      label: "Give another role",
      done: "The member has the role.",
      fields: () => [{ name: "role", label: "Role", options: roles.filter((each) => !each.inactive).map((each) => [each.name, each.name]), value: role?.name }],
      send: (values) => ["role", { member: member.identifier, role: values.role }],
    },
  ];
}

function roleDeeds(role, settings) {
  const levels = (letter) => [["", "none"], [letter.toLowerCase(), "My"], [letter, "All"]];
  return [
    {
      key: "rights",
      label: "Change a right",
      done: "The role has its new rights.",
      fields: () => [
        { name: "function", label: "Module function", options: settings.map((each) => [each.moduleFunctionName, each.moduleFunctionName]) },
        ...RIGHTS.map(([letter, label]) => ({ name: letter, label, options: levels(letter), required: false })),
      ],
      follow: (controls) => {
        const setting = settings.find((each) => each.moduleFunctionName === controls.function.value);
        for (const [letter, , field] of RIGHTS) controls[letter].value = levelLetter(letter, setting[field]);
      },
      send: ({ function: name, ...letters }) => ["rights", { role: role.name, function: name, rights: Object.values(letters).join("") }],
    },
  ];
}

let deedsAbout = ""; // the thing whose deeds are on offer
let deedsOffered = [];
let deedOpen = null;
let performing = false;

function drawDeeds(deeds) {
  const about = [state.view, state.tenant, state.id].join("/");
  if (about !== deedsAbout) {
    closeDeed();
    report("", "");
  }
  const same = about === deedsAbout && JSON.stringify(deeds.map(({ label }) => label)) === JSON.stringify(deedsOffered.map(({ label }) => label));
  deedsAbout = about;
  deedsOffered = deeds;
  byId("deeds").hidden = deeds.length === 0 && !byId("deed-done").textContent;
  if (same) return;
  const focused = document.activeElement?.dataset?.deed;
  byId("deed-buttons").replaceChildren(...deeds.map(({ key, label, fields }) => element("button", label, { type: "button", "data-deed": key, "aria-expanded": fields && String(deedOpen?.key === key), "aria-controls": fields && "deed" })));
  if (focused) (deedButton(focused) ?? byId("detail")).focus();
}

const deedButton = (key) => byId("deed-buttons").querySelector(`[data-deed="${CSS.escape(key)}"]`);

function report(done, problem) {
  byId("deed-done").textContent = done;
  byId("deed-problem").textContent = problem;
}

function fieldOf({ name, label, options, rows, value, required = true, ...more }) {
  const attributes = { id: `deed-${name}`, name, required, ...more };
  const made = options ? element("select", optionElements(options, value), attributes) : rows ? element("textarea", "", { ...attributes, rows }) : element("input", "", { ...attributes, value });
  return [element("label", label, { for: `deed-${name}` }), made];
}

async function openDeed(deed) {
  closeDeed();
  report("", "");
  if (!deed.fields) return perform(deed, {});
  const about = deedsAbout;
  const form = byId("deed");
  let fields;
  try {
    fields = await deed.fields();
  } catch (problem) {
    return report("", problem.message);
  }
  if (about !== deedsAbout) return;
  deedOpen = deed;
  deedButton(deed.key)?.setAttribute("aria-expanded", "true");
  const back = element("button", "Back", { type: "button" });
  back.addEventListener("click", () => closeDeed({ refocus: true }));
  form.setAttribute("aria-label", deed.label);
  form.replaceChildren(...fields.flatMap(fieldOf), element("div", [element("button", deed.label, { type: "submit" }), back], { class: "ends" }));
  form.hidden = false;
  form.elements[0].focus();
  await followDeed();
}

async function followDeed() {
  try {
    await deedOpen?.follow?.(byId("deed").elements);
  } catch (problem) {
    report("", problem.message);
  }
}

function closeDeed({ refocus = false } = {}) {
  const key = deedOpen?.key;
  deedOpen = null;
  byId("deed").hidden = true;
  byId("deed").replaceChildren();
  if (!key) return;
  deedButton(key)?.setAttribute("aria-expanded", "false");
  if (refocus) (deedButton(key) ?? byId("detail")).focus();
}

async function perform(deed, values) {
  const about = deedsAbout;
  if (performing) return;
  performing = true;
  report("", "");
  let problem = "";
  try {
    await tell(...deed.send(values));
  } catch (failed) {
    problem = failed.message;
  }
  performing = false;
  if (about !== deedsAbout) return;
  if (!problem) closeDeed({ refocus: true });
  else byId("deed").elements[0]?.focus();
  report(problem ? "" : deed.done, problem);
  await show();
  // What was pressed may be gone with what it did.
  if (document.activeElement === document.body) byId("detail").focus();
}

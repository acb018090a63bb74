// Compares what ConnectWise shows at the end with what the story says that it must.
import { BOARDS, PRIORITIES } from "./setup.mjs";
import { ALERTS, CUSTOMERS, PARTNER, STORM } from "./story.mjs";

/** The tickets of a record, as ConnectWise has them. */
const ticketsOf = (record, tickets) => (record?.tickets ?? []).map((link) => tickets.find((ticket) => String(ticket.id) === link.id)).filter(Boolean);

const recordOf = (records, { customer, subject, condition }) => records.find((record) => record.kind === "alert" && [customer, subject, condition].every((part) => record.key.includes(part)));

async function look(world, name, what, expected, record, tickets) {
  const own = ticketsOf(record, tickets);
  const failures = [];
  const fail = (text) => failures.push(`${what}: ${text}`);
  if (!record) fail("Crosswalk has no record of it");
  if (own.length !== expected.tickets) fail(`${own.length} tickets, should be ${expected.tickets}`);
  const [ticket] = own;
  const notes = ticket ? (await world.sandbox.notes(ticket.id)).slice(1).map((note) => note.text) : [];
  if (ticket && expected.tickets > 0) {
    if (Boolean(ticket.closedFlag) !== expected.closed) fail(`ticket #${ticket.id} is ${ticket.closedFlag ? "closed" : "open"}, should be ${expected.closed ? "closed" : "open"}`);
    const board = BOARDS[expected.board ?? "security"].name;
    if (ticket.board.name !== board) fail(`ticket #${ticket.id} is on ${ticket.board.name}, should be on ${board}`);
    // In this order; others may stand between.
    let from = 0;
    for (const part of expected.notes ?? []) {
      const found = notes.findIndex((text, index) => index >= from && text.includes(part));
      if (found < 0) fail(`ticket #${ticket.id} lacks a note with "${part}" after ${from} others; it has: ${notes.join(" | ")}`);
      else from = found + 1;
    }
    if (expected.note_count !== undefined && notes.length !== expected.note_count) fail(`${notes.length} notes, should be ${expected.note_count}: ${notes.join(" | ")}`);
    if (expected.priority && ticket.priority.name !== PRIORITIES[expected.priority]) fail(`ticket #${ticket.id} has ${ticket.priority.name}`);
    if (new Set(notes).size !== notes.length) fail("a note stands twice");
  }
  return { name, what, record, ticket, notes: notes.length, failures };
}

export async function judge(world, player) {
  const tickets = (await world.sandbox.tickets()).filter((ticket) => ticket.externalXRef);
  const records = await world.api.records(PARTNER);
  const rows = [];
  let expectedTickets = 0;
  for (const [name, alert] of Object.entries(ALERTS)) {
    if (alert.storm) continue;
    expectedTickets += alert.expect.tickets;
    rows.push({ ...(await look(world, name, `${alert.title} on ${alert.subject.toUpperCase()}`, alert.expect, recordOf(records, alert), tickets)), customer: CUSTOMERS[alert.customer].name });
  }
  const group = records.find((record) => record.kind === "group" && record.key.includes(STORM.condition));
  expectedTickets += STORM.expect.tickets;
  rows.push({ ...(await look(world, "storm", `${STORM.title} on ${STORM.devices.length} devices`, STORM.expect, group, tickets)), customer: CUSTOMERS[STORM.customer].name });
  for (const row of rows) row.why = row.record ? (await world.api.explain(PARTNER, row.record.kind, row.record.key)).summary : "";

  const failures = rows.flatMap((row) => row.failures);
  if (tickets.length !== expectedTickets) failures.push(`${tickets.length} tickets in all, should be ${expectedTickets}`);
  const references = new Set(tickets.map((ticket) => ticket.externalXRef));
  if (references.size !== tickets.length) failures.push("two tickets have the same external reference");
  const members = STORM.devices.map((device) => recordOf(records, { ...STORM, subject: device }));
  if (members.some((member) => (member?.tickets ?? []).length > 0)) failures.push("an alert of the storm has a ticket of its own");
  const calls = await world.sandbox.calls();
  if (!calls.some((call) => call.status === 429)) failures.push("no call met the 429 that was prepared");
  if (!(await world.sandbox.faultsAreSpent())) failures.push("a prepared failure was met by no call");
  return { rows, failures, counts: { events: player.events, tickets: tickets.length } };
}

export const rowsOf = (rows) => rows.map(({ what, customer, ticket, notes, why }) => [what, customer, ticket ? `#${ticket.id}` : "none", ticket?.board.name ?? "", ticket?.status.name ?? "", ticket ? notes : "", why]);

// Compares what ConnectWise shows at the end with what the story says that it must.
import { BOARDS, PRIORITIES } from "./setup.mjs";
import { ALERTS, PARTNER, STORM } from "./story.mjs";

/** The tickets of a record, as ConnectWise has them. */
const ticketsOf = (record, tickets) => (record?.tickets ?? []).map((link) => tickets.find((ticket) => String(ticket.id) === link.id)).filter(Boolean);

const recordOf = (records, { customer, subject, condition }) => records.find((record) => record.kind === "alert" && [customer, subject, condition].every((part) => record.key.includes(part)));

async function look(world, what, expected, record, tickets) {
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
    const fits = (found, wanted) => found.length === wanted.length && wanted.every((part, index) => found[index].includes(part));
    if (expected.notes && !fits(notes, expected.notes)) fail(`ticket #${ticket.id} has the notes "${notes.join(" | ")}", should have "${expected.notes.join(" | ")}"`);
    if (expected.note && !notes.some((text) => text.includes(expected.note))) fail(`ticket #${ticket.id} has no note "${expected.note}"`);
    if (expected.priority && ticket.priority.name !== PRIORITIES[expected.priority]) fail(`ticket #${ticket.id} has ${ticket.priority.name}`);
  }
  return { what, record, ticket, notes: notes.length, failures };
}

/** Crosswalk's own words: what it says of the record as it is now, else its reasons for what it did, in order and each once. */
function whyOf(story) {
  const reasonOf = ({ why, result, error }) => (error && result !== "applied" ? error.message.replace(/\.$/, "") : why);
  const reasons = [...new Set(story.story.map((entry) => entry.data && reasonOf(entry.data)).filter(Boolean))];
  if (reasons.length === 0 || !/as it should be/.test(story.summary)) return story.summary;
  // "the alert came back" says nothing beside "the alert came back while its ticket may be re-opened".
  return reasons.filter((reason) => !reasons.some((other) => other !== reason && other.startsWith(reason))).join("; ");
}

export async function judge(world, player) {
  const tickets = (await world.sandbox.tickets()).filter((ticket) => ticket.externalXRef);
  const records = await world.api.records(PARTNER);
  const rows = [];
  let expectedTickets = 0;
  for (const alert of Object.values(ALERTS)) {
    if (alert.storm) continue;
    expectedTickets += alert.expect.tickets;
    rows.push(await look(world, `${alert.title} on ${alert.subject.toUpperCase()}`, alert.expect, recordOf(records, alert), tickets));
  }
  const group = records.find((record) => record.kind === "group" && record.key.includes(STORM.condition));
  expectedTickets += STORM.expect.tickets;
  rows.push(await look(world, `${STORM.title} on ${STORM.devices.length} devices`, STORM.expect, group, tickets));
  for (const row of rows) row.why = row.record ? whyOf(await world.api.explain(PARTNER, row.record.kind, row.record.key)) : "";

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

export const rowsOf = (rows) => rows.map(({ what, ticket, notes, why }) => [what, ticket ? `#${ticket.id}` : "none", ticket?.board.name ?? "", ticket?.status.name ?? "", ticket ? notes : "", why]);

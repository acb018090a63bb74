// Plays the story on the fast clock, and says what ConnectWise shows because of it.
import { setTimeout as pause } from "node:timers/promises";
import { cloudEvent } from "../tools/api.mjs";
import { until } from "../tools/processes.mjs";
import { bold, line } from "./screen.mjs";
import { ALERTS, BEGIN, CUSTOMERS, END_MINUTE, PARTNER, PARTNER_NAME, PRODUCT, STEPS, STORM, UNKNOWN_CUSTOMER } from "./story.mjs";

const MINUTE = 60_000;
const WATCH_MS = 50;
const LATE_MS = 4_000; // real ones: longer than Crosswalk waits for an answer here
const STORM_GAP_MS = 3_000; // of the story's time, between the storm's alerts

export class Player {
  constructor(world) {
    Object.assign(this, world); // api, sandbox, mapping, now, rate
    this.events = 0;
    this.tickets = new Map(); // id -> as last seen
    this.notes = new Map(); // id -> count
    this.held = new Set();
  }

  async play() {
    this.begin = Math.max(BEGIN, Math.ceil(this.now() / MINUTE) * MINUTE);
    const watching = this.watch();
    try {
      for (const step of STEPS) {
        await this.waitFor(step.minute);
        await this.take(step);
      }
      await this.waitFor(END_MINUTE);
      await until("all records to be at rest", async () => (await this.api.records(PARTNER, "&state=due")).length === 0, { within: 30_000 });
    } finally {
      this.finished = true;
      await watching;
    }
    await this.look(); // the last changes, before the table speaks of them
  }

  at(minute) {
    return this.begin + minute * MINUTE;
  }

  async waitFor(minute) {
    const left = (this.at(minute) - this.now()) / this.rate;
    if (left > 0) await pause(left);
  }

  // --- what happens ---

  async take(step) {
    const time = this.at(step.minute);
    if (step.does === "raised" || step.does === "resolved" || step.does === "escalated") return this.takeEvent(step, time);
    if (step.does === "storm raised" || step.does === "storm resolved") return this.takeStorm(step, time);
    if (step.does === "technician") return this.takeTechnician(step, time);
    if (step.does === "map_customer") return this.takeMapping(time);
    if (step.does === "fault") return this.takeFault(step, time);
    throw new Error(`the story holds a step that nobody can play: ${step.does}`);
  }

  eventFor(type, name, time, more = {}) {
    const { customer, subject, condition, severity, title } = ALERTS[name];
    const identity = { product: PRODUCT, customer, subject, condition };
    const facts = { ...identity, severity, title, customer_name: CUSTOMERS[customer].name, subject_name: subject.toUpperCase(), subject_type: "device", url: `https://edr.example/alerts/${subject}/${condition}` };
    return cloudEvent({ id: `demo-${++this.events}`, partner: PARTNER, type: `alert.${type}.v1`, time, data: { ...(type === "resolved" ? identity : facts), ...more } });
  }

  async takeEvent({ does, name, again, resolution, severity }, time) {
    const { customer, subject, title, severity: usual } = ALERTS[name];
    const what = `${title} on ${subject.toUpperCase()}, ${CUSTOMERS[customer].name}`;
    const known = again ? "again" : (severity ?? usual);
    line(time, "product", does === "resolved" ? `resolved   ${what}` : does === "escalated" ? `now ${severity.padEnd(6)} ${what}` : `${known.padEnd(10)} ${what}`);
    const type = does === "escalated" ? "updated" : does;
    await this.api.send(this.eventFor(type, name, time, { ...(resolution ? { resolution } : {}), ...(severity ? { severity } : {}) }));
  }

  async takeStorm({ does, resolution }, time) {
    const resolved = does === "storm resolved";
    const { devices, title, customer } = STORM;
    line(time, "product", `${resolved ? "resolved  " : "high      "} ${title} on ${devices.length} devices within a minute, ${CUSTOMERS[customer].name}`);
    const names = devices.map((device) => `storm:${device}`);
    await this.api.sendBatch(names.map((name, index) => this.eventFor(resolved ? "resolved" : "raised", name, time + index * STORM_GAP_MS, resolved ? { resolution } : {})));
  }

  async takeTechnician({ name }, time) {
    const ticket = this.ticketOf(name);
    await this.sandbox.setOwner(ticket.id, "jsmith");
    line(time, "technician", `jsmith takes ticket ${bold(`#${ticket.id}`)} as its owner`);
  }

  async takeMapping(time) {
    line(time, "partner", `${PARTNER_NAME} maps ${CUSTOMERS[UNKNOWN_CUSTOMER].name} to its company and publishes the mapping`);
    await this.api.publish(PARTNER, this.mapping.completed, { comment: `${CUSTOMERS[UNKNOWN_CUSTOMER].name} is a customer now` });
  }

  async takeFault({ fault }, time) {
    if (fault === "throttle") {
      line(time, "connectwise", "ConnectWise answers the next two calls with 429 Too Many Requests");
      await this.sandbox.throttle(2);
    } else {
      line(time, "connectwise", "ConnectWise will make the next ticket, but its answer comes too late");
      await this.sandbox.loseAnswer(LATE_MS);
    }
  }

  // --- what is seen ---

  ticketOf(name) {
    const { title, subject } = ALERTS[name];
    const found = [...this.tickets.values()].find((ticket) => ticket.summary.startsWith(title) && ticket.summary.includes(subject.toUpperCase()));
    if (!found) throw new Error(`there is no ticket yet for "${title}"`);
    return found;
  }

  async watch() {
    while (!this.finished) {
      await this.look();
      await pause(WATCH_MS);
    }
  }

  async look() {
    const notes = await this.sandbox.notesByTicket();
    const tickets = (await this.sandbox.tickets()).filter((ticket) => ticket.externalXRef);
    const show = (text) => line(this.now(), "crosswalk", text);
    for (const ticket of tickets) {
      const before = this.tickets.get(ticket.id);
      this.tickets.set(ticket.id, ticket);
      const number = bold(`#${ticket.id}`);
      if (!before) show(`ticket ${number} on ${ticket.board.name}, ${ticket.status.name}, ${ticket.priority.name}: ${ticket.summary}`);
      else {
        if (before.status.name !== ticket.status.name) show(`${number} is now ${ticket.status.name}`);
        if (before.priority.name !== ticket.priority.name) show(`${number} has now ${ticket.priority.name}`);
      }
      // The first note is the description that the ticket was opened with.
      const own = notes.get(ticket.id) ?? [];
      for (const note of own.slice(this.notes.get(ticket.id) ?? 1)) show(`note on ${number}: ${note.text.split("\n")[0]}`);
      this.notes.set(ticket.id, Math.max(1, own.length));
    }
    for (const record of await this.api.records(PARTNER, "&state=parked")) {
      if (this.held.has(record.key)) continue;
      this.held.add(record.key);
      show(`held: ${record.parked.title}`);
    }
  }
}

// The sandbox's control interface (sandbox/README.md): looking at its ConnectWise from inside, playing technicians, and breaking things.
// Calls here are no ConnectWise calls: they meet no limits, no failures, and count nowhere.

const EVERYTHING = 1_000_000;

/** What `POST /v1/partners` takes to reach the sandbox's only company. */
export const sandboxPartner = (id, name, url) => ({
  id,
  name,
  provider: "manage",
  site: url,
  company: "sandbox",
  client_id: "00000000-0000-4000-8000-000000000001",
  public_key: "sandbox-public",
  private_key: "sandbox-private",
});

export class Sandbox {
  constructor(url) {
    this.url = url;
  }

  async #ask(method, path, body) {
    const answer = await fetch(`${this.url}/sandbox/${path}`, { method, body: body && JSON.stringify(body), headers: body ? { "content-type": "application/json" } : {} });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox refused ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  /** Objects of a collection in ConnectWise's own shape, by id. */
  async list(collection) {
    return (await this.#ask("GET", `list?limit=${EVERYTHING}&collection=${encodeURIComponent(collection)}`)).objects.reverse();
  }

  tickets() {
    return this.list("service/tickets");
  }

  async ticket(id) {
    return (await this.tickets()).find((ticket) => ticket.id === id);
  }

  /** Notes of one ticket, oldest first. */
  async notes(id) {
    return (await this.#ask("GET", `notes?ticket=${id}`)).sort((a, b) => a.id - b.id);
  }

  /** Notes of all tickets: ticket id -> notes, oldest first. */
  async notesByTicket() {
    const found = new Map();
    for (const note of await this.list("service/tickets/notes")) found.set(note.ticketId, [...(found.get(note.ticketId) ?? []), note]);
    return found;
  }

  companies() {
    return this.list("company/companies");
  }

  setOwner(ticket, member) {
    return this.#ask("POST", "technician", { action: "assign", ticket, member });
  }

  technician(action, ticket, more = {}) {
    return this.#ask("POST", "technician", { action, ticket, ...more });
  }

  /** Changes an object of the reference data: rename, activate, deactivate or delete. */
  change(action, collection, id, more = {}) {
    return this.#ask("POST", "reference", { action, collection, id, ...more });
  }

  /** What a role may do in a module function: letters of AEDI for All, small ones for My. */
  rights(role, name, rights) {
    return this.#ask("POST", "rights", { role, function: name, rights });
  }

  /** Changes what is named of the failures and limits; `{ faults: [...] }` replaces the list of faults. */
  faults(change) {
    return this.#ask("POST", "faults", change);
  }

  /** The next `count` calls about tickets are answered with 429. */
  throttle(count) {
    return this.faults({ faults: [{ kind: "status", status: 429, path: "/service/tickets*", count }] });
  }

  /** The next ticket is made, but the answer comes when nobody waits any more. */
  loseAnswer(delay_ms) {
    return this.faults({ faults: [{ kind: "slow", method: "POST", path: "/service/tickets", count: 1, delay_ms }] });
  }

  async faultsAreSpent() {
    return (await this.#ask("GET", "faults")).faults.length === 0;
  }

  /** The newest calls of clients, oldest first. */
  async calls() {
    return (await this.#ask("GET", `calls?limit=${EVERYTHING}`)).reverse();
  }

  forgetCalls() {
    return this.#ask("DELETE", "calls");
  }
}

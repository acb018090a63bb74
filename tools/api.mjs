// Clients for the two programs, in the words of their interfaces. Shared by the demo and the end-to-end tests.

/** An answer that is not a success. */
export class Refused extends Error {
  constructor(method, url, status, body) {
    super(`${method} ${url} answered ${status}: ${typeof body === "string" ? body.slice(0, 500) : JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

async function call(method, url, { headers = {}, body, within = 30_000 } = {}) {
  const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(within) });
  const text = await answer.text();
  const isJson = /[/+]json\b/.test(answer.headers.get("content-type") ?? "");
  return { status: answer.status, headers: answer.headers, body: isJson && text !== "" ? JSON.parse(text) : text };
}

/** Crosswalk's HTTP interface (api/openapi.yaml) with one key. */
export class Crosswalk {
  constructor(url, key) {
    this.url = url;
    this.key = key;
  }

  /** Whatever the answer is. */
  ask(method, path, body, headers = {}) {
    const json = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
    return call(method, this.url + path, {
      headers: { ...(this.key ? { authorization: `Bearer ${this.key}` } : {}), ...(json ? { "content-type": "application/json" } : {}), ...headers },
      body: json ? JSON.stringify(body) : body,
    });
  }

  /** The body of a successful answer. */
  async get(path, method = "GET", body, headers) {
    const answer = await this.ask(method, path, body, headers);
    if (answer.status >= 400) throw new Refused(method, this.url + path, answer.status, answer.body);
    return answer.body;
  }

  addPartner(partner) {
    return this.get("/v1/partners", "POST", partner);
  }

  send(event) {
    return this.get("/v1/events", "POST", JSON.stringify(event), { "content-type": "application/cloudevents+json" });
  }

  sendBatch(events) {
    return this.get("/v1/events", "POST", JSON.stringify(events), { "content-type": "application/cloudevents-batch+json" });
  }

  referenceData(partner) {
    return this.get(`/v1/partners/${partner}/reference-data`);
  }

  async publish(partner, document, { comment = "" } = {}) {
    const mapping = `/v1/partners/${partner}/mappings/${document.workflow}`;
    await this.get(`${mapping}/draft`, "PUT", document);
    return this.get(`${mapping}/publish`, "POST", { comment });
  }

  async records(partner, query = "") {
    const all = [];
    let after = "";
    do {
      const page = await this.get(`/v1/partners/${partner}/records?limit=1000${query}${after && `&after=${encodeURIComponent(after)}`}`);
      all.push(...page.records);
      after = page.next ?? "";
    } while (after);
    return all;
  }

  explain(partner, kind, key) {
    return this.get(`/v1/partners/${partner}/records/${kind}/${encodeURIComponent(key)}/explain`);
  }

  /** Without a partner the key is for sending events, of all of them. */
  makeKey(name, partner) {
    return this.get("/v1/keys", "POST", { name, ...(partner ? { partner } : { role: "intake" }) });
  }
}

/** The part of an event that repeats. */
export const cloudEvent = ({ id, partner, type, time, source = "/acme-edr/demo", data }) => ({
  specversion: "1.0",
  id,
  source,
  type,
  ...(time ? { time: new Date(time).toISOString() } : {}),
  ...(partner ? { partner } : {}),
  data,
});

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  Crosswalk, PARTNER, adminKey, alertData, alertEvent, folder, house, ourTickets, runCrosswalk, sandboxPartner, serve, simpleMapping, startCrosswalk,
  TEST_ENVIRONMENT, until, untilTickets,
} from "./support.mjs";

const JSON_EVENT = { "content-type": "application/cloudevents+json" };

/** The problem document of a refusal: right status, a code of the catalogue, words for people. */
async function refused(answer, status, code) {
  const { status: got, body, headers } = await answer;
  assert.equal(got, status, JSON.stringify(body));
  assert.match(headers.get("content-type"), /^application\/problem\+json/);
  assert.match(body.code, code);
  assert.ok(body.title.length > 0 && body.status === status, JSON.stringify(body));
  return body;
}

/** What the server answers to bytes as they are; until it closes, or the answer ends with `end`. */
function raw(url, bytes, end) {
  return new Promise((done, failed) => {
    let answer = "";
    const socket = connect(new URL(url).port, "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer, only: ${answer}`)));
    socket.on("data", (piece) => {
      answer += piece;
      if (end && answer.includes("\r\n\r\n") && answer.endsWith(end)) socket.end();
    });
    socket.on("end", () => socket.end());
    socket.on("error", failed);
    socket.on("close", () => done(answer));
  });
}

const recordOf = async (api, name) => (await api.records(PARTNER, "&kind=alert")).find((record) => record.key.includes(name));

test("what no event can be is refused with its reason, and the server goes on", async (t) => {
  const { api, sandbox, url } = await house(t);
  const post = (body, headers = JSON_EVENT) => api.ask("POST", "/v1/events", body, headers);
  const text = JSON.stringify(alertEvent("raised", "b-1", alertData("srv-01")));

  await t.test("broken JSON", async () => {
    for (const broken of ["", "{", '{"a":1,}', text.slice(0, -1), text + "}", "nul", '"\\ud800"'])
      await refused(post(broken), 400, /^event\./);
  });
  await t.test("JSON that is no event", async () => {
    for (const other of ["null", "7", '"text"', "[]", "[[]]"]) assert.ok([400, 422].includes((await post(other)).status), other);
  });
  await t.test("ten thousand levels of nesting", async () => {
    await refused(post("[".repeat(10_000) + "]".repeat(10_000)), 422, /^event\.too_deep$/);
    await refused(post(text.replace('"title":', `"attributes":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)},"title":`)), 422, /^event\.too_deep$/);
  });
  await t.test("NUL and invalid UTF-8", async () => {
    await refused(post(Buffer.concat([Buffer.from(text.slice(0, -3)), Buffer.from([0xff, 0xfe]), Buffer.from(text.slice(-3))])), 400, /^event\./);
    await refused(post(Buffer.from(text.replace("Malware", "Mal\u0000ware"))), 400, /^event\./); // a bare control character
    await refused(post(Buffer.from(text.replace("Malware", "Mal\\u0000ware"))), 422, /^event\./); // the same, escaped
    await refused(post(Buffer.from([0x80])), 400, /^event\./);
  });
  await t.test("fifty megabytes", async () => {
    // The server may answer and hang up before it has seen all; both are right, taking it would not be.
    const status = await new Promise((done, failed) => {
      const asking = request(`${url}/v1/events`, { method: "POST", headers: { ...JSON_EVENT, authorization: `Bearer ${api.key}`, "content-length": 50_000_000 } }, (answer) => {
        answer.resume();
        done(answer.statusCode);
        asking.destroy();
      });
      asking.on("error", (error) => (["EPIPE", "ECONNRESET"].includes(error.code) ? done("closed") : failed(error)));
      asking.end(Buffer.alloc(50_000_000, 0x20));
    });
    assert.ok(status === 413 || status === "closed", String(status));
  });
  await t.test("a large body without a key", async () => {
    const stranger = await raw(url, `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n`);
    assert.match(stranger, /^HTTP\/1\.1 401 .*"code":"auth\.missing"/s, "told before a byte of the body was sent");
    const large = await raw(url, `POST /v1/partners HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.key}\r\nContent-Length: 70000\r\n\r\n`);
    assert.match(large, /^HTTP\/1\.1 413 .*"detail":"At most 64 KiB\.".*"code":"request\.too_large"/s);
  });
  await t.test("compressed bodies, other transfer encodings and headers that stand twice", async () => {
    await refused(post(gzipSync(text), { ...JSON_EVENT, "content-encoding": "gzip" }), 415, /^request\.content_encoding$/);
    const start = `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.key}\r\n`;
    assert.match(await raw(url, `${start}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`), /^HTTP\/1\.1 501 .*request\.transfer_encoding/s);
    assert.match(await raw(url, `${start}Authorization: Bearer other\r\n\r\n`), /^HTTP\/1\.1 400 .*The header Authorization stands twice/s);
    const attributes = "Content-Type: application/json\r\nce-partner: a\r\nce-partner: b\r\n";
    assert.match(await raw(url, `${start}${attributes}Content-Length: 2\r\n\r\n{}`, "}"), /^HTTP\/1\.1 400 .*The header ce-partner stands twice/s);
  });
  await t.test("HEAD is answered like GET", async () => {
    for (const path of ["/", "/healthz", "/readyz", "/metrics", "/v1/partners"])
      assert.equal((await fetch(url + path, { method: "HEAD", headers: { authorization: `Bearer ${api.key}` } })).status, 200, path);
  });
  await t.test("strings, severities and types that do not fit", async () => {
    for (const data of [alertData("x".repeat(201)), alertData("srv-02", { severity: "apocalyptic" }), alertData("srv-02", { title: 7 }), { ...alertData("srv-02"), customer: "" }])
      await refused(post(JSON.stringify(alertEvent("raised", "b-2", data))), 422, /^event\./);
    await refused(post(JSON.stringify({ ...alertEvent("raised", "b-2", alertData("srv-02")), specversion: "0.3" })), 422, /^event\./);
    await refused(post(JSON.stringify({ ...alertEvent("raised", "b-2", alertData("srv-02")), time: "yesterday" })), 422, /^event\./);
  });
  await t.test("an unknown partner", async () => {
    await refused(post(JSON.stringify({ ...JSON.parse(text), partner: "nobody" })), 422, /^event\.partner_unknown$/);
    await refused(post(JSON.stringify({ ...JSON.parse(text), partner: "../../etc" })), 422, /^event\./);
  });
  await t.test("paths and methods that are not there", async () => {
    await refused(api.ask("GET", "/v1/nothing"), 404, /^request\.not_found$/);
    await refused(api.ask("DELETE", "/v1/events"), 405, /^request\.method_not_allowed$/);
    await refused(api.ask("GET", "/v1/partners/%zz"), 404, /^(request|partner)\./);
  });

  assert.deepEqual(await api.records(PARTNER), [], "nothing of all this was taken");
  await api.send(JSON.parse(text));
  await untilTickets(sandbox, 1);
});

test("unusual but legal content reaches the ticket unharmed", async (t) => {
  const { api, sandbox } = await house(t);
  const family = "\u{1F468}‍\u{1F469}‍\u{1F467}";
  const titles = {
    emoji: family.repeat(30), // far more than a summary holds
    rtl: "התקפת כופר זוהתה על השרת ‏(SRV-01)",
    markup: `<script>alert("x")</script> & 'quotes' "and" {{braces}} %s \\ `,
    long: "ä".repeat(500),
  };
  for (const [name, title] of Object.entries(titles)) await api.send(alertEvent("raised", `u-${name}`, alertData(name, { title, subject_name: "" })));
  const tickets = await untilTickets(sandbox, 4);
  const summaries = tickets.map((ticket) => ticket.summary);
  for (const summary of summaries) {
    assert.ok(summary.length <= 100, `${summary.length} UTF-16 units: ${summary}`);
    assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|�/u.test(summary), "cut within a character");
  }
  assert.ok(summaries.some((summary) => summary.includes("התקפת כופר")), summaries.join("\n"));
  assert.ok(summaries.some((summary) => summary.includes(`<script>alert("x")</script> & 'quotes' "and" {{braces}}`)), summaries.join("\n"));
  assert.ok(summaries.some((summary) => /^ä{90}/.test(summary)));
});

test("the same id with other content is a conflict and changes nothing", async (t) => {
  const { api, sandbox } = await house(t);
  const event = alertEvent("raised", "same", alertData("srv-01"));
  await api.send(event);
  await untilTickets(sandbox, 1);
  await refused(api.ask("POST", "/v1/events", JSON.stringify({ ...event, data: { ...event.data, title: "Another story" } }), JSON_EVENT), 409, /^event\.duplicate_conflict$/);
  assert.equal((await api.send(event)).duplicates, 1);
  assert.match((await recordOf(api, "srv-01")).title, /Malware on srv-01/);
});

test("an event from the future is taken as of now, with a warning; one from before go-live opens nothing", async (t) => {
  const { api, sandbox } = await house(t, { mapping: { go_live_at: new Date(Date.now() - 60_000).toISOString() } });
  const soon = await api.send({ ...alertEvent("raised", "f-1", alertData("srv-01")), time: new Date(Date.now() + 86_400_000).toISOString() });
  assert.equal(soon.accepted, 1);
  assert.equal(soon.warnings.length, 1);
  await api.send({ ...alertEvent("raised", "f-2", alertData("srv-02")), time: new Date(Date.now() - 86_400_000).toISOString() });
  await untilTickets(sandbox, 1);
  const record = await until("the old alert to be settled", async () => {
    const found = await recordOf(api, "srv-02");
    return found?.state === "settled" && found;
  });
  assert.match((await api.explain(PARTNER, "alert", record.key)).summary, /live/i);
  assert.equal((await ourTickets(sandbox)).length, 1);
});

test("an unknown customer's alert is held with a reason and released by the mapping", async (t) => {
  const { api, sandbox } = await house(t);
  await api.send(alertEvent("raised", "h-1", alertData("srv-01", { customer: "stranger" })));
  const record = await until("the record to be parked", async () => {
    const found = await recordOf(api, "srv-01");
    return found?.state === "parked" && found;
  });
  assert.equal(record.parked.code, "mapping.customer_unknown");
  assert.ok(record.parked.action.length > 0);
  assert.equal((await ourTickets(sandbox)).length, 0);
  await api.publish(PARTNER, await simpleMapping(api, sandbox, { customers: ["contoso", "stranger"] }));
  await untilTickets(sandbox, 1);
});

test("wrong PSA keys stop the partner's calls, are told plainly, and right ones let the work go on", async (t) => {
  const { api, sandbox } = await house(t);
  await api.get(`/v1/partners/${PARTNER}`, "PATCH", { public_key: "wrong", private_key: "wrong-secret" });
  await api.send(alertEvent("raised", "k-1", alertData("srv-01")));
  const status = await until("the circuit to open", async () => {
    const now = await api.get(`/v1/partners/${PARTNER}/status`);
    return now.circuit.state === "open" && now;
  });
  assert.match(status.circuit.reason, /key|credential|sign/i);
  assert.doesNotMatch(JSON.stringify(status), /wrong-secret/);
  const { public_key, private_key } = sandboxPartner(PARTNER, "", sandbox.url);
  await api.get(`/v1/partners/${PARTNER}`, "PATCH", { public_key, private_key });
  await untilTickets(sandbox, 1, { within: 30_000 });
});

test("a PSA that answers with HTML, or not at all, delays work and loses none", async (t) => {
  const { api, sandbox, program } = await house(t);
  await sandbox.faults({ faults: [{ kind: "html", path: "/service/tickets*", count: 3 }] });
  await api.send(alertEvent("raised", "d-1", alertData("srv-01")));
  await untilTickets(sandbox, 1, { within: 45_000 });
  await sandbox.faults({ faults: [{ kind: "drop_before", path: "/service/tickets*", count: 2 }] });
  await api.send(alertEvent("raised", "d-2", alertData("srv-02")));
  await untilTickets(sandbox, 2, { within: 45_000 });
  assert.ok(program.alive);
});

test("a partner whose PSA is not there does not hold up the others", async (t) => {
  const { api, sandbox } = await house(t);
  await api.addPartner({ ...sandboxPartner("dark-it", "Dark IT", sandbox.url), site: "http://127.0.0.1:9" });
  const dark = await api.ask("GET", "/v1/partners/dark-it/check");
  assert.equal(dark.status, 200);
  assert.equal(dark.body.healthy, false);
  await api.ask("PUT", "/v1/partners/dark-it/mappings/alert_to_ticket/draft", await simpleMapping(api, sandbox));
  await api.get("/v1/partners/dark-it/mappings/alert_to_ticket/publish", "POST", {});
  await api.sendBatch(Array.from({ length: 50 }, (_, index) => ({ ...alertEvent("raised", `dark-${index}`, alertData(`pc-${index}`, { condition: `c${index}` })), partner: "dark-it" })));
  await api.send(alertEvent("raised", "light-1", alertData("srv-01")));
  await untilTickets(sandbox, 1, { within: 10_000 });
});

test("a host that is not ConnectWise's is never called unless the configuration allows it", async (t) => {
  let visits = 0;
  const inside = createServer((_, answer) => (visits++, answer.end("{}")));
  await new Promise((ready) => inside.listen(0, "127.0.0.1", ready));
  t.after(() => inside.close());
  const port = inside.address().port;
  const { api, url } = await serve(t, folder(t), { env: { CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "false" } });
  const own = new URL(url).port;
  const sites = [`http://127.0.0.1:${port}`, `https://localhost:${port}`, `http://[::1]:${port}`, `http://0x7f000001:${port}`, `http://127.0.0.1.nip.io:${port}`, `http://localhost:${own}`, "https://169.254.169.254", "https://evil.example", "file:///etc/passwd", "https://na.myconnectwise.net@127.0.0.1"];
  for (const [index, site] of sites.entries()) {
    const id = `partner-${index}`;
    // Refused at once, or kept and refused at every use.
    const added = await api.ask("POST", "/v1/partners", sandboxPartner(id, "X", site));
    if (added.status !== 201) {
      await refused(Promise.resolve(added), 422, /^(net\.host_not_allowed|partner\.invalid|partner\.site_invalid)$/);
      continue;
    }
    const checked = await api.get(`/v1/partners/${id}/check`);
    assert.equal(checked.healthy, false, site);
    await refused(api.ask("GET", `/v1/partners/${id}/reference-data`), 502, /^net\.host_not_allowed$/);
  }
  assert.equal(visits, 0, "somebody called the inside");
});

test("a taken port, a taken data folder and a mistyped configuration end the start with words and a number", async (t) => {
  const data = folder(t);
  const { url } = await serve(t, data);
  const port = new URL(url).port;

  const taken = await runCrosswalk(["serve", "--data", folder(t), "--port", port]);
  assert.equal(taken.code, 8, taken.output());
  assert.match(taken.stderr, new RegExp(port));

  const locked = await runCrosswalk(["serve", "--data", data, "--port", "0"]);
  assert.equal(locked.code, 8, locked.output());

  const file = join(folder(t), "crosswalk.toml");
  writeFileSync(file, '[server]\nport = 8700\nprot = 1\n\n[engine]\nsettle = "soon"\n');
  const mistyped = await runCrosswalk(["serve", "--config", file, "--data", folder(t)]);
  assert.equal(mistyped.code, 7, mistyped.output());
  assert.match(mistyped.stderr, /crosswalk\.toml:3/);
  assert.match(mistyped.stderr, /prot/);
  assert.match(mistyped.stderr, /crosswalk\.toml:6/);
  assert.match(mistyped.stderr, /30s/);

  const variable = await runCrosswalk(["serve", "--data", folder(t)], { env: { CROSSWALK_SERVER_PORT: "many" } });
  assert.equal(variable.code, 7, variable.output());
  assert.match(variable.stderr, /CROSSWALK_SERVER_PORT/);
});

test("a data folder that cannot be written is told, not crashed upon", async (t) => {
  const file = join(folder(t), "file");
  writeFileSync(file, "");
  const result = await runCrosswalk(["serve", "--data", join(file, "data"), "--port", "0"]);
  assert.equal(result.code, 9, result.output());
  assert.match(result.stderr, /data/);
});

test("a ConnectWise that is something else altogether is told in the check-up", async (t) => {
  const pages = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>"));
  await new Promise((ready) => pages.listen(0, "127.0.0.1", ready));
  t.after(() => pages.close());
  const data = folder(t);
  const program = startCrosswalk(data, ["--port", "0"], { env: TEST_ENVIRONMENT });
  t.after(() => program.kill());
  const api = new Crosswalk(await program.address(), adminKey(data));
  await api.addPartner(sandboxPartner(PARTNER, "Northwind IT", `http://127.0.0.1:${pages.address().port}`));
  const checked = await api.get(`/v1/partners/${PARTNER}/check`);
  assert.equal(checked.healthy, false);
  const failed = checked.checks.filter((check) => !check.passed);
  assert.ok(failed.length > 0 && failed.every((check) => check.action.length > 0 && !check.detail.includes("<html>")), JSON.stringify(failed));
});

// The built sandbox as people start it: with HTTPS beside HTTP, with a folder that outlives it, with technicians at work.
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { folder, serveSandbox, startSandbox, until } from "./support.mjs";

const HEADERS = { authorization: `Basic ${Buffer.from("sandbox+sandbox-public:sandbox-private").toString("base64")}`, clientid: "e2e", "content-type": "application/json" };

const api = (url, path, options = {}) => fetch(`${url}/v4_6_release/apis/3.0${path}`, { headers: HEADERS, ...options });
const control = async (url, path, method = "GET", body = undefined) => (await fetch(`${url}/sandbox/${path}`, { method, body: body && JSON.stringify(body) })).json();

const secureGet = (url, ca) =>
  new Promise((done, failed) =>
    https
      .get(url, { ca, agent: false }, (answer) => {
        let text = "";
        answer.on("data", (data) => (text += data)).on("end", () => done(JSON.parse(text)));
      })
      .on("error", failed),
  );

async function startOn(t, args) {
  const program = startSandbox(["--port", "0", ...args]);
  t.after(() => program.kill());
  return { program, url: await program.address() };
}

test("a number that makes no sense is refused with what is allowed", async (t) => {
  const cases = [
    ["--clock-rate", "0.001 to 1000000", ["-1", "0", "nan", "inf", "1e300", "fast"]],
    ["--robot", "0 to 60000", ["-1", "nan", "99999999"]],
    ["--latency-ms", "0 to 600000", ["-5", "0.5", "99999999999999999999"]],
    ["--requests-per-minute", "0 to 1000000", ["-1", "nan", "2000000"]],
    ["--threads", "1 to 64", ["0", "-1", "1000000", "2x"]],
    ["--seed", "0 to 18446744073709551615", ["-1", "1e5", "99999999999999999999999"]],
    ["--port", "0 to 65535", ["-1", "70000", "x"]],
    ["--tls-port", "0 to 65535", ["-1", "70000"]],
    ["--scenario", "1 to 10000", ["many:0", "many:-1", "many:", "many:3x", "many:99999999999"]],
  ];
  const codes = new Set();
  for (const [flag, allowed, values] of cases) {
    for (const value of values) {
      const program = startSandbox([...(flag === "--port" ? [] : ["--port", "0"]), flag, value]);
      t.after(() => program.kill());
      await program.ended;
      assert.equal(program.stdout, "", `${flag} ${value}`);
      const [told] = program.stderr.split("\n");
      assert.ok(told.startsWith(`${flag}: `) && told.includes(allowed) && told.length <= 120, told);
      codes.add(program.code);
    }
  }
  assert.equal(codes.size, 1, "all are told by one exit code");
  assert.ok(!codes.has(0));
});

test("the start says how to begin", async (t) => {
  const companies = ["alpha", "bravo", "charlie", "delta"];
  const { program, url } = await startOn(t, companies.flatMap((name) => ["--tenant", name]));
  await until("the keys", () => /^keys .*\n/m.test(program.stdout));
  const lines = program.stdout.split("\n");
  assert.equal(lines[0], `listening on ${url}`);
  assert.ok(lines[1].endsWith(` ${url}/`), lines[1]);
  assert.match(lines[2], /^login companies +alpha, bravo, charlie and 1 more$/);
  assert.match(lines[3], / alpha-public and alpha-private, and so for each; any clientId$/);
  assert.ok(lines.every((line) => line.length <= 80));
});

test("HTTPS stands beside HTTP, and a later start uses the same authority", async (t) => {
  const data = folder(t);
  const ca = () => readFileSync(join(data, "tls", "ca.crt"), "utf8");
  const first = await startOn(t, ["--data", data, "--tls-port", "0"]);
  const secure = await until("the second address", () => /https:\/\/\S+/.exec(first.program.stdout)?.[0]);
  await until("the advice", () => first.program.stdout.includes(join(data, "tls", "ca.crt")));
  const authority = ca();
  assert.equal((await secureGet(`${secure}/login/companyinfo/sandbox`, authority)).CompanyID, "sandbox");
  assert.equal((await (await fetch(`${first.url}/login/companyinfo/sandbox`)).json()).CompanyID, "sandbox");
  assert.equal(statSync(join(data, "tls", "server.key")).mode & 0o777, 0o600);
  assert.ok(await first.program.stop());

  const again = await startOn(t, ["--data", data, "--tls"]);
  assert.match(again.url, /^https:/);
  assert.equal((await secureGet(`${again.url.replace("127.0.0.1", "localhost")}/login/companyinfo/sandbox`, authority)).CompanyID, "sandbox");
  assert.equal(ca(), authority);
});

test("what was in a mid-sized MSP is there again after a stop", async (t) => {
  const data = folder(t);
  const first = await startOn(t, ["--data", data, "--scenario", "mid"]);
  const made = await (await api(first.url, "/service/tickets", { method: "POST", body: JSON.stringify({ summary: "Survives", company: { id: 252 } }) })).json();
  const before = await (await api(first.url, "/company/companies/300")).json();
  assert.ok(await first.program.stop());
  assert.equal(first.program.code, 0, first.program.output());

  const again = await startOn(t, ["--data", data]);
  assert.equal((await (await api(again.url, `/service/tickets/${made.id}`)).json()).summary, "Survives");
  const { _info: then, ...company } = before;
  const { _info: now, ...found } = await (await api(again.url, "/company/companies/300")).json();
  assert.deepEqual([found.id, found.name, found.identifier, now.lastUpdated], [company.id, company.name, company.identifier, then.lastUpdated]);
  assert.equal((await (await api(again.url, "/company/configurations/count")).json()).count, 8_000);
});

test("a damaged snapshot stops the start instead of being overwritten", async (t) => {
  const data = folder(t);
  const first = await startOn(t, ["--data", data]);
  assert.ok(await first.program.stop());
  const file = join(data, "snapshot.jsonl");
  const damaged = readFileSync(file, "utf8").slice(0, 5_000);
  writeFileSync(file, damaged);
  const broken = startSandbox(["--port", "0", "--data", data]);
  await broken.ended;
  assert.equal(broken.code, 1, broken.output());
  assert.match(broken.stderr, /snapshot/);
  assert.equal(readFileSync(file, "utf8"), damaged);
});

test("technicians work while the clock runs fast", async (t) => {
  const { url } = await startOn(t, ["--scenario", "mid", "--robot", "60", "--clock-rate", "60"]);
  const deeds = await until("a hundred deeds", async () => {
    const { actions } = await control(url, "robot");
    return actions >= 100 && actions;
  });
  assert.ok(deeds >= 100);
  await control(url, "robot", "DELETE");
  const { actions } = await control(url, "robot");
  assert.equal((await control(url, "robot")).actions, actions);
});

test("bodies that drip arrive whole, bodies that break off do not", async (t) => {
  const { sandbox } = await serveSandbox(t);
  await sandbox.faults({ seed: 1, faults: [{ kind: "drip", delay_ms: 200 }, { kind: "cut_body" }] });
  const before = performance.now();
  assert.equal((await (await api(sandbox.url, "/company/companies")).json()).length, 20);
  assert.ok(performance.now() - before >= 150, "it took its time");
  await assert.rejects(async () => (await api(sandbox.url, "/company/companies")).text());
  assert.equal((await (await api(sandbox.url, "/company/companies")).json()).length, 20);
});

test("one company is in maintenance while the other works", async (t) => {
  const { sandbox } = await serveSandbox(t, ["--tenant", "sandbox", "--tenant", "other"]);
  await sandbox.faults({ tenants: { sandbox: { maintenance: true } } });
  assert.equal((await api(sandbox.url, "/service/boards")).status, 503);
  const other = `Basic ${Buffer.from("other+other-public:other-private").toString("base64")}`;
  assert.equal((await api(sandbox.url, "/service/boards", { headers: { ...HEADERS, authorization: other } })).status, 200);
});

test("ten MSPs stand side by side, and the sandbox tells what each would choose", async (t) => {
  const { url } = await startOn(t, ["--scenario", "msps", "--tenant", "extra"]);
  const companies = (await control(url, "state")).tenants.map((each) => each.login_company);
  assert.equal(companies.length, 11);
  for (const company of companies.filter((each) => each !== "extra")) {
    const info = await (await fetch(`${url}/login/companyinfo/${company}`)).json();
    const authorization = `Basic ${Buffer.from(`${company}+${company}-public:${company}-private`).toString("base64")}`;
    const boards = await (await fetch(`${url}/${info.Codebase}apis/3.0/service/boards?pageSize=100`, { headers: { ...HEADERS, authorization } })).json();
    const { alerts } = await control(url, `labels?tenant=${company}`);
    for (const { id, name } of alerts.board.any_of) assert.equal(boards.find((board) => board.id === id)?.name, name, company);
  }
  assert.match((await control(url, "labels?tenant=extra")).message, /has no labels/);
});

test("the page comes whole from the sandbox, and what it asks for is there", async (t) => {
  const { sandbox } = await serveSandbox(t, ["--scenario", "mid"]);
  const page = await (await fetch(sandbox.url)).text();
  for (const [, file] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) assert.equal((await fetch(sandbox.url + file)).status, 200, file);
  assert.doesNotMatch(page, /https?:\/\//);
  const found = await control(sandbox.url, "tickets?limit=5&page=2&search=phishing");
  assert.equal(found.tickets.length, 5);
  assert.ok(found.tickets.every((each) => /phishing/i.test(each.summary)));
  const whole = await control(sandbox.url, `ticket?ticket=${found.tickets[0].id}`);
  assert.equal(whole.ticket.summary, found.tickets[0].summary);
  assert.equal(whole.notes.length, found.tickets[0].notes);
  assert.deepEqual(await control(sandbox.url, "list?collection=company/companies&conditions=nonsense%3D1"), { message: "nonsense is not a recognized name." });
  await api(sandbox.url, "/service/tickets", { method: "POST", body: '{"summary":"x"}' });
  const [call] = await control(sandbox.url, "calls?limit=1");
  const kept = await control(sandbox.url, `calls?number=${call.number}`);
  assert.equal(kept.request, '{"summary":"x"}');
  assert.match(kept.answer, /MissingRequiredField/);
  assert.ok(!JSON.stringify(kept).includes("Basic "), "credentials are not kept");
});

// A vendor's page in the sandbox's hosted frame, in Debian's chromium, and the hash that it is handed at work.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, chromium } from "./sandbox_browser.mjs";
import { startSandbox, until } from "./support.mjs";

const skip = chromium ? false : "chromium is not installed";
const KEYS = { authorization: `Basic ${Buffer.from("sandbox+sandbox-public:sandbox-private").toString("base64")}` };

/** What a pod does: it asks who is there, and has a say in saving. All that it hears goes to its own server. */
const POD = `<!doctype html><script>
const tell = (what) => fetch("/heard", { method: "POST", body: JSON.stringify(what) });
const say = (message) => parent.postMessage(JSON.stringify(message), "*");
let frameID, refusals = 1;
addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  tell(message);
  if (message.MessageFrameID) {
    frameID = message.MessageFrameID;
    say({ hosted_request: "getMemberAuthentication", frameID: "another" });
    say({ request: "getMemberAuthentication", frameID });
  }
  if (message.response) say({ hosted_request: "openScreen", data: { screen: "ticket", id: "1001" }, frameID });
  if (message.event === "onLoad") say({ event: message.event, _id: message._id, result: "success", frameID });
  if (message.event === "beforeSave") {
    const refused = refusals-- > 0;
    say({ event: message.event, _id: message._id, result: refused ? "failure" : "success", errors: refused ? ["Two-factor code is missing."] : [], frameID });
  }
});
say({ message: "ready" });
tell({ sent: "ready", at: location.search });
</script>`;

/** The vendor's server: the pod, and what it has heard. */
async function vendor(t) {
  const heard = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (data) => (body += data)).on("end", () => {
      if (request.method === "POST") heard.push(JSON.parse(body));
      answer.setHeader("content-type", "text/html").end(request.method === "POST" ? "" : POD);
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close().closeAllConnections());
  return { heard, origin: `http://127.0.0.1:${server.address().port}` };
}

async function sandboxAt(t) {
  const program = startSandbox(["--port", "0"]);
  t.after(() => program.kill());
  const url = await program.address();
  const call = (path, { method = "GET", body, headers = KEYS } = {}) =>
    fetch(`${url}/v4_6_release/apis/3.0${path}`, { method, body: body && JSON.stringify(body), headers: { clientid: "e2e", "content-type": "application/json", ...headers } });
  const setup = async (more) => (await (await call("/system/connectwisehostedsetups", { method: "POST", body: { screenId: 4, description: "Our pod", type: "Pod", ...more } })).json()).id;
  return { url, call, setup };
}

async function open(t, address) {
  const profile = mkdtempSync(join(tmpdir(), "crosswalk-browser-"));
  const browser = await Browser.open(t, profile, address);
  t.after(() => rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return browser;
}

const state = (text) => `document.getElementById("state").textContent === ${JSON.stringify(text)}`;

test("a hosted page is told who is there and of which record, and is asked before saving", { skip }, async (t) => {
  const { heard, origin } = await vendor(t);
  const { url, call, setup } = await sandboxAt(t);
  const id = await setup({ url: `${origin}/pod?id=[cw_id]&screen=[cw_screen]`, origin });
  const browser = await open(t, `${url}/sandbox/hosted?setup=${id}&record=1002&member=mlopez`);

  const { data } = await until("the member to be told", () => heard.find((each) => each.response === "getmemberauthentication"));
  assert.deepEqual([data.companyid, data.memberid, data.memberContext, data.codeBase], ["sandbox", "mlopez", "web", "v2025_1"]);
  assert.equal((await until("the page to have spoken", () => heard.find((each) => each.sent))).at, "?id=1002&screen=ticket");
  const loaded = await until("the event", () => heard.find((each) => each.event === "onLoad"));
  assert.deepEqual(loaded.data.screenObject, { screen: "ticket", id: "1002", hostedAs: "Pod" });
  await browser.shows("the screen to be opened", state("The page opens ticket 1001."));
  assert.match(await browser.value(`document.getElementById("record").textContent`), /^ticket 1002: ./);

  const save = `document.getElementById("save").click()`;
  await browser.value(save);
  await browser.shows("the page's refusal", state("Not saved. Two-factor code is missing."));
  await browser.value(save);
  await browser.shows("its consent", state("Saved."));
  assert.equal(heard.filter((each) => each.response).length, 1, "a message with another frame's id is not answered");
  assert.deepEqual(browser.problems, []);

  const cookie = `companyName=sandbox; memberId=${data.memberid}; memberHash=${data.memberHash}; memberContext=web`;
  assert.equal((await (await call("/system/myMembers/info", { headers: { cookie } })).json()).identifier, "mlopez");
});

test("a page of another origin than the setup names gets no answer", { skip }, async (t) => {
  const { heard, origin } = await vendor(t);
  const { url, setup } = await sandboxAt(t);
  const id = await setup({ url: `${origin}/pod`, origin: "https://vendor.example" });
  const browser = await open(t, `${url}/sandbox/hosted?setup=${id}&record=1002`);
  await until("the page to have spoken", () => heard.find((each) => each.sent));
  await browser.shows("that the page is shown", state("Signed in as jsmith."));
  assert.equal(heard.length, 1);
  assert.equal(await browser.value(`document.getElementById("log").children.length`), 0);
  await browser.value(`document.getElementById("save").click()`);
  await browser.shows("that nobody has a say", state("Saved."));

  const nowhere = await open(t, `${url}/sandbox/hosted?setup=999&record=1`);
  await nowhere.shows("the trouble", `document.getElementById("trouble").textContent.startsWith("there is no hosted setup 999")`);
  await nowhere.shows("that it does not wait", state("Nothing is shown."));
  await nowhere.shows("what there is instead", `document.querySelector("#trouble a")?.textContent === "${id}: Our pod"`);
  await nowhere.value(`document.querySelector("#trouble a").click()`);
  await nowhere.shows("that one", state("Signed in as jsmith."));
});

test("a hosted page says what is wrong with its address, and how a setup is made", { skip }, async (t) => {
  const { url, setup } = await sandboxAt(t);
  const trouble = (text) => `!document.getElementById("trouble").hidden && document.getElementById("trouble").textContent.includes(${JSON.stringify(text)}) && ${state("Nothing is shown.")}`;
  const browser = await open(t, `${url}/sandbox/hosted`);
  await browser.shows("what is missing", trouble("add setup= and its id"));
  await browser.shows("how one is made", trouble("POST /system/connectwisehostedsetups"));
  await browser.send("Page.navigate", { url: `${url}/sandbox/hosted?setup=pod` });
  await browser.shows("what an id is", trouble("setup must be a whole number"));
  const id = await setup({ url: "pod", origin: "" });
  await browser.send("Page.navigate", { url: `${url}/sandbox/hosted?setup=${id}` });
  await browser.shows("that the address is none", trouble("is no URL"));
});

test("a member signs in with the practice password and calls in the own name", async (t) => {
  const { url, call } = await sandboxAt(t);
  const login = async (password) =>
    (await fetch(`${url}/v4_6_release//login/login.aspx?response=json`, { method: "POST", body: new URLSearchParams({ CompanyName: "sandbox", UserName: "jsmith", Password: password }) })).json();
  assert.equal((await login("wrong")).Success, false);
  const { Success, Hash } = await login("sandbox-password");
  assert.ok(Success);
  const note = { text: "In my own name.", detailDescriptionFlag: true };
  const cookie = `companyName=sandbox; memberHash=${Hash}; MemberID=JSmith; MemberContext=web`;
  const made = await call("/service/tickets/1002/notes", { method: "POST", body: note, headers: { cookie } });
  assert.equal((await made.json()).createdBy, "jsmith");
  const basic = { authorization: `Basic ${Buffer.from(`sandbox+jsmith:${Hash}`).toString("base64")}` };
  assert.equal((await (await call("/system/myMembers", { headers: basic })).json()).identifier, "jsmith");
  assert.equal((await call("/system/myMembers", { headers: { cookie: cookie.replace(Hash, "guessed") } })).status, 401);
});

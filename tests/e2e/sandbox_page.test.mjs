// The sandbox's page as a person uses it, in Debian's chromium; skipped where that is not installed.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, chromium } from "./sandbox_browser.mjs";
import { startSandbox } from "./support.mjs";

const skip = chromium ? false : "chromium is not installed";
const HEADERS = { clientid: "e2e", "content-type": "application/json" };
const rows = (text) => `[...document.querySelectorAll("#rows tr")].some((row) => row.textContent.includes(${JSON.stringify(text)}))`;
const count = (text) => `document.getElementById("count").textContent === ${JSON.stringify(text)}`;
const click = (selector) => `document.querySelector(${JSON.stringify(selector)}).click()`;
const detail = (text) => `!document.getElementById("detail").hidden && document.getElementById("detail").textContent.includes(${JSON.stringify(text)})`;

async function page(t, args = []) {
  const program = startSandbox(["--port", "0", ...args]);
  t.after(() => program.kill());
  const url = await program.address();
  // Not under the folder of the tests' data: the browser still writes there while it ends.
  const profile = mkdtempSync(join(tmpdir(), "crosswalk-browser-"));
  const browser = await Browser.open(t, profile, url);
  t.after(() => rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  const api = (tenant, path, body) => fetch(`${url}/v4_6_release/apis/3.0${path}`, { method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers: { ...HEADERS, authorization: `Basic ${Buffer.from(`${tenant}+${tenant}-public:${tenant}-private`).toString("base64")}` } });
  return { browser, url, api, program };
}

test("the page shows what arrives, and its details", { skip }, async (t) => {
  const { browser, api } = await page(t);
  await browser.shows("the tickets", count("10 tickets"));
  const made = await (await api("sandbox", "/service/tickets", { summary: "<b>Mail</b> & more is slow", company: { id: 252 }, initialDescription: "Since Monday." })).json();
  await browser.shows("the new ticket, its text as text", rows("<b>Mail</b> & more is slow"));
  assert.equal(await browser.value(`document.querySelectorAll("#rows b").length`), 0);
  await browser.shows("that it is new", `document.querySelector("#rows tr.fresh")?.dataset.id === "${made.id}"`);
  await browser.value(click(`#rows button[data-id="${made.id}"]`));
  await browser.shows("its note", detail("Since Monday."));
  assert.match(await browser.value("location.hash"), new RegExp(`id=${made.id}`));
  await browser.press("Escape");
  await browser.shows("no details", `document.getElementById("detail").hidden`);
  assert.deepEqual(browser.problems, []);
});

test("every tab of the page shows its things, searches them and keeps its address", { skip }, async (t) => {
  const { browser, api } = await page(t);
  await api("sandbox", "/system/callbacks", { url: "https://hooks.example/in?id=", objectId: 1, type: "ticket", level: "owner" });
  const tabs = { companies: ["20 companies", "Acme"], agreements: ["19 agreements", "Managed Services"], configurations: ["76 configurations", "dev-2690"], callbacks: ["1 callback", "hooks.example"] };
  for (const [tab, [total, text]] of Object.entries(tabs)) {
    await browser.shows(`the tab ${tab}`, `document.getElementById("tab-${tab}") !== null`);
    await browser.value(click(`#tab-${tab}`));
    await browser.shows(total, count(total));
    await browser.shows(text, rows(text));
    await browser.value(`document.querySelector("#rows tr button").click()`);
    await browser.shows(`details of ${tab}`, `!document.getElementById("detail").hidden && document.querySelector("#detail h2").textContent !== "Not found"`);
    await browser.value(click("#close"));
  }
  await browser.value(click("#tab-calls"));
  await browser.shows("the call", rows("/system/callbacks"));
  await browser.value(click("#tab-companies"));
  await browser.shows("companies again", count("20 companies"));
  await browser.press("/");
  await browser.type("harbor");
  await browser.shows("what was searched for", count("1 company"));
  await browser.send("Page.reload");
  await browser.shows("the same after a reload", count("1 company"));
  assert.deepEqual(browser.problems, []);
});

test("an agreement shows its prices with all their decimals", { skip }, async (t) => {
  const { browser } = await page(t);
  await browser.value(click("#tab-agreements"));
  await browser.shows("the agreement", `document.querySelector('#rows button[data-id="269"]') !== null`);
  await browser.value(click(`#rows button[data-id="269"]`));
  await browser.shows("what its backup costs", detail("760 × 0.085 = 64.60"));
  assert.deepEqual(browser.problems, []);
});

test("the page changes between companies, turns pages, and says when the sandbox is gone", { skip }, async (t) => {
  const { browser, api, program } = await page(t, ["--tenant", "one", "--tenant", "two"]);
  await browser.shows("the first company", `document.getElementById("tenant").value === "one"`);
  for (let i = 0; i < 45; ++i) await api("two", "/service/tickets", { summary: `Number ${i}`, company: { id: 252 } });
  await browser.shows("ten tickets there", count("10 tickets"));
  await browser.value(`(() => { const select = document.getElementById("tenant"); select.value = "two"; select.dispatchEvent(new Event("change")); })()`);
  await browser.shows("those of the other", count("55 tickets"));
  await browser.shows("two pages", `document.getElementById("page").textContent === "1 of 2"`);
  await browser.value(click("#older"));
  await browser.shows("the rest", `document.querySelectorAll("#rows tr").length === 5`);
  await program.stop();
  await browser.shows("that nobody answers", `!document.getElementById("trouble").hidden && document.getElementById("trouble").textContent.includes("does not answer")`);
});

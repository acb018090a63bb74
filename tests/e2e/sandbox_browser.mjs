// Debian's chromium, if it is there, driven over the pipe that it offers for this: nothing to install or download.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { until } from "./support.mjs";

export const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

/** One page in a browser of its own. */
export class Browser {
  constructor(child) {
    this.child = child;
    this.waiting = new Map();
    this.number = 0;
    this.problems = [];
    let text = "";
    child.stdio[4].setEncoding("utf8").on("data", (data) => {
      const messages = (text + data).split("\0");
      text = messages.pop();
      for (const message of messages) this.take(JSON.parse(message));
    });
  }

  static async open(t, folder, url) {
    const child = spawn(chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", `--user-data-dir=${folder}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    t.after(async () => {
      // Closed, not killed: its own processes would go on writing to the folder for a moment.
      browser.session = undefined;
      const ended = new Promise((done) => child.once("close", done));
      browser.send("Browser.close").catch(() => child.kill("SIGKILL"));
      await ended;
    });
    const browser = new Browser(child);
    const { targetInfos } = await browser.send("Target.getTargets");
    browser.session = (await browser.send("Target.attachToTarget", { targetId: targetInfos.find((each) => each.type === "page").targetId, flatten: true })).sessionId;
    for (const domain of ["Runtime", "Page", "Log"]) await browser.send(`${domain}.enable`);
    await browser.send("Page.navigate", { url });
    return browser;
  }

  take(message) {
    if (message.method === "Runtime.exceptionThrown") this.problems.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
    if (message.method === "Log.entryAdded" && message.params.entry.level === "error") this.problems.push(message.params.entry.text);
    const waiting = this.waiting.get(message.id);
    if (!waiting) return;
    this.waiting.delete(message.id);
    if (message.error) waiting.failed(new Error(message.error.message));
    else waiting.done(message.result);
  }

  send(method, params = {}) {
    const id = ++this.number;
    return new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
    });
  }

  /** What an expression is in the page. */
  async value(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true in the page. */
  shows(what, expression) {
    return until(what, () => this.value(expression));
  }

  async press(key) {
    for (const type of ["keyDown", "keyUp"]) await this.send("Input.dispatchKeyEvent", { type, key, text: type === "keyDown" && key.length === 1 ? key : undefined });
  }

  async type(text) {
    await this.send("Input.insertText", { text });
  }
}

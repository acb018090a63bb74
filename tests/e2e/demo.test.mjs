import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { binaries, folder, root, runCrosswalk, runToEnd, serve, serveSandbox, untilTickets } from "./support.mjs";

test("the demonstration plays to its end and finds every ticket as it should be", async () => {
  const bin = process.env.CROSSWALK_BIN_DIR;
  const demo = await runToEnd("demo", process.execPath, [join(root, "demo/demo.mjs"), "--once"], { within: 120_000, env: bin ? { CROSSWALK_BIN_DIR: bin } : {} });
  assert.equal(demo.code, 0, demo.output());
  assert.match(demo.stdout, /Every ticket is as it should be/);
  assert.doesNotMatch(demo.stdout, /\x1b\[/, "no colours where nobody sees them");
  assert.doesNotMatch(demo.stdout + demo.stderr, /undefined|NaN|\[object/);
});

test("the door lists its verbs and knows no others", async () => {
  const list = await runToEnd("run", join(root, "run"), []);
  assert.equal(list.code, 0);
  for (const verb of ["demo", "test", "build", "bench", "dev", "fmt", "lint"]) assert.match(list.stdout, new RegExp(`^  ${verb}\\b`, "m"));
  const wrong = await runToEnd("run", join(root, "run"), ["dance"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /no verb dance/);
});

test("the README and the documents name only verbs that the program has", async () => {
  const pages = ["README.md", ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
  const shown = new Set();
  for (const page of pages)
    for (const [, words] of readFileSync(join(root, page), "utf8").matchAll(/(?:^|[`/])crosswalk ((?:[a-z]+ ?)+)/gm)) shown.add(words.trim().split(" ").slice(0, 2).join(" "));
  assert.ok(shown.size > 5, [...shown].join(", "));
  for (const words of shown) {
    const help = await runCrosswalk([...words.split(" "), "--help"]);
    assert.equal(help.code, 0, `crosswalk ${words}\n${help.output()}`);
  }
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const command of ["./run demo", "./run test"]) assert.ok(readme.includes(command), command);
});

test("the commands of the README, as they are written, lead from nothing to a ticket", async (t) => {
  const section = /## By hand\n([\s\S]*?)\n## /.exec(readFileSync(join(root, "README.md"), "utf8"))[1];
  const blocks = [...section.matchAll(/^```\n([\s\S]*?)^```/gm)].map((match) => match[1]);
  const home = folder(t);
  const { sandbox } = await serveSandbox(t);
  const { program } = await serve(t, join(home, "my-data"), { env: { CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true" } });
  // The servers of the page are those of this test, on ports of their own; all other commands run to the letter.
  const commands = blocks
    .join("")
    .replace(/^\.\/run build\n/m, "")
    .replace(/^.* &\n/gm, "")
    .replaceAll("build/release", binaries)
    .replaceAll("http://127.0.0.1:8600", sandbox.url);
  assert.match(commands, /partners add[\s\S]*mapping publish[\s\S]*events send/);
  const shell = await runToEnd("the page's commands", "bash", ["-c", commands], { cwd: home });
  assert.equal(shell.code, 0, shell.output());
  const title = /--title "([^"]+)"/.exec(commands)[1];
  const [ticket] = await untilTickets(sandbox, 1).catch((error) => assert.fail(`${error.message}\n${shell.output()}`));
  assert.ok(ticket.summary.includes(title), ticket.summary);
  assert.doesNotMatch(shell.output() + program.output(), /sandbox-private/, "a key was shown");
});

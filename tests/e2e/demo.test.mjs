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
  const { program, url } = await serve(t, join(home, "my-data"), { env: { CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true" } });
  // The servers of the page are those of this test, on ports of their own; all other commands run to the letter.
  const here = (text) =>
    text
      .replace(/^\.\/run build\n/m, "")
      .replace(/^.* &\n/gm, "")
      .replaceAll("$PWD/build/release", binaries)
      .replaceAll("http://127.0.0.1:8600", sandbox.url)
      .replaceAll("http://127.0.0.1:8700", url);
  const commands = here(blocks.join(""));
  assert.match(commands, /partners add[\s\S]*mapping publish[\s\S]*events send/);
  const shell = await runToEnd("the page's commands", "bash", ["-c", commands], { cwd: home });
  assert.equal(shell.code, 0, shell.output());
  const title = /--title "([^"]+)"/.exec(commands)[1];
  const [ticket] = await untilTickets(sandbox, 1).catch((error) => assert.fail(`${error.message}\n${shell.output()}`));
  assert.ok(ticket.summary.includes(title), ticket.summary);
  assert.doesNotMatch(shell.output() + program.output(), /sandbox-private/, "a key was shown");

  // Then the first calls of the page about the API, which name what the README has made.
  const shellBlocks = [...readFileSync(join(root, "docs/api.md"), "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]);
  const first = await runToEnd("the first call", "bash", ["-c", `set -eu\n${here(shellBlocks.slice(0, 2).join(""))}`], { cwd: home });
  assert.equal(first.code, 0, first.output());
  assert.match(first.stdout, /"accepted":1,"duplicates":0,"conflicts":0,"rejected":0/);
  const second = await untilTickets(sandbox, 2).catch((error) => assert.fail(`${error.message}\n${first.output()}`));
  assert.ok(second.some((each) => each.summary.includes("Ransomware behaviour on SRV-01")), "a ticket by the first call");
});

test("what the README leaves behind is ignored by git", () => {
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
  const made = /CROSSWALK_DATA=(\S+)/.exec(readFileSync(join(root, "README.md"), "utf8"))[1];
  for (const folder of [made, "crosswalk-data"]) assert.ok(ignored.includes(`/${folder}/`), folder);
});

test("the README names the key that the first start makes", () => {
  assert.match(readFileSync(join(root, "README.md"), "utf8"), /my-data\/admin\.key/);
});

test("the page on connecting names every right that a refusal can ask for", () => {
  const page = readFileSync(join(root, "docs/connecting.md"), "utf8");
  const source = readFileSync(join(root, "src/connectwise/manage/errors.cc"), "utf8");
  const named = [...source.matchAll(/Right\{"[A-Z]*", "[^"]*",\s*"([^"]+)"\}/g)].flatMap((match) => match[1].split(", and "));
  assert.ok(named.length > 10);
  for (const right of named) {
    const [place, levels] = right.split(": ");
    assert.ok(page.includes(place), place);
    for (const customized of levels.match(/include (.*)/)?.slice(1) ?? []) assert.ok(page.includes(customized), right);
  }
});

test("the example in the program's help is the README's", async () => {
  const help = await runCrosswalk(["--help"]);
  const verbs = [...help.stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map((match) => match[1]);
  assert.ok(verbs.length > 15, help.stdout);
  for (const verb of verbs) {
    const each = await runCrosswalk([verb, "--help"]);
    assert.doesNotMatch(each.stdout, /contoso|fabrikam|\bacme\b/, `crosswalk ${verb} --help`);
  }
});

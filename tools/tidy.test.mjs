import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { countGoogleTest, countTap, failedPrograms } from "./count_tests.mjs";
import { draw, shorten, spansOf } from "./terminal_svg.mjs";
import { anchorOf, tidy } from "./tidy.mjs";

const ROOMS = `
crosswalk_room(base LIBRARIES fmt::fmt)
crosswalk_room(store KNOWS base)
crosswalk_room(store_sqlite DIRECTORY store/sqlite KNOWS base store LIBRARIES SQLite::SQLite3)
crosswalk_room(engine KNOWS base store
                      LIBRARIES spdlog::spdlog)
`;

/** What tidy says of a house with these files: "check: file:line" per problem. */
function tidyOf(t, files) {
  const root = mkdtempSync(join(tmpdir(), "tidy-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ "src/CMakeLists.txt": ROOMS, ...files })) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { results, warnings } = tidy(root);
  return {
    problems: results.flatMap(({ name, problems }) => problems.map(({ file, line }) => `${name}: ${file}:${line}`)),
    warnings: warnings.map(({ file, line }) => `${file}:${line}`),
  };
}

test("an include over an arrow of KNOWS passes, one against it is named with its line", (t) => {
  const { problems } = tidyOf(t, {
    "src/engine/turn.cc": '#include "engine/turn.h"\n#include "store/store.h"\n#include "store/sqlite/sqlite_store.h"\n',
    "src/store/sqlite/sqlite_store.cc": '#include "store/store.h"\n#include "base/result.h"\n',
    "src/base/text.cc": '#include "store/store.h"\n',
    "sandbox/world.cc": '#include "base/time.h"\n#include "engine/engine.h"\n',
  });
  assert.deepEqual(problems, [
    "includes between rooms: sandbox/world.cc:2",
    "includes between rooms: src/base/text.cc:1",
    "includes between rooms: src/engine/turn.cc:3",
  ]);
});

test("rooms that know each other in a circle are refused", (t) => {
  const { problems } = tidyOf(t, { "src/CMakeLists.txt": "crosswalk_room(a KNOWS b)\ncrosswalk_room(b KNOWS a)\n" });
  assert.deepEqual(problems, ["includes between rooms: src/CMakeLists.txt:1"]);
});

test("a file of 701 lines is too long, one of 700 is not, and a long function is a warning", (t) => {
  const { problems, warnings } = tidyOf(t, {
    "src/base/long.cc": "//\n".repeat(701),
    "src/base/fits.cc": "//\n".repeat(700),
    "src/base/function.cc": `void f() {\n${"  g();\n".repeat(70)}}\n\nvoid h() {\n  g();\n}\n`,
  });
  assert.deepEqual(problems, ["file lengths: src/base/long.cc:701"]);
  assert.deepEqual(warnings, ["src/base/function.cc:1"]);
});

test("an open end needs an issue number", (t) => {
  const word = "TO" + "DO";
  const { problems } = tidyOf(t, { "src/base/a.cc": `// ${word}: later\n// ${word}(#12): later\n` });
  assert.deepEqual(problems, ["words: src/base/a.cc:1"]);
});

test("links must lead to a file and to a heading of it; code is not prose", (t) => {
  const { problems } = tidyOf(t, {
    "docs/a.md": "# First `part`, here\n[fine](b.md#in-b) [self](#first-part-here) [web](https://example.com)\n[gone](c.md)\n[no heading](b.md#nothing)\n```\n[code](none.md)\n```\n",
    "docs/b.md": "## In b\n",
  });
  assert.deepEqual(problems, ["links in the documents: docs/a.md:3", "links in the documents: docs/a.md:4"]);
  assert.equal(anchorOf("Events (in) & out"), "events-in--out");
});

test("an error code that the catalogue does not explain is named; attributes are no codes", (t) => {
  const { problems } = tidyOf(t, {
    "src/base/error_catalogue.json": JSON.stringify([{ code: "net.timeout", title: "t", why: "w", action: "a", who: "partner" }]),
    "src/base/a.cc": 'return fail("net.timeout", "");\nreturn fail("net.gone", "");\nlookup("device.name");\nif (error.code == "net.lost") {}\n',
  });
  assert.deepEqual(problems, ["error catalogue: src/base/a.cc:2", "error catalogue: src/base/a.cc:4"]);
});

test("documents have lines that fit, sentences that can be read, plain words and one example", (t) => {
  const words = (count) => Array.from({ length: count }, () => "word").join(" ");
  const broken = (text) => text.replace(/(.{1,90}) /g, "$1\n");
  const { problems } = tidyOf(t, {
    "docs/fits.md": `# ${words(30)}\n\n${broken(`${words(40)}. ${words(40)}.`)}\n\n\`\`\`\n${words(40)}\n\`\`\`\n| ${words(60)} |\n`,
    "docs/command.md": "`one command that is longer than any line of prose may be --and=cannot,be,broken,anywhere,at,all,since`\n",
    "docs/wide.md": `first\n\n- ${"wide ".repeat(25)}\n`,
    "docs/long.md": broken(`It is long: ${words(39)}.`),
    "docs/fancy.md": "Dashes \u2013 here.\n",
    "docs/heavy.md": "First.\n\nWe utilize it.\n",
    "docs/example.md": "First.\n\n    crosswalk plan acme\n",
  });
  assert.deepEqual(
    problems,
    ["example.md:3", "fancy.md:1", "heavy.md:3", "long.md:1", "wide.md:3"].map((place) => `prose of the documents: docs/${place}`),
  );
});

test("a lock file with registry addresses is refused", (t) => {
  const { problems } = tidyOf(t, { "x/package-lock.json": '{"resolved": "https://example.com/a.tgz"}', "y/package-lock.json": '{"integrity": "sha512-x"}' });
  assert.deepEqual(problems, ["lock files: x/package-lock.json:1"]);
});

test("test results are counted case by case", () => {
  const report = `<testsuites><testsuite name="Wire">
    <testcase name="Reads" file="a.cc" status="run" result="completed" time="0." classname="Wire" />
    <testcase name="Fails" status="run" result="completed" classname="Wire">
      <failure message="no" type=""><![CDATA[no]]></failure>
    </testcase>
    <testcase name="Compares" status="run" result="skipped" classname="Wire">
      <skipped message="a.cc:12&#x0A;the &quot;document&quot; is not here&#x0A;"><![CDATA[a.cc:12]]></skipped>
    </testcase>
    <testcase name="Off" status="notrun" result="suppressed" classname="Wire" />
  </testsuite></testsuites>`;
  assert.deepEqual(countGoogleTest(report), { passed: 1, failed: 1, skipped: [{ test: "Wire.Compares", reason: 'the "document" is not here' }] });
  assert.deepEqual(countTap("ok 1\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n"), { passed: 2, failed: 2, skipped: [] });
});

test("what was skipped is listed at the end, by its reason", (t) => {
  const tap = "    ok 1 - the page shows what arrives # SKIP chromium is not installed\nok 2 - a full disk # SKIP making a small disk needs root\n# pass 0\n# skipped 2\n";
  const folder = mkdtempSync(join(tmpdir(), "results-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "e2e.tap"), tap);
  writeFileSync(join(folder, "tools.tap"), "ok 1 - the list # SKIP chromium is not installed\nok 2 - more\n# pass 1\n# skipped 1\n");
  const closing = spawnSync(process.execPath, [new URL("count_tests.mjs", import.meta.url).pathname, folder], { encoding: "utf8" });
  assert.equal(
    closing.stdout,
    `Skipped, and why:
  chromium is not installed:
    the page shows what arrives
    the list
  making a small disk needs root:
    a full disk
1 passed, 0 failed (3 skipped)
`,
  );
  assert.equal(closing.status, 0);
});

test("whatever a test would be skipped without is installed by ./run test", () => {
  const door = readFileSync(new URL("../run", import.meta.url), "utf8");
  const verb = /^verb_test\(\) \{[\s\S]*?^\}/m.exec(door)[0];
  for (const packages of ["TEST_PACKAGES[@]", "npm_packages", "browser_packages"]) assert.ok(verb.includes(packages), packages);
  assert.match(door, /^browser_packages\(\) \{[^}]*echo chromium$/m);
});

test("a program that crashed is counted though it has left no report", () => {
  assert.deepEqual(failedPrograms('<testcase name="net" classname="net" time="1" status="run"/>\n<testcase name="store" classname="store" time="2" status="fail">'), ["store"]);
});

test("terminal output is drawn with its colours, escaped, and shortened where asked", () => {
  assert.deepEqual(spansOf("a \x1b[1mb\x1b[0m"), [{ text: "a ", code: "" }, { text: "b", code: "1" }]);
  assert.match(draw("\x1b[32m<ok>\x1b[0m", "t & t"), /aria-label="t &amp; t"[\s\S]*<tspan fill="#7ee787">&lt;ok&gt;<\/tspan>/);
  assert.equal(shorten("1\n2\n3\nalert\n4\nalert\n5\n", 2, "alert"), "1\n2\n...\n\nalert\n5");
});

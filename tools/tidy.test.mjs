import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

test("a lock file with registry addresses is refused", (t) => {
  const { problems } = tidyOf(t, { "x/package-lock.json": '{"resolved": "https://example.com/a.tgz"}', "y/package-lock.json": '{"integrity": "sha512-x"}' });
  assert.deepEqual(problems, ["lock files: x/package-lock.json:1"]);
});

test("test results are counted case by case", () => {
  const report = {
    testsuites: [
      {
        testsuite: [
          { status: "RUN", result: "COMPLETED" },
          { status: "RUN", result: "COMPLETED", failures: [{ failure: "no" }] },
          { status: "RUN", result: "SKIPPED" },
          { status: "NOTRUN", result: "SUPPRESSED" },
        ],
      },
    ],
  };
  assert.deepEqual(countGoogleTest(report), { passed: 1, failed: 1, skipped: 1 });
  assert.deepEqual(countTap("ok 1\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n"), { passed: 2, failed: 2, skipped: 0 });
});

test("a program that crashed is counted though it has left no report", () => {
  assert.deepEqual(failedPrograms('<testcase name="net" classname="net" time="1" status="run"/>\n<testcase name="store" classname="store" time="2" status="fail">'), ["store"]);
});

test("terminal output is drawn with its colours, escaped, and shortened where asked", () => {
  assert.deepEqual(spansOf("a \x1b[1mb\x1b[0m"), [{ text: "a ", code: "" }, { text: "b", code: "1" }]);
  assert.match(draw("\x1b[32m<ok>\x1b[0m", "t & t"), /aria-label="t &amp; t"[\s\S]*<tspan fill="#7ee787">&lt;ok&gt;<\/tspan>/);
  assert.equal(shorten("1\n2\n3\nalert\n4\nalert\n5\n", 2, "alert"), "1\n2\n...\n\nalert\n5");
});

// Sums what the test programs left behind into one closing line: `N passed, N failed`; before it what was skipped, and why.
// Arguments: folders with GoogleTest XML, node TAP and tidy JSON results.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const unescaped = (text) =>
  text
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, "&");

/** GoogleTest: --gtest_output=xml; its JSON leaves out the reason of a skip. */
export function countGoogleTest(xml) {
  const count = { passed: 0, failed: 0, skipped: [] };
  for (const [, attributes, body] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const said = (name) => unescaped(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    if (said("status") !== "run") continue;
    if (/<failure\b/.test(body ?? "")) count.failed++;
    else if (said("result") === "skipped") {
      // The message begins with the line of the source.
      const lines = unescaped(/<skipped message="([^"]*)"/.exec(body ?? "")?.[1] ?? "").split("\n").filter(Boolean);
      count.skipped.push({ test: `${said("classname")}.${said("name")}`, reason: lines.at(-1) ?? "" });
    } else count.passed++;
  }
  return count;
}

/** node --test --test-reporter=tap closes with "# pass N" and the like. */
export function countTap(text) {
  const last = (word) => Number([...text.matchAll(new RegExp(`^# ${word} (\\d+)$`, "gm"))].pop()?.[1] ?? 0);
  const skipped = [...text.matchAll(/^\s*(?:not )?ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map(([, test, reason]) => ({ test, reason: reason.trim() }));
  while (skipped.length < last("skipped")) skipped.push({ test: "a test", reason: "" });
  return { passed: last("pass"), failed: last("fail") + last("cancelled"), skipped };
}

/** Programs that ctest saw fail, by the names of ctest: one that crashed has left no report of its own, or one without a failure. */
export const failedPrograms = (junit) => [...junit.matchAll(/<testcase name="([^"]+)"[^>]*status="fail"/g)].map((match) => match[1]);

export function countFolder(folder) {
  const total = { passed: 0, failed: 0, skipped: [] };
  const failedInside = new Set();
  const files = readdirSync(folder);
  for (const name of files.filter((each) => each !== "ctest.xml")) {
    const text = readFileSync(join(folder, name), "utf8");
    const count = name.endsWith(".tap") ? countTap(text) : name === "tidy.json" ? { ...JSON.parse(text), skipped: [] } : countGoogleTest(text);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped.push(...count.skipped);
    if (count.failed > 0) failedInside.add(name);
  }
  if (files.includes("ctest.xml"))
    for (const program of failedPrograms(readFileSync(join(folder, "ctest.xml"), "utf8")))
      if (!failedInside.has(`test_${program}.xml`)) total.failed++;
  return total;
}

/** What was skipped, by its reason: nobody has to look for it in the output above. */
export function closingList(skipped) {
  const reasons = new Map();
  for (const each of skipped) reasons.set(each.reason, [...(reasons.get(each.reason) ?? []), each]);
  const lines = [];
  for (const [reason, tests] of reasons) {
    lines.push(`  ${reason || "no reason was given"}:`);
    for (const { test } of tests) lines.push(`    ${test}`);
  }
  return lines.length > 0 ? ["Skipped, and why:", ...lines] : [];
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const total = { passed: 0, failed: 0, skipped: [] };
  for (const folder of process.argv.slice(2)) {
    const count = countFolder(folder);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped.push(...count.skipped);
  }
  for (const line of closingList(total.skipped)) console.log(line);
  const skipped = total.skipped.length > 0 ? ` (${total.skipped.length} skipped)` : "";
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

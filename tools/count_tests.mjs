// Sums what the test programs left behind into one closing line: `N passed, N failed`.
// Arguments: folders with GoogleTest JSON, node TAP and tidy JSON results.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** GoogleTest: --gtest_output=json. */
export function countGoogleTest(report) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of report.testsuites ?? [])
    for (const test of suite.testsuite ?? []) {
      if (test.failures?.length) count.failed++;
      else if (test.result === "SKIPPED") count.skipped++;
      else if (test.status === "RUN") count.passed++;
    }
  return count;
}

/** node --test --test-reporter=tap closes with "# pass N" and the like. */
export function countTap(text) {
  const last = (word) => Number([...text.matchAll(new RegExp(`^# ${word} (\\d+)$`, "gm"))].pop()?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail") + last("cancelled"), skipped: last("skipped") };
}

/** Programs that ctest saw fail, by the names of ctest: one that crashed has left no report of its own, or one without a failure. */
export const failedPrograms = (junit) => [...junit.matchAll(/<testcase name="([^"]+)"[^>]*status="fail"/g)].map((match) => match[1]);

export function countFolder(folder) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failedInside = new Set();
  const files = readdirSync(folder);
  for (const name of files.filter((each) => !each.endsWith(".xml"))) {
    const text = readFileSync(join(folder, name), "utf8");
    const count = name.endsWith(".tap") ? countTap(text) : name === "tidy.json" ? JSON.parse(text) : countGoogleTest(JSON.parse(text));
    for (const key of Object.keys(total)) total[key] += count[key] ?? 0;
    if (count.failed > 0) failedInside.add(name);
  }
  if (files.includes("ctest.xml"))
    for (const program of failedPrograms(readFileSync(join(folder, "ctest.xml"), "utf8")))
      if (!failedInside.has(`test_${program}.json`)) total.failed++;
  return total;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of process.argv.slice(2)) {
    const count = countFolder(folder);
    for (const key of Object.keys(total)) total[key] += count[key];
  }
  const skipped = total.skipped > 0 ? ` (${total.skipped} skipped)` : "";
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

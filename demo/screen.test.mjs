import assert from "node:assert/strict";
import { test } from "node:test";
import { tableLines, wrap } from "./screen.mjs";

const HEADINGS = ["alert", "ticket", "board", "status", "notes", "why"];
const WHY = "a technician has taken the ticket over, so that it is not closed, but told that the alert is resolved";
const ROWS = [
  ["Ransomware behaviour blocked on SRV-FIN-01", "#1004", "Security Operations", ">Closed", 4, WHY],
  ["Nightly backup failed on NAS-02", "none", "", "", "", "resolved before a ticket was needed"],
];

for (const width of [80, 100, 140])
  test(`the demonstration's table fits ${width} columns and breaks no word`, () => {
    const lines = tableLines(HEADINGS, ROWS, width);
    for (const line of lines) assert.ok(line.length <= width, `${line.length}: ${line}`);
    const words = new Set(lines.join(" ").split(/\s+/));
    for (const word of ROWS.flat().join(" ").split(/\s+/)) assert.ok(words.has(word), `${word}\n${lines.join("\n")}`);
  });

test("a narrow table has the reason below its row", () => {
  const [, , row, why] = tableLines(HEADINGS, ROWS.slice(1), 64);
  assert.equal(row, "Nightly backup failed on NAS-02  none");
  assert.equal(why, "  resolved before a ticket was needed");
});

test("words go on in the next line, blanks between them stay, and a long word stays whole", () => {
  assert.deepEqual(wrap("critical   Ransomware on SRV", 14), ["critical", "Ransomware on", "SRV"]);
  assert.deepEqual(wrap("critical   Ransomware on SRV", 80), ["critical   Ransomware on SRV"]);
  assert.deepEqual(wrap("see https://edr.example/alerts/1 now", 10), ["see", "https://edr.example/alerts/1", "now"]);
});

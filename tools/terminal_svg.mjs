// Draws a program's terminal output as an SVG, for the documents:
//
//   FORCE_COLOR=1 node demo/demo.mjs --once | node tools/terminal_svg.mjs "./run demo" 30 alert > docs/images/demo.svg
//
// The arguments: a title; how many lines to show from the top; the word with which the part begins that is shown again.
import { readFileSync } from "node:fs";

const CELL = { width: 7.8, height: 17 };
const MARGIN = 16;
const BAR = 30;
const COLOURS = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#79c0ff" };

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** One line as spans: [{ text, code }]. */
export function spansOf(line) {
  const spans = [];
  let code = "";
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    const sgr = /^\x1b\[([0-9;]*)m$/.exec(part);
    if (sgr) code = sgr[1] === "0" ? "" : sgr[1];
    else if (part !== "") spans.push({ text: part, code });
  }
  return spans;
}

export function draw(text, title) {
  const lines = text.replace(/\s+$/, "").split("\n").map(spansOf);
  const columns = Math.max(...lines.map((spans) => spans.reduce((sum, span) => sum + span.text.length, 0)));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN + BAR;
  const style = (code) => (code === "1" ? ' font-weight="bold" fill="#f0f6fc"' : code === "2" ? ' fill="#8b949e"' : COLOURS[code] ? ` fill="${COLOURS[code]}"` : "");
  const rows = lines.map((spans, row) => {
    const y = BAR + MARGIN + (row + 0.75) * CELL.height;
    const parts = spans.map(({ text: words, code }) => `<tspan${style(code)}>${escape(words)}</tspan>`);
    return `<text x="${MARGIN}" y="${y.toFixed(1)}" xml:space="preserve">${parts.join("")}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<text x="${MARGIN}" y="20" fill="#8b949e" font-family="sans-serif" font-size="12">${escape(title)}</text>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13" fill="#c9d1d9">
${rows.join("\n")}
</g>
</svg>
`;
}

/** The first `head` lines, and all from the last line that begins with `word`. */
export function shorten(text, head, word) {
  const lines = text.trimEnd().split("\n");
  const plain = lines.map((line) => line.replace(/\x1b\[[0-9;]*m/g, ""));
  const from = plain.findLastIndex((line) => line.startsWith(word));
  return from <= head ? text : [...lines.slice(0, head), "...", "", ...lines.slice(from)].join("\n");
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [title = "", head = "1000", word = ""] = process.argv.slice(2);
  process.stdout.write(draw(shorten(readFileSync(0, "utf8"), Number(head), word), title));
}

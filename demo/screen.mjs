// What the demonstration prints: lines as things happen, a table at the end. Plain text unless a terminal looks on.
const colours = (process.stdout.isTTY || process.env.FORCE_COLOR) && !process.env.NO_COLOR;
const paint = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : String(text));

export const bold = paint("1");
export const dim = paint("2");
export const red = paint("31");
export const green = paint("32");
export const yellow = paint("33");
export const blue = paint("36");

export const say = (text = "") => process.stdout.write(`${text}\n`);

const clock = (time) => new Date(time).toISOString().slice(11, 16);

const MARKS = { product: ["alert", bold], technician: ["person", yellow], connectwise: ["psa", yellow], partner: ["setup", yellow], crosswalk: ["  ->", blue] };

/** One line: when, who, what. */
export function line(time, who, text) {
  const [mark, style] = MARKS[who];
  say(`${dim(clock(time))}  ${style(mark.padEnd(6))} ${text}`);
}

/** Cuts a text into lines of at most `width`, at blanks where there are some. */
export function wrap(text, width) {
  const lines = [];
  let rest = String(text).trim();
  while (rest.length > width) {
    const blank = rest.lastIndexOf(" ", width);
    const end = blank > width / 3 ? blank : width;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** Rows under headings; the last column takes what width is left and wraps. `style` may colour a cell by its text. */
export function table(headings, rows, style = (_column, text) => text) {
  const width = Math.max(100, Math.min(process.stdout.columns || 140, 160));
  const last = headings.length - 1;
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => String(row[column]).length)));
  const before = widths.slice(0, last).reduce((sum, each) => sum + each + 2, 0);
  widths[last] = Math.max(24, width - before);
  say(headings.map((heading, column) => dim(column === last ? heading : heading.padEnd(widths[column]))).join("  "));
  say(dim(widths.map((each, column) => "-".repeat(column === last ? Math.min(each, 24) : each)).join("  ")));
  for (const row of rows) {
    const [first, ...more] = wrap(row[last], widths[last]);
    say([...row.slice(0, last).map((cell, column) => style(column, String(cell).padEnd(widths[column]))), first].join("  "));
    for (const rest of more) say(" ".repeat(before) + rest);
  }
}

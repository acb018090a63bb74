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

const TEXT_BEGINS = 14; // after the time and the mark
const GAP = 2; // blanks between columns
const LAST_COLUMN_MIN = 24; // with less it stands below
const MARKS = { product: ["alert", bold], technician: ["person", yellow], connectwise: ["psa", yellow], partner: ["setup", yellow], crosswalk: ["  ->", blue] };

/** Columns of the terminal; without one as many as a picture of the demonstration has. */
export const screenWidth = () => Math.min(Number(process.env.COLUMNS) || process.stdout.columns || 140, 160);

const widthOf = (text) => String(text).replace(/\x1b\[[0-9;]*m/g, "").length;
const padded = (text, width) => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** Words in as many lines as they need, each in the style. */
export function paragraph(text, style, indent = 0) {
  for (const each of wrap(text, screenWidth() - indent)) say(" ".repeat(indent) + style(each));
}

/** One line, or more where the words do not fit: when, who, what. */
export function line(time, who, text) {
  const [mark, style] = MARKS[who];
  const [first, ...more] = wrap(text, screenWidth() - TEXT_BEGINS);
  say(`${dim(clock(time))}  ${style(mark.padEnd(6))} ${first}`);
  for (const rest of more) say(" ".repeat(TEXT_BEGINS) + rest);
}

/** A text's words in lines of at most `width`; a word that is longer stands alone and whole. */
export function wrap(text, width) {
  const lines = [""];
  for (const part of String(text).trim().split(/(?<=\S)(?=\s)/)) {
    const last = lines.at(-1);
    if (last && widthOf(last + part) > width) lines.push(part.trimStart());
    else lines[lines.length - 1] = last + part;
  }
  return lines;
}

/** Rows under headings, in lines of at most `width`: the last column takes what is left and wraps. Where that is little, it stands below its row. */
export function tableLines(headings, rows, width, style = (_column, text) => text) {
  const last = headings.length - 1;
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => String(row[column]).length)));
  const before = () => widths.slice(0, last).reduce((sum, each) => sum + each + GAP, 0);
  const below = width - before() < LAST_COLUMN_MIN;
  const columns = below ? last : last + 1;
  // What is above all long is the first column: its words go on in further lines.
  if (below) widths[0] = Math.max(headings[0].length, Math.min(widths[0], width - (before() - GAP - widths[0])));
  else widths[last] = width - before();
  const row = (cells) => cells.slice(0, columns).map((cell, column) => (column === last ? cell : padded(cell, widths[column]))).join(" ".repeat(GAP)).trimEnd();
  const lines = [row(headings.map(dim)), dim(row(widths.map((each, column) => "-".repeat(column === last ? Math.min(each, LAST_COLUMN_MIN) : each))))];
  for (const cells of rows) {
    const broken = cells.slice(0, columns).map((cell, column) => wrap(cell, widths[column]));
    for (let index = 0; index < Math.max(...broken.map((each) => each.length)); index++)
      lines.push(row(broken.map((each, column) => (each[index] ? style(column, each[index]) : ""))));
    if (below) for (const rest of wrap(cells[last], width - GAP)) lines.push(rest && " ".repeat(GAP) + dim(rest));
  }
  return lines.filter(Boolean);
}

export function table(headings, rows, style) {
  for (const each of tableLines(headings, rows, screenWidth(), style)) say(each);
}

// How the documents are written: lines that fit, sentences that can be read at once, plain words, one example throughout.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const COLUMNS_MAX = 100;
export const SENTENCE_WORDS_MAX = 40;

const problem = (file, line, message) => ({ file, line, message });

/** Punctuation that keyboards do not have, and that editors put in by themselves. */
const FANCY = /[\u2010-\u2015\u2018-\u201F\u2026\u00A0\u00AB\u00BB]/;

/** Words that say less than a plain one. Written as patterns, lower case. */
const HEAVY = [
  ["utili[sz]e[sd]?", "use"],
  ["leverag(?:e[sd]?|ing)", "use"],
  ["in order to", "to"],
  ["facilitat(?:e[sd]?|ing)", "help"],
  ["furthermore|moreover", "also"],
  ["prior to", "before"],
  ["subsequent(?:ly)?", "later, then"],
  ["seamless(?:ly)?|effortless(?:ly)?|cutting-edge|state-of-the-art|world-class", "say what it does"],
  ["please note that|it should be noted", "leave it out"],
  ["e\\.g\\.|i\\.e\\.", "for example, that is"],
].map(([pattern, better]) => [new RegExp(`\\b(${pattern})`, "i"), better]);

/** Every example is the one of the README: partner northwind, whose customers the sandbox has. */
const OTHER_EXAMPLES = /\b(contoso|fabrikam|northwind-it)\b|\bcrosswalk (?:[a-z]+ ){1,2}acme\b/i;

/** Blocks of a Markdown text that are prose: paragraphs and list items, each with its first line's number (from 1). */
export function blocksOf(markdown) {
  const blocks = [];
  let block = null;
  let fenced = false;
  const end = () => {
    if (block) blocks.push(block);
    block = null;
  };
  markdown.split("\n").forEach((text, index) => {
    if (/^\s*```/.test(text)) {
      fenced = !fenced;
      end();
    } else if (fenced || /^\s*$/.test(text) || /^\s*\|/.test(text) || /^#/.test(text) || (/^ {4}/.test(text) && !block)) end();
    else if (/^\s*(?:[-*]|\d+\.)\s/.test(text)) {
      end();
      block = { line: index + 1, lines: [text] };
    } else if (block) block.lines.push(text);
    else block = { line: index + 1, lines: [text] };
  });
  end();
  return blocks;
}

/** A block's sentences, without its markup; code and links count as one word. */
export function sentencesOf(block) {
  const text = block.lines
    .join(" ")
    .replace(/^\s*(?:[-*]|\d+\.)\s+/, "")
    .replace(/`[^`]*`/g, "code")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_]{1,2}/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return text.split(/(?<=[.!?]["')]?)\s+(?=[A-Z0-9"'(a-z])/).filter(Boolean);
}

const wordsIn = (sentence) => sentence.split(" ").filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

export function checkProse(root, files) {
  const problems = [];
  for (const file of files.filter((each) => each.endsWith(".md"))) {
    const markdown = readFileSync(join(root, file), "utf8");
    markdown.split("\n").forEach((text, index) => {
      if (FANCY.test(text)) problems.push(problem(file, index + 1, `punctuation that is not ASCII: ${FANCY.exec(text)[0]}`));
      if (OTHER_EXAMPLES.test(text)) problems.push(problem(file, index + 1, `another example than the README's: ${OTHER_EXAMPLES.exec(text)[0]}`));
    });
    for (const block of blocksOf(markdown)) {
      block.lines.forEach((text, index) => {
        // A long address cannot be broken.
        const breakable = text.trim().replace(/`[^`]*`/g, "code").includes(" ");
        if (text.length > COLUMNS_MAX && breakable) problems.push(problem(file, block.line + index, `${text.length} columns; at most ${COLUMNS_MAX}`));
      });
      for (const sentence of sentencesOf(block)) {
        const words = wordsIn(sentence);
        if (words > SENTENCE_WORDS_MAX) problems.push(problem(file, block.line, `a sentence of ${words} words; at most ${SENTENCE_WORDS_MAX}: "${sentence.slice(0, 60)}..."`));
        for (const [pattern, better] of HEAVY) {
          const found = pattern.exec(sentence);
          if (found) problems.push(problem(file, block.line, `"${found[0]}": ${better}`));
        }
      }
    }
  }
  return problems;
}

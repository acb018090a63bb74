// The house checks itself: rules that no compiler keeps. `./run lint` runs all of them, `./run test` all but the formatting.
//
//   node tools/tidy.mjs [--root DIR] [--format] [--report FILE]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, normalize, relative } from "node:path";
import { checkProse } from "./prose.mjs";

const FILE_LINES_MAX = 700; // what a reader can still hold as one subject
const FUNCTION_LINES_WARN = 70; // a screen
const SKIPPED_FOLDERS = new Set(["build", ".git", ".demo", "node_modules"]);
const CODE = new Set([".h", ".cc", ".mjs", ".js", ".ts", ".tsx"]);
const TEXT = new Set([...CODE, ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".toml", ".sql", ".sh", ".html", ".css"]);

/** Paths relative to `root` of all files that are ours. */
export function listFiles(root, folder = "") {
  const files = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) files.push(...listFiles(root, path));
    } else if (entry.isFile()) {
      files.push(path);
    }
  }
  return files.sort();
}

const problem = (file, line, message) => ({ file, line, message });

/** The rooms of src/CMakeLists.txt: name -> { directory, knows }. */
export function parseRooms(cmake) {
  const rooms = new Map();
  for (const [, body] of cmake.matchAll(/crosswalk_room\(([^)]*)\)/g)) {
    const [name, ...words] = body.trim().split(/\s+/);
    const room = { directory: name, knows: [] };
    let list = "";
    for (const word of words) {
      if (["DIRECTORY", "KNOWS", "LIBRARIES"].includes(word)) list = word;
      else if (list === "DIRECTORY") room.directory = word;
      else if (list === "KNOWS") room.knows.push(word);
    }
    rooms.set(name, room);
  }
  return rooms;
}

/** The room that a path below src/ lies in: the one with the longest fitting directory. */
export function roomOf(rooms, path) {
  let found = null;
  for (const [name, room] of rooms)
    if (path.startsWith(room.directory + "/") && (!found || room.directory.length > rooms.get(found).directory.length)) found = name;
  return found;
}

/** A room includes itself and the rooms that its KNOWS names; arrows never form a circle. */
export function checkIncludes(root, files) {
  const problems = [];
  const cmakePath = join(root, "src/CMakeLists.txt");
  if (!existsSync(cmakePath)) return problems;
  const rooms = parseRooms(readFileSync(cmakePath, "utf8"));
  for (const [name, room] of rooms)
    for (const known of room.knows)
      if (!rooms.has(known)) problems.push(problem("src/CMakeLists.txt", 1, `room ${name} knows ${known}, which does not exist`));
  for (const circle of findCircles(rooms)) problems.push(problem("src/CMakeLists.txt", 1, `rooms know each other in a circle: ${circle.join(" -> ")}`));

  for (const file of files) {
    let allowed, self;
    if (file.startsWith("src/") && dirname(file) !== "src") {
      self = roomOf(rooms, file.slice(4));
      if (!self) {
        if (/\.(h|cc)$/.test(file)) problems.push(problem(file, 1, "lies in no room of src/CMakeLists.txt"));
        continue;
      }
      allowed = new Set([self, ...rooms.get(self).knows]);
    } else if (file.startsWith("sandbox/")) {
      self = "sandbox";
      allowed = new Set(["base", "net"]);
    } else continue;
    if (!/\.(h|cc)$/.test(file)) continue;
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .forEach((text, index) => {
        const included = /^\s*#include "([^"]+)"/.exec(text)?.[1];
        const room = included && roomOf(rooms, included);
        if (room && !allowed.has(room)) problems.push(problem(file, index + 1, `${self} may not include ${room} (see KNOWS in src/CMakeLists.txt)`));
      });
  }
  return problems;
}

function findCircles(rooms) {
  const circles = [];
  const done = new Set();
  const walk = (name, path) => {
    if (path.includes(name)) return circles.push([...path.slice(path.indexOf(name)), name]);
    if (done.has(name)) return;
    for (const known of rooms.get(name)?.knows ?? []) walk(known, [...path, name]);
    done.add(name);
  };
  for (const name of rooms.keys()) walk(name, []);
  return circles;
}

export function checkLengths(root, files) {
  const problems = [];
  for (const file of files) {
    if (!CODE.has(extname(file))) continue;
    const lines = readFileSync(join(root, file), "utf8").split("\n").length - 1;
    if (lines > FILE_LINES_MAX) problems.push(problem(file, lines, `${lines} lines; at most ${FILE_LINES_MAX}: split it by subject`));
  }
  return problems;
}

/** Functions at namespace level begin in the first column and end with a brace there: good enough to notice the long ones. */
export function warnLongFunctions(root, files) {
  const warnings = [];
  for (const file of files) {
    if (extname(file) !== ".cc") continue;
    let begin = -1;
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .forEach((text, index) => {
        if (begin < 0 && /^[A-Za-z].*\{\s*$/.test(text) && !/^(namespace|class|struct|enum|union|extern|const|constexpr|inline const)/.test(text)) begin = index;
        else if (/^\}/.test(text)) {
          const lines = index - begin + 1;
          if (begin >= 0 && lines > FUNCTION_LINES_WARN) warnings.push(problem(file, begin + 1, `a function of ${lines} lines; ${FUNCTION_LINES_WARN} fit on a screen`));
          begin = -1;
        }
      });
  }
  return warnings;
}

// Written in pieces, so that this file does not accuse itself.
const BANNED = [
  [new RegExp(String.raw`\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\b(?!\(#\d+\))`), "an open end without an issue number, as in " + "TO" + "DO(#12)"],
  [new RegExp(["lorem" + " ipsum", "change" + "me\\b"].join("|"), "i"), "a filler word"],
  [new RegExp(`(^|[\\s"'(=])/(${["ho" + "me", "Us" + "ers", "ro" + "ot"].join("|")})/\\w`), "a path of somebody's machine"],
];

export function checkWords(root, files) {
  const problems = [];
  for (const file of files) {
    if (!TEXT.has(extname(file)) && file !== "run" && file !== ".ci/run") continue;
    if (file.endsWith("package-lock.json")) continue;
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .forEach((text, index) => {
        for (const [pattern, why] of BANNED) if (pattern.test(text)) problems.push(problem(file, index + 1, why));
      });
  }
  return problems;
}

/** GitHub's anchors: lower case, punctuation dropped, blanks to dashes. */
export const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[`*_]/g, "")
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .replace(/\s/g, "-");

const proseOf = (markdown) => markdown.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, "")).replace(/`[^`\n]*`/g, "");

/** Every relative link of the Markdown files leads somewhere, the part after # included. */
export function checkLinks(root, files) {
  const problems = [];
  const anchors = (path) => new Set([...readFileSync(path, "utf8").matchAll(/^#{1,6}\s+(.*)$/gm)].map((match) => anchorOf(match[1])));
  for (const file of files.filter((each) => each.endsWith(".md"))) {
    proseOf(readFileSync(join(root, file), "utf8"))
      .split("\n")
      .forEach((text, index) => {
        for (const [, target] of text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
          if (/^[a-z]+:/.test(target)) continue;
          const [path, anchor] = target.split("#");
          const full = path === "" ? join(root, file) : join(root, dirname(file), path);
          if (!existsSync(full)) problems.push(problem(file, index + 1, `the link ${target} leads nowhere`));
          else if (anchor && full.endsWith(".md") && !anchors(full).has(anchor)) problems.push(problem(file, index + 1, `no heading fits ${target}`));
        }
      });
  }
  return problems;
}

/** Every error code in src/ has its entry in the catalogue, so that nobody is ever shown a bare code. */
export function checkCatalogue(root, files) {
  const problems = [];
  const cataloguePath = join(root, "src/base/error_catalogue.json");
  if (!existsSync(cataloguePath)) return problems;
  let entries;
  try {
    const parsed = JSON.parse(readFileSync(cataloguePath, "utf8"));
    entries = Array.isArray(parsed) ? parsed : parsed.errors ?? parsed.entries ?? Object.values(parsed).find(Array.isArray);
  } catch (error) {
    return [problem("src/base/error_catalogue.json", 1, error.message)];
  }
  const codes = new Set();
  for (const entry of entries ?? []) {
    if (codes.has(entry.code)) problems.push(problem("src/base/error_catalogue.json", 1, `${entry.code} stands twice`));
    codes.add(entry.code);
    for (const key of ["title", "why", "action", "who"])
      if (!entry[key]) problems.push(problem("src/base/error_catalogue.json", 1, `${entry.code} has no ${key}`));
  }
  // A literal is taken for a code where an error is made; elsewhere "device.x" may be an attribute.
  const makers = /(?:\b(?:fail|failure|failed|refuse|refused|error|Error|unexpected|problem|Problem|explain|park|parked)\w*\s*[({][^"\n]*|\.?code\s*(?:=|==|!=|\{)\s*)"([a-z]+\.[a-z0-9_]+)"/g;
  for (const file of files) {
    if (!/^src\/.*\.(h|cc)$/.test(file)) continue;
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .forEach((text, index) => {
        if (/^\s*\/\//.test(text)) return;
        for (const [, code] of text.matchAll(makers))
          if (!codes.has(code) && !/\.(json|toml|cc|h|sql|md|yaml)$/.test(code)) problems.push(problem(file, index + 1, `the error code "${code}" is not in error_catalogue.json`));
      });
  }
  return problems;
}

/** Lock files name packages and digests, not where one machine happened to fetch them. */
export function checkLockFiles(root, files) {
  return files
    .filter((file) => file.endsWith("package-lock.json") && /"resolved":\s*"https?:/.test(readFileSync(join(root, file), "utf8")))
    .map((file) => problem(file, 1, 'has "resolved" addresses; write it with omit-lockfile-registry-resolved=true'));
}

export function checkFormat(root, files) {
  const cpp = files.filter((file) => /^(src|sandbox|tests|bench)\/.*\.(h|cc)$/.test(file));
  const problems = [];
  for (let begin = 0; begin < cpp.length; begin += 100) {
    try {
      execFileSync("clang-format", ["--dry-run", "-Werror", ...cpp.slice(begin, begin + 100)], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      if (error.code === "ENOENT") return [problem("run", 1, "clang-format is not installed")];
      const named = new Set(String(error.stderr).match(/^[^\s:]+\.(h|cc)(?=:\d)/gm) ?? []);
      for (const file of named) problems.push(problem(normalize(relative(root, join(root, file))), 1, "is not formatted: ./run fmt"));
    }
  }
  return problems;
}

export function tidy(root, { format = false } = {}) {
  const files = listFiles(root).filter((file) => statSync(join(root, file)).isFile());
  const checks = [
    ["includes between rooms", checkIncludes],
    ["file lengths", checkLengths],
    ["words", checkWords],
    ["links in the documents", checkLinks],
    ["prose of the documents", checkProse],
    ["error catalogue", checkCatalogue],
    ["lock files", checkLockFiles],
    ...(format ? [["format", checkFormat]] : []),
  ];
  return {
    results: checks.map(([name, check]) => ({ name, problems: check(root, files) })),
    warnings: warnLongFunctions(root, files),
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
  const root = option("--root") ?? new URL("..", import.meta.url).pathname;
  const { results, warnings } = tidy(root, { format: process.argv.includes("--format") });
  for (const { file, line, message } of warnings) console.log(`warning  ${file}:${line}: ${message}`);
  for (const { name, problems } of results) {
    console.log(`${problems.length === 0 ? "ok      " : "FAILED  "} ${name}`);
    for (const { file, line, message } of problems) console.log(`         ${file}:${line}: ${message}`);
  }
  const failed = results.filter((result) => result.problems.length > 0).length;
  const report = option("--report");
  if (report) writeFileSync(report, JSON.stringify({ passed: results.length - failed, failed, skipped: 0 }));
  process.exitCode = failed > 0 ? 1 : 0;
}

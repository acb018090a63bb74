// Starting, watching and stopping the built programs; shared by the demo, `./run dev` and the end-to-end tests.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** The folder of the built programs: build/release, unless CROSSWALK_BIN_DIR says otherwise. */
export const binaries = resolve(root, process.env.CROSSWALK_BIN_DIR ?? "build/release");

const POLL_MS = 20;
const OUTPUT_MAX = 200_000; // characters kept of each stream: the newest
const running = new Set();

/** A program has ended where it should have gone on: no use in waiting. */
export class Ended extends Error {
  constructor(program) {
    super(`${program.name} ended with ${program.signal ?? program.code}\n${program.output()}`);
  }
}

/** Waits until `condition` gives something true and returns it; fails after `within` milliseconds with what it waited for. */
export async function until(what, condition, { within = 15_000 } = {}) {
  const deadline = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = undefined;
      const result = await condition();
      if (result) return result;
    } catch (error) {
      if (error instanceof Ended) throw error;
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain for: ${what}${last ? ` (last: ${last.message})` : ""}`, { cause: last });
    await pause(POLL_MS);
  }
}

/** One program under way. */
export class Program {
  constructor(name, child) {
    this.name = name;
    this.child = child;
    this.stdout = "";
    this.stderr = "";
    this.code = null;
    this.signal = null;
    child.stdout?.on("data", (data) => (this.stdout = (this.stdout + data).slice(-OUTPUT_MAX)));
    child.stderr?.on("data", (data) => (this.stderr = (this.stderr + data).slice(-OUTPUT_MAX)));
    this.ended = new Promise((done) => {
      child.on("error", (error) => {
        this.stderr += error.message;
        this.code = -1;
        running.delete(this);
        done(this);
      });
      child.on("close", (code, signal) => {
        this.code = code;
        this.signal = signal;
        running.delete(this);
        done(this);
      });
    });
    running.add(this);
  }

  get alive() {
    return this.code === null && this.signal === null;
  }

  /** The address that the program prints when it listens. */
  async address({ within = 20_000 } = {}) {
    this.url ??= await until(
      `${this.name} to listen`,
      () => {
        if (!this.alive) throw new Ended(this);
        return /https?:\/\/[^\s"/]+:[1-9]\d*/.exec(this.stdout)?.[0];
      },
      { within },
    );
    return this.url;
  }

  output() {
    return `--- ${this.name}: stdout\n${this.stdout}--- ${this.name}: stderr\n${this.stderr}`;
  }

  /** Asks it to stop, waits, and insists when it does not. True when it went by itself. */
  async stop({ signal = "SIGTERM", within = 15_000 } = {}) {
    if (!this.alive) return true;
    this.child.kill(signal);
    const timer = new AbortController();
    const patience = pause(within, "late", { signal: timer.signal }).catch(() => {});
    const went = (await Promise.race([this.ended, patience])) !== "late";
    timer.abort();
    if (!went) await this.kill();
    return went;
  }

  async kill() {
    if (this.alive) this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** Environment for a program: ours without settings of Crosswalk's that happen to be there, and `extra`. */
export function environment(extra = {}) {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CROSSWALK_")));
  return { ...own, ...extra };
}

export function start(name, file, args, { env = {}, cwd = root } = {}) {
  return new Program(name, spawn(file, args, { env: environment(env), cwd, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Runs a program to its end; `input` goes to its standard input. */
export async function runToEnd(name, file, args, { env = {}, cwd = root, input, within = 60_000 } = {}) {
  const child = spawn(file, args, { env: environment(env), cwd, stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
  const program = new Program(name, child);
  child.stdin?.on("error", () => {}); // it may end without having read all of it
  child.stdin?.end(input);
  const timer = new AbortController();
  const patience = pause(within, "late", { signal: timer.signal }).catch(() => {});
  if ((await Promise.race([program.ended, patience])) === "late") {
    await program.kill();
    throw new Error(`${name} did not end within ${within} ms\n${program.output()}`);
  }
  timer.abort();
  return program;
}

/** Children never outlive us, however we end. */
process.on("exit", () => {
  for (const program of running) program.child.kill("SIGKILL");
});

export const stopAll = () => Promise.all([...running].map((program) => program.stop()));

/** A port of 127.0.0.1 on which nothing listens at this moment. */
export const freePort = () =>
  new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

/** Whether nothing listens on this port of 127.0.0.1. */
export const isFree = (port) =>
  new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
  });

export const startSandbox = (args = [], options = {}) => start("crosswalk-sandbox", join(binaries, "crosswalk-sandbox"), args, options);
export const startCrosswalk = (data, args = [], options = {}) => start("crosswalk", join(binaries, "crosswalk"), ["serve", "--data", data, ...args], options);
export const runCrosswalk = (args, options = {}) => runToEnd(`crosswalk ${args[0] ?? ""}`, join(binaries, "crosswalk"), args, options);

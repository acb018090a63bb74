// The demonstration: both programs, half an hour of alerts on a clock that runs 120 times as fast, and a verdict on every ticket.
//
//   node demo/demo.mjs [--once]
//
// Exit code 0 only when ConnectWise (the sandbox) shows exactly what it should.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Crosswalk } from "../tools/api.mjs";
import { isFree, root, startCrosswalk, startSandbox, stopAll } from "../tools/processes.mjs";
import { Sandbox, sandboxPartner } from "../tools/sandbox.mjs";
import { Player } from "./player.mjs";
import { bold, dim, green, paragraph, red, say, table } from "./screen.mjs";
import { mappingOf } from "./setup.mjs";
import { BEGIN, CUSTOMERS, PARTNER, PARTNER_NAME } from "./story.mjs";
import { judge, rowsOf } from "./verdict.mjs";

const CLOCK_RATE = 120;
const SETTING_UP = 2 * 60_000; // of the story's time: what adding the partner takes
const OUTPUT_SHOWN = 4_000; // characters of the server's log, when something is wrong

async function startBoth(home, ports) {
  const sandbox = startSandbox(["--port", String(ports.sandbox), "--clock-rate", String(CLOCK_RATE)]);
  const crosswalk = startCrosswalk(home, ["--port", String(ports.crosswalk)], {
    env: {
      CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true",
      CROSSWALK_CONNECTWISE_REQUEST_TIMEOUT: "1500ms",
      CROSSWALK_CLOCK_RATE: String(CLOCK_RATE),
      CROSSWALK_CLOCK_START: new Date(BEGIN - SETTING_UP).toISOString(),
    },
  });
  const urls = { sandbox: await sandbox.address(), crosswalk: await crosswalk.address() };
  return { crosswalk, sandbox, urls };
}

/** Adds the partner and its mapping; answers with what the player needs. */
async function setUp(home, urls) {
  const api = new Crosswalk(urls.crosswalk, readFileSync(join(home, "admin.key"), "utf8").trim());
  const sandbox = new Sandbox(urls.sandbox);
  const partner = await api.addPartner(sandboxPartner(PARTNER, PARTNER_NAME, urls.sandbox));
  const clock = { real: Date.now(), shown: Date.parse(partner.created_at) };
  const now = () => clock.shown + (Date.now() - clock.real) * CLOCK_RATE;
  const mapping = await mappingOf(api, sandbox, now());
  await api.publish(PARTNER, mapping.document, { comment: "Go-live" });
  return { api, sandbox, mapping, now, rate: CLOCK_RATE };
}

function explainHowToTry(urls, admin, key) {
  const body = {
    specversion: "1.0", id: "my-alert-1", source: "/my-product", type: "alert.raised.v1",
    data: { product: "my-product", customer: Object.keys(CUSTOMERS)[0], subject: "srv-99", condition: "something.bad", severity: "critical", title: "My own alert on SRV-99" },
  };
  say(bold("Look around"));
  say(`  Crosswalk   ${urls.crosswalk}/#key=${admin}`);
  say(`  ConnectWise ${urls.sandbox}/   ${dim("(the sandbox: boards, tickets, calls)")}`);
  say();
  say(bold("Send an alert of your own"));
  say(`  curl ${urls.crosswalk}/v1/events \\`);
  say(`    -H 'Authorization: Bearer ${key}' \\`);
  say(`    -H 'Content-Type: application/cloudevents+json' \\`);
  // A line for each member: nothing that the terminal would break where it is copied.
  say(`    -d '${JSON.stringify(body, null, 1)}'`);
  paragraph(`Then again with another id and "alert.resolved.v1": the ticket closes. A minute passes in half a second here.`, dim, 2);
  say();
  say(`Both keep running until you press ${bold("Ctrl-C")}.`);
}

const untilAskedToStop = () =>
  new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, done);
  });

async function main() {
  const unknown = process.argv.slice(2).filter((option) => option !== "--once");
  if (unknown.length > 0) throw new Error(`there is no option ${unknown[0]}`);
  const once = process.argv.includes("--once") || !process.stdout.isTTY;
  mkdirSync(join(root, ".demo"), { recursive: true });
  const home = mkdtempSync(join(root, ".demo/run-"));
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  const early = () => process.exit(130);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, early);

  // The well-known ports are for people; a run for a script must not collide with one.
  const ports = { sandbox: !once && (await isFree(8600)) ? 8600 : 0, crosswalk: !once && (await isFree(8700)) ? 8700 : 0 };
  const programs = await startBoth(home, ports);
  try {
    const world = await setUp(home, programs.urls);
    paragraph(`Half an hour at ${PARTNER_NAME}, an MSP whose customers use Lighthouse EDR`, bold);
    paragraph("A minute passes in half a second. Without an arrow: what happens. With an arrow: what ConnectWise then shows.", dim);
    say();
    const player = new Player(world);
    await player.play();

    say();
    const { rows, failures, counts } = await judge(world, player);
    table(["alert", "ticket", "board", "status", "notes", "why"], rowsOf(rows), (column, text) => (column === 1 ? bold(text) : column === 3 && /Closed|Resolved/.test(text) ? dim(text) : text));
    say();
    if (failures.length === 0) paragraph(`Every ticket is as it should be: ${counts.events} events, ${counts.tickets} tickets, none twice, none missing.`, green);
    for (const failure of failures) paragraph(`WRONG  ${failure}`, red);
    if (failures.length > 0) say(dim(programs.crosswalk.output().slice(-OUTPUT_SHOWN)));
    process.exitCode = failures.length === 0 ? 0 : 1;

    if (!once) {
      say();
      const { key } = await world.api.makeKey("your own alerts", PARTNER);
      explainHowToTry(programs.urls, world.api.key, key);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, early);
      await untilAskedToStop();
      say("\nStopping.");
    }
  } catch (error) {
    process.stderr.write(`${programs.crosswalk.output().slice(-OUTPUT_SHOWN)}\n`);
    throw error;
  } finally {
    await stopAll();
  }
}

await main().catch((error) => {
  process.stderr.write(`demo: ${error.message}${error.cause ? `: ${error.cause.message}` : ""}\n`);
  process.exitCode = 1;
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Crosswalk, PARTNER, adminKey, alertData, alertEvent, house, moments, ourTickets, resolvedData, startCrosswalk, TEST_ENVIRONMENT, until } from "./support.mjs";

const KILLS = 50;
const ALERTS_PER_ROUND = 8;

/** What each alert goes through; its next step comes when its ticket is there. */
const LIVES = [["raised"], ["raised", "resolved"], ["raised", "escalated"], ["raised", "escalated", "resolved"]];

function eventOf(name, step) {
  const id = `${name}-${step}`;
  if (step === "resolved") return alertEvent("resolved", id, resolvedData(name));
  if (step === "escalated") return alertEvent("updated", id, alertData(name, { severity: "critical" }));
  return alertEvent("raised", id, alertData(name));
}

test(`killed ${KILLS} times under load, it leaves one ticket per alert with the right notes and status`, async (t) => {
  const random = moments(t);
  const { data, sandbox, program: first } = await house(t, {
    mapping: { settings: { storm: { alerts: 10_000, window: "5m" } } },
  });
  await sandbox.faults({ latency_ms: 2, latency_random_ms: 25 });

  let program = first;
  t.after(() => program.kill());
  const lives = new Map(); // name -> {steps, done: how many are acknowledged}
  const startAgain = async () => {
    program = startCrosswalk(data, ["--port", "0"], { env: TEST_ENVIRONMENT });
    return new Crosswalk(await program.address(), adminKey(data));
  };
  /** One attempt to hand in what is next for everybody; a killed server simply does not answer. */
  const sendNext = async (api) => {
    const known = await ourTickets(sandbox);
    const ready = [...lives].filter(([name, life]) => life.done < life.steps.length && (life.done === 0 || known.some((ticket) => ticket.summary.includes(name))));
    if (ready.length === 0) return;
    await api.sendBatch(ready.map(([name, life]) => eventOf(name, life.steps[life.done])));
    for (const [, life] of ready) life.done++;
  };

  let api = new Crosswalk(await program.address(), adminKey(data));
  let interrupted = 0; // kills that left something acknowledged undone
  for (let kill = 0; kill < KILLS; kill++) {
    for (let index = 0; index < ALERTS_PER_ROUND; index++) lives.set(`pc-${String(kill).padStart(2, "0")}-${index}`, { steps: LIVES[index % LIVES.length], done: 0 });
    const load = (async () => {
      while (program.alive) await sendNext(api).catch(() => {});
    })();
    // A moment of the program's choice would not be random: this pause is the experiment, not a wait for something.
    await pause(5 + random() * 200);
    await program.kill();
    await load;
    const made = await ourTickets(sandbox);
    if ([...lives].some(([name, life]) => life.done > 0 && !made.some((ticket) => ticket.summary.includes(name)))) interrupted++;
    api = await startAgain();
  }

  await until(
    "every alert to be where it belongs",
    async () => {
      await sendNext(api);
      const records = await api.records(PARTNER, "&kind=alert");
      const parked = records.filter((record) => record.state === "parked");
      assert.deepEqual(parked, [], "nothing may wait for a person");
      return [...lives.values()].every((life) => life.done === life.steps.length) && records.length === lives.size && records.every((record) => record.state === "settled" || record.state === "waiting");
    },
    { within: 60_000 },
  );

  t.diagnostic(`${interrupted} of ${KILLS} kills left acknowledged alerts without their tickets`);
  assert.ok(interrupted > KILLS / 10, "the kills came when there was nothing to do: this shows nothing");
  const tickets = await ourTickets(sandbox);
  const notesByTicket = await sandbox.notesByTicket();
  const wrong = [];
  for (const [name, { steps }] of lives) {
    const own = tickets.filter((ticket) => ticket.summary.includes(name));
    if (own.length !== 1) {
      wrong.push(`${name}: ${own.length} tickets`);
      continue;
    }
    const notes = notesByTicket.get(own[0].id).map((note) => note.text);
    const count = (pattern) => notes.filter((text) => pattern.test(text)).length;
    if (Boolean(own[0].closedFlag) !== steps.includes("resolved")) wrong.push(`${name}: closed is ${own[0].closedFlag}`);
    if (count(/reports that this is resolved/) !== Number(steps.includes("resolved"))) wrong.push(`${name}: ${count(/reports that this is resolved/)} resolution notes`);
    if (count(/severity has risen/) !== Number(steps.includes("escalated"))) wrong.push(`${name}: ${count(/severity has risen/)} escalation notes`);
    if (new Set(notes).size !== notes.length) wrong.push(`${name}: a note stands twice`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(tickets.length, lives.size);
  assert.ok(await program.stop(), "it stops when asked");
});

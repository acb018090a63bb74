import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { alertData, alertEvent, folder, house, ourTickets, runCrosswalk, serve, untilTickets } from "./support.mjs";

const count = (tickets) => tickets.reduce((all, { externalXRef }) => all.set(externalXRef, (all.get(externalXRef) ?? 0) + 1), new Map());
const doubles = (tickets) => [...count(tickets).values()].filter((each) => each > 1).length;
const alerts = (from, to, time) => Array.from({ length: to - from }, (_, index) => ({ ...alertEvent("raised", `a-${from + index}`, alertData(`pc-${from + index}`, { condition: `condition-${from + index}` })), ...(time ? { time } : {}) }));

test("a copy is made while the server runs; put back, nothing that was done since gets a second ticket", async (t) => {
  const { api, sandbox, data, program } = await house(t);
  const copies = folder(t);
  const copy = join(copies, "monday");
  await api.sendBatch(alerts(0, 5));
  await untilTickets(sandbox, 5);
  const made = await runCrosswalk(["backup", copy, "--data", data]);
  assert.equal(made.code, 0, made.output());
  assert.equal(made.stdout.trim(), copy);
  assert.equal(statSync(copy).mode & 0o077, 0, "only its owner may read it");
  assert.equal(statSync(join(copy, "secret.key")).mode & 0o077, 0);
  assert.notEqual((await runCrosswalk(["backup", copy, "--data", data])).code, 0, "a copy is never written over");

  await api.sendBatch(alerts(5, 25)); // without a time: nothing but the mark tells that they may be old
  await untilTickets(sandbox, 25);

  const held = await runCrosswalk(["restore", copy, "--replace", "--data", data]);
  assert.equal(held.code, 8, held.output());
  assert.match(held.stderr, /uses this data folder/);
  assert.ok(await program.stop());
  const asked = await runCrosswalk(["restore", copy, "--data", data]);
  assert.equal(asked.code, 9, asked.output());
  assert.match(asked.stderr, /--replace/);

  const done = await runCrosswalk(["restore", copy, "--replace", "--data", data, "--json"]);
  assert.equal(done.code, 0, done.output());
  const told = JSON.parse(done.stdout);
  assert.equal(told.partners, 1);
  assert.ok(existsSync(join(told.former_folder, "crosswalk.db")), "what was there is kept");
  t.after(() => rmSync(told.former_folder, { recursive: true, force: true }));

  const after = await serve(t, data);
  assert.equal((await after.api.records("northwind-it", "&kind=alert")).length, 5);
  await after.api.sendBatch(alerts(5, 30));
  await untilTickets(sandbox, 30);
  const tickets = await ourTickets(sandbox);
  assert.equal(tickets.length, 30);
  assert.equal(doubles(tickets), 0);
  assert.ok(await after.program.stop());
});

test("a folder that was put back by other means is marked, or events with an older time are looked up all the same", async (t) => {
  const { api, sandbox, data, program } = await house(t);
  const older = join(folder(t), "older");
  assert.ok(await program.stop());
  cpSync(data, older, { recursive: true });
  let now = await serve(t, data);
  const time = new Date().toISOString();
  await now.api.sendBatch(alerts(0, 10, time));
  await untilTickets(sandbox, 10);
  assert.ok(await now.program.stop());
  rmSync(data, { recursive: true });
  cpSync(older, data, { recursive: true });
  now = await serve(t, data);
  await now.api.sendBatch(alerts(0, 12, time));
  await untilTickets(sandbox, 12);
  assert.equal(doubles(await ourTickets(sandbox)), 0);
  assert.ok(await now.program.stop());

  rmSync(data, { recursive: true });
  cpSync(older, data, { recursive: true });
  const marked = await runCrosswalk(["restore", "--mark", "--data", data]);
  assert.equal(marked.code, 0, marked.output());
  now = await serve(t, data);
  await now.api.sendBatch(alerts(0, 14));
  await untilTickets(sandbox, 14);
  assert.equal(doubles(await ourTickets(sandbox)), 0);
});

test("what is no copy, or a damaged one, is refused and leaves everything as it was", async (t) => {
  const { data, program } = await house(t);
  const place = folder(t);
  const copy = join(place, "copy");
  assert.equal((await runCrosswalk(["backup", copy, "--data", data])).code, 0);
  assert.ok(await program.stop());
  const before = readFileSync(join(data, "crosswalk.db"));

  mkdirSync(join(place, "empty"));
  const nothing = await runCrosswalk(["restore", join(place, "empty"), "--replace", "--data", data]);
  assert.equal(nothing.code, 9, nothing.output());
  assert.match(nothing.stderr, /no crosswalk\.db/);

  const bytes = readFileSync(join(copy, "crosswalk.db"));
  bytes.fill(0xee, 8_192, 40_960);
  writeFileSync(join(copy, "crosswalk.db"), bytes);
  const damaged = await runCrosswalk(["restore", copy, "--replace", "--data", data]);
  assert.equal(damaged.code, 9, damaged.output());
  assert.match(damaged.stderr, /damaged/);
  assert.deepEqual(readFileSync(join(data, "crosswalk.db")), before);
  assert.equal((await runCrosswalk(["restore", "--data", data])).code, 2, "neither a folder nor --mark");
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { PARTNER, alertData, alertEvent, house, ourTickets, serve, until } from "./support.mjs";

test("asked to stop under load, it ends with 0, keeps all that it has acknowledged, and goes on after the next start", async (t) => {
  const { data, sandbox, program, api } = await house(t, { mapping: { settings: { storm: { alerts: 10_000, window: "5m" } } } });
  await sandbox.faults({ latency_ms: 20 });
  const acknowledged = [];
  const load = (async () => {
    for (let index = 0; program.alive; index++) {
      try {
        await api.send(alertEvent("raised", `s-${index}`, alertData(`pc-${String(index).padStart(4, "0")}`)));
        acknowledged.push(`pc-${String(index).padStart(4, "0")}`);
      } catch {
        // The server is going: an event without an answer is not acknowledged.
      }
    }
  })();
  await until("some tickets", async () => (await ourTickets(sandbox)).length >= 5);
  assert.ok(await program.stop({ within: 20_000 }), `it stopped by itself\n${program.output()}`);
  assert.equal(program.code, 0, program.output());
  await load;
  assert.ok(acknowledged.length >= 5);

  const again = await serve(t, data);
  await until("a ticket for each", async () => (await ourTickets(sandbox)).length >= acknowledged.length, { within: 60_000 });
  await until("rest", async () => (await again.api.records(PARTNER, "&state=due")).length === 0);
  const tickets = await ourTickets(sandbox);
  for (const name of acknowledged) assert.equal(tickets.filter((ticket) => ticket.summary.includes(name)).length, 1, name);
  assert.ok(await again.program.stop());
  // What was left is a whole database.
  assert.equal(execFileSync("sqlite3", [join(data, "crosswalk.db"), "PRAGMA integrity_check"], { encoding: "utf8" }).trim(), "ok");
});

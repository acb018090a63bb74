import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ended, PARTNER, folder, house, start, until, untilTickets } from "./support.mjs";

/** Debian's own Alertmanager, sending to `url` with `key`. */
async function startAlertmanager(t, url, key) {
  const home = folder(t);
  writeFileSync(
    join(home, "alertmanager.yml"),
    `route: {receiver: crosswalk, group_by: ['...'], group_wait: 10ms, group_interval: 100ms, repeat_interval: 1h}
receivers:
- name: crosswalk
  webhook_configs:
  - url: ${url}/v1/sources/alertmanager/${PARTNER}
    send_resolved: true
    http_config: {authorization: {credentials: ${key}}}
`,
  );
  const program = start("prometheus-alertmanager", "prometheus-alertmanager", [
    `--config.file=${home}/alertmanager.yml`,
    `--storage.path=${home}/data`,
    "--web.listen-address=127.0.0.1:0",
    "--cluster.listen-address=",
  ]);
  t.after(() => program.kill());
  const address = await until("Alertmanager to listen", () => {
    if (!program.alive) throw new Ended(program);
    return /Listening on"? address=([\d.]+:[1-9]\d*)/.exec(program.stderr)?.[1];
  });
  await until("Alertmanager to be ready", async () => (await fetch(`http://${address}/-/ready`)).ok);
  return {
    program,
    post: async (alert) => {
      const answer = await fetch(`http://${address}/api/v2/alerts`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify([alert]) });
      assert.equal(answer.status, 200, await answer.text());
    },
  };
}

test("an alert that fires in a real Alertmanager opens a ticket, and closes it when it resolves", async (t) => {
  const { api, sandbox, url } = await house(t);
  const { key } = await api.makeKey("alertmanager", PARTNER);
  const alertmanager = await startAlertmanager(t, url, key);

  const startsAt = new Date().toISOString();
  const alert = {
    labels: { alertname: "DiskFull", customer: "contoso", instance: "srv-01:9100", severity: "critical" },
    annotations: { summary: "Disk full on srv-01", description: "Nothing is left on /var." },
    generatorURL: "http://prometheus.example/graph",
    startsAt,
  };
  await alertmanager.post({ ...alert, endsAt: new Date(Date.now() + 3_600_000).toISOString() });
  const [opened] = await untilTickets(sandbox, 1);
  assert.match(opened.summary, /Disk full on srv-01/);
  assert.ok(!opened.closedFlag);

  await alertmanager.post({ ...alert, endsAt: new Date().toISOString() });
  await until("the ticket to be closed", async () => (await sandbox.ticket(opened.id)).closedFlag);
  const notes = await until("the resolution note", async () => {
    const found = (await sandbox.notes(opened.id)).filter((note) => note.resolutionFlag);
    return found.length > 0 && found;
  });
  assert.equal(notes.length, 1);
  assert.equal((await untilTickets(sandbox, 1)).length, 1);
});

test("two severities of one rule are one ticket, which a real Alertmanager closes with the last of them", async (t) => {
  const { api, sandbox, url } = await house(t);
  const { key } = await api.makeKey("alertmanager", PARTNER);
  const alertmanager = await startAlertmanager(t, url, key);
  const alert = (severity) => ({
    labels: { alertname: "DiskFull", customer: "contoso", namespace: "shop", pod: "db-0", severity },
    annotations: { summary: `Disk full (${severity})` },
    startsAt: new Date(Date.now() - 1_000).toISOString(),
  });
  const hour = () => new Date(Date.now() + 3_600_000).toISOString();
  const [warning, critical] = [alert("warning"), alert("critical")];
  await alertmanager.post({ ...critical, endsAt: hour() });
  const [opened] = await untilTickets(sandbox, 1);
  await alertmanager.post({ ...warning, endsAt: hour() });
  const record = `/v1/partners/${PARTNER}/records/alert/${encodeURIComponent("v1/alertmanager/contoso/shop%2Fdb-0/DiskFull")}`;
  const members = async () => {
    const { body } = await api.ask("GET", `${record}/explain`);
    return body.story.filter((entry) => entry.kind === "event").length;
  };
  await until("the second severity to be told", async () => (await members()) === 2);
  await alertmanager.post({ ...critical, endsAt: new Date().toISOString() });
  await until("the first end to be told", async () => (await members()) === 3);
  assert.ok((await api.ask("GET", record)).body.open);
  assert.ok(!(await sandbox.ticket(opened.id)).closedFlag);
  await alertmanager.post({ ...warning, endsAt: new Date().toISOString() });
  await until("the ticket to be closed", async () => (await sandbox.ticket(opened.id)).closedFlag);
  assert.equal((await untilTickets(sandbox, 1)).length, 1);
});

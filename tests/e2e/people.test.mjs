import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PARTNER, alertData, alertEvent, cloudEvent, house, runCrosswalk, until, untilTickets } from "./support.mjs";

/** Everything that lies in a folder, as bytes. */
const bytesOf = (folder) => Buffer.concat(readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((each) => each.isFile())
  .map((each) => readFileSync(join(each.parentPath ?? each.path, each.name))));

const contactEvent = (id, data) => cloudEvent({ id, partner: PARTNER, type: "contact.upserted.v1", data: { contact: "c-1001", customer: "contoso", ...data } });

test("of a person only what the mapping names is stored, and nothing once it is forgotten: in no file and no log", async (t) => {
  const { api, sandbox, program, data } = await house(t);
  const types = (await sandbox.list("company/communicationTypes")).filter((each) => each.emailFlag);
  const mappings = `/v1/partners/${PARTNER}/mappings/contact_to_contact`;
  await api.get(`${mappings}/draft`, "PUT", { workflow: "contact_to_contact", mode: "live", communication_types: { email: { id: types[0].id } } });
  await api.get(`${mappings}/publish`, "POST", {});

  await api.send(contactEvent("e-1", { first_name: "Wilhelmina", last_name: "Quackenbush", email: "wilhelmina@contoso.example", born: "1987-06-05" }));
  const story = () => api.get(`/v1/partners/${PARTNER}/records/contact/c-1001/explain`);
  await until("the contact to be made", async () => /made by Crosswalk/.test((await story()).summary));
  await api.send(contactEvent("e-2", { first_name: "Wilhelmina", last_name: "Quackenbush", email: "w.quackenbush@contoso.example" }));
  await until("her address to be changed", async () => /w\.quackenbush@/.test(JSON.stringify(await story())));
  await api.send(alertEvent("raised", "srv-01-raised", alertData("srv-01", { contact_email: "Wilhelmina@Contoso.example" })));
  await untilTickets(sandbox, 1);
  assert.ok(bytesOf(data).includes("Quackenbush"), "she is known");
  assert.ok(!bytesOf(data).includes("1987-06-05"), "nobody has asked for it");

  const forgotten = await runCrosswalk(["forget", PARTNER, "c-1001", "--data", data]);
  assert.equal(forgotten.code, 0, forgotten.output());
  for (const text of ["Wilhelmina", "wilhelmina", "Quackenbush", "quackenbush"]) {
    assert.ok(!bytesOf(data).includes(text), `"${text}" lies in the data folder`);
    assert.ok(!program.output().includes(text), `"${text}" is in the log`);
  }
  const [made] = (await sandbox.list("company/contacts")).filter((each) => each.lastName === "Quackenbush");
  assert.ok(made, "the contact in ConnectWise is the partner's own");

  await api.send(contactEvent("e-3", { first_name: "Wilhelmina", email: "back@contoso.example", opted_out: true }));
  await until("the record", async () => /opted out/.test((await story()).summary));
  assert.ok(!bytesOf(data).includes("back@contoso.example"));
  const listed = (await api.get(`/v1/partners/${PARTNER}/records?kind=contact`)).records[0];
  assert.match(JSON.stringify(listed), /opted out/, "the list says why nothing is done");
});

test("whoever asks why no ticket comes hears first that the partner is paused", async (t) => {
  const { api, sandbox } = await house(t);
  await api.get(`/v1/partners/${PARTNER}`, "PATCH", { paused: true });
  await api.send(alertEvent("raised", "p-1", alertData("srv-01")));
  const record = await until("its record", async () => (await api.records(PARTNER, "&kind=alert"))[0]);
  assert.match(record.text, /The partner is paused/);
  const at = `/v1/partners/${PARTNER}`;
  const explained = await api.get(`${at}/records/alert/${encodeURIComponent(record.key)}/explain`);
  assert.match(explained.summary, /^The partner is paused, so nothing is sent\..*Next: Create ticket/);
  assert.match((await api.get(`${at}/plan`)).stopped, /The partner is paused/);
  await api.get(at, "PATCH", { paused: false });
  await untilTickets(sandbox, 1);
  assert.equal((await api.get(`${at}/plan`)).stopped, undefined);
});

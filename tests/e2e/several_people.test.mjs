import assert from "node:assert/strict";
import { test } from "node:test";
import { folder, runCrosswalk, sandboxPartner, serve } from "./support.mjs";

const ROUNDS = 40;

/** Both at once, each on a connection of its own. */
const both = async (api, ...requests) => (await Promise.all(requests.map((request) => api.ask(...request)))).map((answer) => answer.status);

test("of two changes at the same moment none that was answered 200 is lost", async (t) => {
  const { api } = await serve(t, folder(t), { env: { CROSSWALK_WEBHOOKS_ALLOW_PRIVATE_HOSTS: "true" } });
  await api.addPartner(sandboxPartner("acme", "before", "http://127.0.0.1:9"));
  const webhook = `/v1/webhooks/${(await api.get("/v1/webhooks", "POST", { url: "http://127.0.0.1:9/x" })).id}`;
  for (let round = 0; round < ROUNDS; round++) {
    await api.get("/v1/partners/acme", "PATCH", { paused: false, name: "before" });
    assert.deepEqual(await both(api, ["PATCH", "/v1/partners/acme", { paused: true }], ["PATCH", "/v1/partners/acme", { name: "after" }]), [200, 200]);
    const { paused, name } = await api.get("/v1/partners/acme");
    assert.deepEqual({ paused, name }, { paused: true, name: "after" });

    const made = await both(api, ["POST", "/v1/partners", { id: `p-${round}`, name: "one" }], ["POST", "/v1/partners", { id: `p-${round}`, name: "two" }]);
    assert.deepEqual(made.toSorted(), [201, 409]);

    await api.get(webhook, "PATCH", { enabled: true, description: "before" });
    assert.deepEqual(await both(api, ["PATCH", webhook, { enabled: false }], ["PATCH", webhook, { description: "after" }]), [200, 200]);
    const { enabled, description } = await api.get(webhook);
    assert.deepEqual({ enabled, description }, { enabled: false, description: "after" });
  }
});

test("who did what is told on the command line and in the log", async (t) => {
  const data = folder(t);
  const { api, program } = await serve(t, data);
  await api.addPartner(sandboxPartner("acme", "Acme", "http://127.0.0.1:9"));
  const paused = await runCrosswalk(["partners", "pause", "acme", "--data", data]);
  assert.equal(paused.code, 0, paused.output());
  const shown = await runCrosswalk(["audit", "--partner", "acme", "--data", data]);
  assert.equal(shown.code, 0, shown.output());
  assert.match(shown.stdout, /administration +partner\.pause +acme +partner +paused false -> true/);
  assert.match(program.output(), /partner\.pause of acme, partner, by key \w+ "administration"/);
  assert.doesNotMatch(program.output() + shown.stdout, /private/);
});

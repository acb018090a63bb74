import assert from "node:assert/strict";
import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { PARTNER, folder, freePort, runCrosswalk, sandboxPartner, serve, startCrosswalk, startSandbox, until } from "./support.mjs";

test("after a crash nothing is sent to whoever has the port now", async (t) => {
  const data = folder(t);
  const port = await freePort();
  const { program } = await serve(t, data, { port });
  await program.kill();
  assert.ok(existsSync(join(data, "serve.json")), "a crash leaves it");
  const heard = [];
  const other = createServer((request, answer) => {
    heard.push(request.headers.authorization);
    answer.writeHead(200, { "content-type": "application/json" }).end('{"partners":[]}');
  });
  await new Promise((ready) => other.listen(port, "127.0.0.1", ready));
  t.after(() => other.close());
  const asked = await runCrosswalk(["partners", "list", "--data", data]);
  assert.equal(asked.code, 3, asked.output());
  const named = await runCrosswalk(["partners", "list", "--data", data, "--server", `http://127.0.0.1:${port}`]);
  assert.equal(named.code, 4, named.output());
  assert.deepEqual(heard, []);

  const again = await serve(t, data);
  assert.equal((await runCrosswalk(["partners", "list", "--data", data])).code, 0);
  assert.ok(await again.program.stop());
  assert.ok(!existsSync(join(data, "serve.json")));
});

test("without the key that seals its credentials it does not start, and makes no other in its place", async (t) => {
  const data = folder(t);
  const first = await serve(t, data);
  await first.api.addPartner(sandboxPartner(PARTNER, "Northwind IT", "http://127.0.0.1:9"));
  assert.ok(await first.program.stop());
  const key = join(data, "secret.key");
  renameSync(key, `${key}.away`);
  const refused = await runCrosswalk(["serve", "--data", data, "--port", "0"]);
  assert.equal(refused.code, 9, refused.output());
  assert.match(refused.stderr, /secrets\.key_lost/);
  assert.match(refused.stderr, /Put secret\.key back/);
  assert.ok(!existsSync(key));
  writeFileSync(key, Buffer.alloc(32, 7), { mode: 0o600 });
  assert.match((await runCrosswalk(["serve", "--data", data, "--port", "0"])).stderr, /secrets\.key_lost/);
  renameSync(`${key}.away`, key);
  const { api } = await serve(t, data);
  assert.ok((await api.get(`/v1/partners/${PARTNER}`)).has_credentials);
});

test("what others on the machine can read is told at the start", async (t) => {
  const data = folder(t);
  const first = await serve(t, data);
  assert.doesNotMatch(first.program.output(), /can be read by other users/);
  assert.ok(await first.program.stop());
  chmodSync(data, 0o755);
  chmodSync(join(data, "secret.key"), 0o644);
  const { program } = await serve(t, data);
  await until("the warnings", () => program.output().includes(`chmod 700 ${data}`) && program.output().includes(`chmod 600 ${join(data, "secret.key")}`));
});

for (const [name, begin] of [
  ["crosswalk", (t) => startCrosswalk(folder(t), ["--port", "0"])],
  ["crosswalk-sandbox", () => startSandbox(["--port", "0"])],
])
  test(`${name} ends by SIGHUP as it does by SIGTERM`, async (t) => {
    const program = begin(t);
    t.after(() => program.kill());
    await program.address();
    assert.ok(await program.stop({ signal: "SIGHUP" }), program.output());
    assert.deepEqual([program.code, program.signal], [0, null], program.output());
  });

test("a key is made offline only in a folder that a server has made", async (t) => {
  const data = join(folder(t), "typo");
  const words = ["keys", "create", "--name", "admin", "--role", "administration", "--offline", "--data"];
  const refused = await runCrosswalk([...words, data]);
  assert.equal(refused.code, 9, refused.output());
  assert.match(refused.stderr, /This is no data folder of Crosswalk's/);
  assert.equal(refused.stdout, "");
  assert.ok(!existsSync(data), "nothing is made");

  const { program } = await serve(t, data);
  assert.ok(await program.stop());
  const made = await runCrosswalk([...words, data]);
  assert.equal(made.code, 0, made.output());
  const { url } = await serve(t, data);
  const asked = await runCrosswalk(["partners", "list", "--server", url, "--key", made.stdout.trim()]);
  assert.equal(asked.code, 0, asked.output());
});

test("without admin.key the doctor does with the key that it is given", async (t) => {
  const data = folder(t);
  const { program } = await serve(t, data);
  const made = await runCrosswalk(["keys", "create", "--name", "doctor", "--role", "administration", "--data", data]);
  rmSync(join(data, "admin.key"));
  assert.equal((await runCrosswalk(["doctor", "--data", data])).code, 6);
  const well = await runCrosswalk(["doctor", "--data", data], { env: { CROSSWALK_KEY: made.stdout.trim() } });
  assert.equal(well.code, 0, well.output());
  assert.match(well.stdout, /it sees 0 partners/);
  const copy = await runCrosswalk(["backup", join(folder(t), "copy"), "--data", data]);
  assert.equal(copy.code, 0, copy.output());
  assert.doesNotMatch(copy.stderr, /administration key/);
  assert.ok(await program.stop());
});

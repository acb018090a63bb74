// `./run dev`: sandbox and server of a debug build on their default ports, with data that stays in .demo/dev between starts.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Crosswalk } from "../tools/api.mjs";
import { isFree, root, startCrosswalk, startSandbox, stopAll } from "../tools/processes.mjs";
import { Sandbox, sandboxPartner } from "../tools/sandbox.mjs";
import { bold, dim, say } from "./screen.mjs";
import { mappingOf } from "./setup.mjs";
import { PARTNER, PARTNER_NAME } from "./story.mjs";

for (const port of [8600, 8700])
  if (!(await isFree(port))) {
    process.stderr.write(`dev: port ${port} of 127.0.0.1 is taken\n`);
    process.exit(1);
  }

const asked = new Promise((done) => ["SIGINT", "SIGTERM", "SIGHUP"].forEach((signal) => process.once(signal, done)));
const data = join(root, ".demo/dev");
mkdirSync(data, { recursive: true });
const sandbox = startSandbox([]);
const crosswalk = startCrosswalk(data, [], { env: { CROSSWALK_CONNECTWISE_ALLOW_PRIVATE_HOSTS: "true", CROSSWALK_LOGGING_LEVEL: "debug" } });
for (const program of [sandbox, crosswalk]) program.child.stderr.pipe(process.stderr);

try {
  const urls = { sandbox: await sandbox.address(), crosswalk: await crosswalk.address() };
  const key = readFileSync(join(data, "admin.key"), "utf8").trim();
  const api = new Crosswalk(urls.crosswalk, key);
  if ((await api.get("/v1/partners")).partners.length === 0) {
    say(dim(`Adding the partner ${PARTNER}; reading its boards takes a moment at the usual pace.`));
    await api.addPartner(sandboxPartner(PARTNER, PARTNER_NAME, urls.sandbox));
    const mapping = await mappingOf(api, new Sandbox(urls.sandbox), Date.now());
    await api.publish(PARTNER, mapping.completed, { comment: "For development" });
  }
  say(`Crosswalk   ${bold(`${urls.crosswalk}/#key=${key}`)}`);
  say(`ConnectWise ${bold(`${urls.sandbox}/`)} ${dim("(the sandbox)")}`);
  say(`Data        ${data}`);
  say(dim(`The partner is ${PARTNER}. Ctrl-C stops both.`));
  await Promise.race([asked, sandbox.ended, crosswalk.ended]);
} catch (error) {
  process.stderr.write(`dev: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}

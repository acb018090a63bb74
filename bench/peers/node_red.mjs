// The job as a Node-RED flow: take events, make a ticket of each, remember which (in memory: this flow is not durable).
import express from "express";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import RED from "node-red";

const [, , folder, site] = process.argv;
const split = `node.links = flow.get("links") || new Map(); flow.set("links", node.links);
const events = [].concat(typeof msg.payload === "string" ? JSON.parse(msg.payload) : msg.payload);
const tickets = events.map((event) => ({ event: event.id, headers: { "content-type": "application/json" },
  payload: { summary: event.data.title, company: { id: 51 }, board: { id: 1 }, externalXRef: event.data.customer + "/" + event.data.subject } }));
return [tickets, { ...msg, statusCode: 202, payload: { accepted: tickets.length } }];`;
const flow = [
  { id: "f", type: "tab", label: "alerts" },
  { id: "in", z: "f", type: "http in", url: "/v1/events", method: "post", wires: [["split"]] },
  { id: "split", z: "f", type: "function", func: split, outputs: 2, wires: [["call"], ["out"]] },
  { id: "call", z: "f", type: "http request", method: "POST", ret: "obj", url: `${site}/v4_6_release/apis/3.0/service/tickets`, persist: true, wires: [["keep"]] },
  { id: "keep", z: "f", type: "function", func: `flow.get("links").set(msg.event, msg.payload.id);`, outputs: 0, wires: [] },
  { id: "out", z: "f", type: "http response", wires: [] },
  { id: "count", z: "f", type: "http in", url: "/links", method: "get", wires: [["size"]] },
  { id: "size", z: "f", type: "function", func: `msg.payload = { count: (flow.get("links") || new Map()).size }; return msg;`, outputs: 1, wires: [["out"]] },
];

const app = express();
app.use(express.text({ type: "application/*", limit: "8mb" }));
const server = createServer(app);
writeFileSync(join(folder, "flows.json"), JSON.stringify(flow));
RED.init(server, { flowFile: "flows.json", httpAdminRoot: false, httpNodeRoot: "/", userDir: folder, logging: { console: { level: "error" } }, telemetry: { enabled: false } });
app.use("/", RED.httpNode);
const started = new Promise((done) => RED.events.once("flows:started", done));
await RED.start();
await started;
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

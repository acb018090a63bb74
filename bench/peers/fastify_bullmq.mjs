// The job on fastify, BullMQ and Redis: take events, queue them durably, make a ticket of each, remember which. With
// "accept" as the last argument events are only taken and queued.
import { Queue, Worker } from "bullmq";
import fastify from "fastify";
import { Agent, request } from "node:http";

const [, , redisPort, site, part] = process.argv;
const connection = { host: "127.0.0.1", port: Number(redisPort) };
const CONCURRENCY = 64;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

const createTicket = (data) =>
  new Promise((done, failed) => {
    const headers = { "content-type": "application/json" };
    const call = request(`${site}/v4_6_release/apis/3.0/service/tickets`, { method: "POST", headers, agent }, (answer) => {
      let body = "";
      answer.on("data", (part) => (body += part));
      answer.on("end", () => (answer.statusCode === 201 ? done(JSON.parse(body)) : failed(new Error(`answered ${answer.statusCode}`))));
    });
    call.on("error", failed);
    call.end(JSON.stringify({ summary: data.title, company: { id: 51 }, board: { id: 1 }, externalXRef: `${data.customer}/${data.subject}` }));
  });

const queue = new Queue("alerts", { connection });
const redis = await queue.client;
if (part !== "accept") {
  const work = async ({ data }) => {
    const ticket = await createTicket(data.data);
    await redis.hset("links", data.id, String(ticket.id));
  };
  const worker = new Worker("alerts", work, { connection, concurrency: CONCURRENCY });
  worker.on("error", (error) => console.error(error.message));
}

const server = fastify({ bodyLimit: 8 << 20 });
const parse = (request, body, done) => done(null, JSON.parse(body));
for (const type of ["application/cloudevents+json", "application/cloudevents-batch+json"]) server.addContentTypeParser(type, { parseAs: "string" }, parse);
server.post("/v1/events", async (request, reply) => {
  // The job's id makes a second delivery of an event one job.
  const jobs = [request.body].flat().map((event) => ({ name: event.type, data: event, opts: { jobId: event.id, attempts: 5 } }));
  await queue.addBulk(jobs);
  return reply.code(202).send({ accepted: jobs.length });
});
server.get("/links", async () => ({ count: await redis.hlen("links") }));
console.log(`listening on ${await server.listen({ port: 0, host: "127.0.0.1" })}`);

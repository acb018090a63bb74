"use strict";
// ConnectWise's half of the hosted API: a frame with somebody's page in it, and the messages between the two.

/** What a setup's page may be heard from: its own word, else where its address lies. */
function originOf(setup) {
  const said = setup.origin.replace(/\/+$/, "");
  if (said !== "" && said !== "*") return said;
  if (!URL.canParse(setup.url)) throw new Error(`The address of the hosted setup, "${setup.url}", is no URL. Whoever has made the setup must give it one that begins with https://.`);
  return new URL(setup.url).origin;
}

/** Talks with one hosted page. `post` sends a text to the frame; `screen` is told what the page asks the screen for. */
class Host {
  constructor(setup, post, screen) {
    this.setup = setup;
    this.origin = originOf(setup);
    this.post = post;
    this.screen = screen;
    this.ready = false;
    this.number = 0;
    this.waiting = new Map();
  }

  send(message) {
    this.screen.noted("to the page", message);
    this.post(JSON.stringify(message), this.origin);
  }

  /** A message from the frame. Who is somebody else than the setup says gets no answer, not even a refusal. */
  take(origin, text) {
    if (origin !== this.origin || typeof text !== "string") return;
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message === null || typeof message !== "object") return;
    if (message.message === "ready") {
      this.screen.noted("from the page", message);
      this.ready = true;
      this.send({ MessageFrameID: this.setup.frame });
      this.tell("onLoad");
    } else if (message.frameID === this.setup.frame) {
      this.screen.noted("from the page", message);
      if (message.event) this.answered(message);
      // Clients of today say "request" where the first script said "hosted_request".
      else this.asked(message.hosted_request ?? message.request, message.data);
    }
  }

  asked(request, data) {
    switch (String(request).toLowerCase()) {
      case "getmemberauthentication":
        return this.send({ response: "getmemberauthentication", data: this.setup.authentication });
      case "openscreen":
        return this.screen.opened(data ?? {});
      case "refreshscreen":
        return this.screen.refreshed();
      case "setdirty":
        return this.screen.dirty();
    }
  }

  /** Tells the page of an event; what it answers, once it does. */
  tell(event) {
    const _id = String(++this.number);
    const answer = new Promise((done) => this.waiting.set(_id, { event, done }));
    this.send({ event, _id, data: { screenObject: this.setup.screenObject } });
    return answer;
  }

  answered({ event, _id, result, errors }) {
    const waiting = this.waiting.get(_id);
    if (waiting?.event !== event) return;
    this.waiting.delete(_id);
    waiting.done({ success: result === "success", errors: [errors ?? []].flat() });
  }

  /** The gate before saving: a page that has said it is ready must agree. */
  async maySave() {
    return this.ready ? this.tell("beforeSave") : { success: true, errors: [] };
  }
}

const byId = (id) => document.getElementById(id);

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`/sandbox/${path}`, options);
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(body?.message ?? `The sandbox answered ${answer.status}.`);
  return body;
}

/** Says why nothing is shown, and which setups there are instead. */
async function giveUp(problem, asked) {
  const made = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const trouble = byId("trouble");
  trouble.replaceChildren(made("p", problem.message));
  trouble.hidden = false;
  byId("state").textContent = "Nothing is shown.";
  for (const id of ["save", "hosted"]) byId(id).hidden = true;
  const tenant = asked.get("tenant") ?? "sandbox";
  const setups = await ask(`list?${new URLSearchParams({ collection: "system/connectwisehostedsetups", tenant })}`).catch(() => null);
  if (!setups) return;
  const none = `${tenant} has no hosted setup. A client makes one with POST /system/connectwisehostedsetups; then come back with setup= and its id.`;
  const list = document.createElement("ul");
  for (const setup of setups.objects) {
    const link = made("a", `${setup.id}: ${setup.description}`);
    const address = new URLSearchParams(asked);
    address.set("setup", setup.id);
    link.href = `?${address}`;
    list.append(document.createElement("li"));
    list.lastChild.append(link);
  }
  trouble.append(made("p", setups.total ? "Open one of the setups that there are:" : none), ...(setups.total ? [list] : []));
}

async function start(asked) {
  if (!asked.get("setup")) throw new Error("The address does not say which hosted setup is meant: add setup= and its id.");
  const tenant = asked.get("tenant") ?? "sandbox";
  const record = Number(asked.get("record")) || 0;
  const setup = await ask("hosted", { method: "POST", body: JSON.stringify({ tenant, setup: Number(asked.get("setup")) || asked.get("setup"), record, member: asked.get("member") ?? undefined }) });
  setup.authentication.site ||= location.host;

  const say = (text) => (byId("state").textContent = text);
  const showRecord = async () => {
    if (!setup.collection) return;
    const query = new URLSearchParams({ collection: setup.collection, tenant, conditions: `id=${record}` });
    const object = (await ask(`list?${query}`)).objects[0];
    byId("record").textContent = object ? `${setup.screenObject.screen} ${record}: ${object.summary ?? object.name ?? object.firstName ?? object.description ?? ""}` : `${setup.screenObject.screen} ${record} is not there`;
  };
  const screen = {
    noted: (from, message) => {
      byId("quiet").hidden = true;
      byId("log").append(Object.assign(document.createElement("li"), { textContent: `${from}: ${JSON.stringify(message)}` }));
    },
    opened: ({ screen: name, id }) => say(`The page opens ${name} ${id}.`),
    refreshed: () => showRecord().then(() => say("Refreshed.")),
    dirty: () => say("Changed, not saved."),
  };
  const frame = byId("frame");
  const host = new Host(setup, (text, origin) => frame.contentWindow.postMessage(text, origin), screen);
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow) host.take(event.origin, event.data);
  });
  byId("save").addEventListener("click", async () => {
    say("The page is asked…");
    const { success, errors } = await host.maySave();
    say(success ? "Saved." : `Not saved. ${errors.map((each) => each?.message ?? String(each)).join(" ")}`);
  });
  byId("quiet").textContent = `None yet. The page in the frame speaks first, by {"message":"ready"}; only what comes from ${host.origin} is heard.`;
  byId("title").textContent = setup.description;
  if (setup.height > 0) frame.style.flex = `0 0 ${setup.height}px`;
  await showRecord();
  say(`Signed in as ${setup.authentication.memberid}.`);
  frame.src = setup.url;
}

if (typeof document !== "undefined") {
  const asked = new URLSearchParams(location.search);
  start(asked).catch((problem) => giveUp(problem, asked));
}

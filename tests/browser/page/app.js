// The screens. ?server= is where the chat is, ?casing= which of the two key casings to read.

import { Api, Refused } from "./api.js";
import { reader } from "./casing.js";
import { Live } from "./live.js";

const asked = new URLSearchParams(location.search);
const server = asked.get("server");
const read = reader(asked.get("casing"));
const pauses = (asked.get("pauses") ?? "").split(",").filter(Boolean).map(Number);

const $ = (id) => document.getElementById(id);
const api = new Api(server, { pauses, credentials: asked.get("credentials") ?? "include" });
const state = { me: null, mine: [], all: [], open: null, members: [], messages: [], typists: new Map(), online: new Map() };
let live = null;

// -- in and out

async function start(user) {
  localStorage.token = api.token;
  state.me = user;
  location.hash = "#/chat";
  live = new Live(server, api.token, take);
  Object.assign(window.chat, { live });
  await lists();
  const remembered = localStorage.channel;
  const channel = state.mine.find(({ id }) => id === remembered) ?? state.mine[0];
  if (channel) await open(channel.id);
  draw();
}

function leaveChat() {
  live?.close();
  api.token = null;
  delete localStorage.token;
  Object.assign(state, { me: null, mine: [], all: [], open: null, members: [], messages: [] });
  location.hash = "#/login";
  draw();
}
api.onLoggedOut = leaveChat;

// -- what is there

async function lists() {
  [state.mine, state.all] = await Promise.all([api.myChannels(), api.channels()]);
}

async function open(id) {
  state.open = id;
  localStorage.channel = id;
  if (live.open) live.send({ type: "join_channel", channel_id: id }); // else once it is connected
  [state.messages, { members: state.members }] = await Promise.all([api.history(id, { limit: 50, offset: 0 }), api.channel(id)]);
  draw();
}

// -- what comes

const OPEN = (frame) => frame.channel_id === state.open;
const HANDLERS = {
  connection_established() {
    if (state.open) live.send({ type: "join_channel", channel_id: state.open });
    notice("Connected");
  },
  new_message({ data }) {
    if (read(data, "channel_id") !== state.open) return;
    state.messages.push(data); // not from the answer to POST, and without looking for doubles
    if (read(data, "user_id") !== state.me.id) notice(`${data.user.username}: ${data.content}`);
  },
  message_edited({ data }) {
    const old = state.messages.find(({ id }) => id === data.id);
    if (old) Object.assign(old, data);
  },
  message_deleted({ message_id, channel_id, deleted_by }) {
    if (channel_id !== state.open) return;
    state.messages = state.messages.filter(({ id }) => id !== message_id);
    if (deleted_by !== state.me.username) notice(`${deleted_by} deleted a message`);
  },
  message_reaction({ message_id, data }) {
    const message = state.messages.find(({ id }) => id === message_id);
    if (!message) return;
    const same = (one) => one.emoji === data.emoji && read(one, "user_id") === data.user_id;
    message.reactions = (message.reactions ?? []).filter((one) => !same(one));
    if (data.action === "add") {
      message.reactions.push({ id: `temp_${Date.now()}`, emoji: data.emoji, user_id: data.user_id, userId: data.user_id });
    }
  },
  typing_indicator(frame) {
    if (!OPEN(frame) || !frame.username) return;
    if (frame.is_typing) state.typists.set(frame.user_id, frame.username);
    else state.typists.delete(frame.user_id);
  },
  user_status: ({ user_id, status }) => void state.online.set(user_id, status),
  user_joined: (frame) => moved(frame, "joined"),
  user_left: (frame) => moved(frame, "left"),
  mention_notification: ({ data }) => notice(`${data.from_username} mentioned you`),
  async channel_created({ data }) {
    notice(`New channel ${data.name}`);
    await lists();
  },
  error: ({ message, details }) => notice(`Connection Error: ${message} (${details})`),
};

async function moved(frame, verb) {
  if (frame.user_id === state.me.id) return lists();
  const channel = state.all.find(({ id }) => id === frame.channel_id);
  notice(`${frame.username ?? "Someone"} ${verb} #${channel?.name}`);
  state.typists.delete(frame.user_id);
  if (OPEN(frame)) state.members = (await api.channel(frame.channel_id)).members;
}

async function take(frame) {
  await HANDLERS[frame.type]?.(frame);
  draw();
}

// -- what is shown

const notices = [];
function notice(words) {
  notices.push(words);
  $("notice").textContent = words;
}

const item = (words, ...rest) => {
  const li = document.createElement("li");
  li.append(words, ...rest);
  return li;
};
const button = (name, onclick) => {
  const element = document.createElement("button");
  Object.assign(element, { textContent: name, className: name.toLowerCase(), onclick });
  return element;
};

function draw() {
  $("door").hidden = Boolean(state.me);
  $("chat").hidden = !state.me;
  if (!state.me) return;
  const inside = new Set(state.mine.map(({ id }) => id));
  $("self").textContent = state.me.username;
  $("mine").replaceChildren(...state.mine.map(({ id, name, member_count }) => item(`${name} (${member_count})`, button("Open", () => did(open(id))))));
  $("others").replaceChildren(...state.all.filter(({ id }) => !inside.has(id)).map(({ id, name }) => item(name, button("Join", () => did(join(id))))));
  $("title").textContent = state.all.find(({ id }) => id === state.open)?.name ?? "";
  $("members").replaceChildren(...state.members.map(({ username, email, status }) => item(`${username} <${email}> ${status}`)));
  $("online").replaceChildren(...[...state.online].map(([id, status]) => item(`${id} ${status}`)));
  $("typing").textContent = [...state.typists.values()].map((name) => `${name} is typing`).join(", ");
  $("messages").replaceChildren(...state.messages.map(line));
}

function line(message) {
  const { id, content, user, reactions } = message;
  const own = read(message, "user_id") === state.me.id;
  const time = new Date(read(message, "created_at")).toLocaleTimeString("en-GB", { timeZone: "UTC" });
  const words = document.createElement("q");
  words.textContent = content;
  const li = item(`${time} ${user.username}`, words, read(message, "is_edited") ? "edited" : "");
  for (const one of reactions ?? []) {
    const mine = read(one, "user_id") === state.me.id;
    const shown = button(one.emoji, () => did(mine ? api.unreact(one.id) : api.react(id, one.emoji)));
    shown.className = mine ? "reaction mine" : "reaction";
    li.append(shown);
  }
  li.append(button("Like", () => did(api.react(id, "👍"))));
  if (own) {
    li.append(button("Edit", () => did(api.edit(id, `${content}, that is`))));
    li.append(button("Delete", () => did(api.remove(id))));
  }
  return li;
}

// -- what is done

async function did(promise) {
  try {
    await promise;
  } catch (error) {
    notice(error instanceof Refused ? `${error.status}: ${error.message}` : `no answer: ${error}`);
  }
  draw();
}

async function join(id) {
  await api.join(id);
  await lists();
  await open(id);
}

const values = (form) => Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, value]));
const onSubmit = (id, act) => {
  $(id).onsubmit = (event) => {
    event.preventDefault();
    const given = values(event.target);
    event.target.reset();
    void did(act(given));
  };
};

onSubmit("register", async (given) => start(await api.register(given)));
onSubmit("login", async ({ username, password }) => start(await api.login(username, password)));
onSubmit("create", async (given) => {
  const { id } = await api.createChannel(given);
  await lists();
  await open(id);
});
let stopTyping = null;
const typed = (is_typing) => live.send({ type: "typing_indicator", channel_id: state.open, is_typing });
onSubmit("compose", async ({ content }) => {
  clearTimeout(stopTyping);
  stopTyping = null;
  typed(false);
  await api.send(state.open, content);
});
$("compose").elements.content.oninput = () => {
  if (stopTyping === null) typed(true);
  clearTimeout(stopTyping);
  stopTyping = setTimeout(() => (typed(false), (stopTyping = null)), 1000);
};
$("older").onclick = () => did((async () => {
  state.messages.unshift(...(await api.history(state.open, { limit: 50, offset: state.messages.length })));
})());
$("leave").onclick = () => did((async () => {
  await api.leave(state.open);
  await lists();
  if (state.mine[0]) await open(state.mine[0].id);
})());
$("guests").onfocus = () => did((async () => {
  const inside = new Set(state.members.map(({ id }) => id));
  const guests = (await api.available()).filter(({ id }) => !inside.has(id));
  $("guests").replaceChildren(...guests.map(({ id, username }) => new Option(username, id)));
})());
$("add").onclick = () => did((async () => {
  notice((await api.addUser(state.open, $("guests").value)).message);
  state.members = (await api.channel(state.open)).members;
})());
$("logout").onclick = leaveChat;

window.chat = { api, live, state, notices, start };
if (localStorage.token) {
  api.token = localStorage.token;
  await did((async () => start(await api.me()))());
} else {
  draw();
}
document.body.dataset.ready = "yes";

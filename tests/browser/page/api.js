// The HTTP side: fetch from another origin, as the page has it.

import * as shapes from "./shapes.js";

export class Refused extends Error {
  constructor(status, body, headers) {
    const said = body?.detail ?? body?.message ?? `HTTP ${status}`;
    super(typeof said === "string" ? said : JSON.stringify(said));
    Object.assign(this, { status, body, headers });
  }
}

const text = encodeURIComponent;
const query = (fields) => {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
};

export class Api {
  token = null;
  following = null; // the link of the last answer to its next page
  faults = []; // where an answer is not what the page says
  onLoggedOut = () => {};

  // pauses: milliseconds before each repetition of a refused call
  constructor(server, { pauses = [], credentials = "include" } = {}) {
    Object.assign(this, { server, pauses, credentials });
  }

  async call(method, path, body, is = null) {
    for (let tries = 0; ; tries++) {
      try {
        return await this.once(method, path, body, is);
      } catch (error) {
        if (error.status === 401) this.onLoggedOut();
        if (tries >= this.pauses.length) throw error;
        await new Promise((resolve) => setTimeout(resolve, this.pauses[tries]));
      }
    }
  }

  async once(method, path, body, is) {
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const answer = await fetch(`${this.server}/api/v1${path}`, {
      method, headers, credentials: this.credentials,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const value = await answer.json(); // every answer has a body, DELETE included
    if (!answer.ok) throw new Refused(answer.status, value, Object.fromEntries(answer.headers));
    const where = `${method} ${path}`;
    if (answer.status !== 200) this.faults.push(`${where} answers ${answer.status}`);
    if (answer.redirected) this.faults.push(`${where} is redirected to ${answer.url}`);
    if (is) this.faults.push(...is(value, where));
    this.following = /^<([^>]*)>; rel="next"$/.exec(answer.headers.get("Link"))?.[1] ?? null;
    return value;
  }

  // A list to its end, by the links to its next pages; a page has `limit` entries at most.
  async whole(path, limit, is) {
    const all = [];
    for (let next = `?limit=${limit}`; next; next = this.following) {
      const page = await this.call("GET", path + next, undefined, shapes.list(is));
      if (page.length > limit) this.faults.push(`GET ${path}${next} has ${page.length} entries`);
      all.push(...page);
    }
    return all;
  }

  // -- 3 Auth
  async enter(path, body) {
    const session = await this.call("POST", path, body, shapes.session);
    this.token = session.access_token;
    return session.user;
  }
  register = (fields) => this.enter("/auth/register", fields);
  login = (username, password) => this.enter("/auth/login", { username, password });
  me = () => this.call("GET", "/auth/me", undefined, shapes.oneself);

  // -- 4 Users
  users = () => this.call("GET", "/users/", undefined, shapes.list(shapes.user));
  user = (id) => this.call("GET", `/users/${text(id)}`, undefined, shapes.user);
  saveUser = (id, fields) => this.call("PUT", `/users/${text(id)}`, fields, shapes.oneself);
  search = (part) => this.call("GET", `/users/search/${text(part)}`, undefined, shapes.list(shapes.user));

  // -- 5 Channels
  channels = () => this.call("GET", "/channels/", undefined, shapes.list(shapes.channel));
  everyChannel = (limit) => this.whole("/channels/", limit, shapes.channel);
  myChannels = () => this.call("GET", "/channels/my", undefined, shapes.list(shapes.peopled));
  createChannel = (fields) => this.call("POST", "/channels/", fields, shapes.channel);
  channel = (id) => this.call("GET", `/channels/${text(id)}`, undefined, shapes.peopled);
  join = (channel_id) => this.call("POST", "/channels/join", { channel_id }, shapes.done);
  leave = (id) => this.call("DELETE", `/channels/${text(id)}/leave`, undefined, shapes.done);
  addUser = (id, user_id) => this.call("POST", `/channels/${text(id)}/add-user`, { user_id }, shapes.done);
  available = () => this.call("GET", "/channels/users/available", undefined, shapes.list(shapes.user));

  // -- 6 Messages
  history = (channel, page = {}) => this.call("GET", `/messages/channel/${text(channel)}${query(page)}`, undefined, shapes.list(shapes.message));
  send = (channel_id, content) => this.call("POST", "/messages/", { content, channel_id }, shapes.message);
  edit = (id, content) => this.call("PUT", `/messages/${text(id)}`, { content }, shapes.message);
  remove = (id) => this.call("DELETE", `/messages/${text(id)}`, undefined, shapes.done);
  message = (id) => this.call("GET", `/messages/${text(id)}`, undefined, shapes.message);
  react = (message_id, emoji) => this.call("POST", "/messages/reactions", { message_id, emoji }, shapes.switched);
  unreact = (id) => this.call("DELETE", `/messages/reactions/${text(id)}`);
  mentions = (page = {}) => this.call("GET", `/messages/mentions/my${query(page)}`, undefined, shapes.list(shapes.message));
  validate = (content) => this.call("POST", "/messages/format/validate", { content }, shapes.verdict);
  validateByQuery = (content) => this.call("POST", `/messages/format/validate${query({ content })}`, undefined, shapes.verdict);

  // -- 7 Admin
  dashboard = () => this.call("GET", "/admin/dashboard", undefined, shapes.dashboard);
  accounts = (page = {}) => this.call("GET", `/admin/users${query(page)}`, undefined, shapes.list(shapes.account));
  account = (id) => this.call("GET", `/admin/users/${text(id)}`, undefined, shapes.ranked);
  ban = (id, fields = {}) => this.call("POST", `/admin/users/${text(id)}/ban`, { user_id: id, ...fields }, shapes.done);
  unban = (id, reason) => this.call("POST", `/admin/users/${text(id)}/unban${query({ reason })}`, undefined, shapes.done);
  suspend = (id, fields = {}) => this.call("POST", `/admin/users/${text(id)}/suspend`, { user_id: id, ...fields }, shapes.done);
  assign = (id, role, channel_id = null) => this.call("POST", `/admin/users/${text(id)}/roles`, { user_id: id, role, channel_id }, shapes.done);
  unassign = (id, role, channel_id = null) => this.call("DELETE", `/admin/users/${text(id)}/roles`, { user_id: id, role, channel_id }, shapes.done);
  takeAway = (message_id, reason) => this.call("DELETE", `/admin/messages/${text(message_id)}`, { message_id, reason }, shapes.done);
  actions = (page = {}) => this.call("GET", `/admin/actions${query(page)}`, undefined, shapes.list(shapes.entry));
  bulk = (action, target_ids, fields = {}) => this.call("POST", "/admin/bulk-actions", { action, target_ids, ...fields }, shapes.tally);
}

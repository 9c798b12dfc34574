// What the clients share: a connection that is made again when it is lost. For Node and browsers.
// Nothing here knows a dialect. A dialect is a subclass: it greets, hears frames and says a text.

const inBrowser = typeof window !== 'undefined';
const Socket = inBrowser ? WebSocket : (await import('ws')).default;

// After these close codes another connection may do better; after any other it would not.
export const AGAIN = {
  1001: 'the server went away, or had not heard of us',
  1005: 'the server hung up',
  1006: 'the connection broke',
  1011: 'the server failed',
  1012: 'the server restarts',
  1013: 'we read more slowly than we were sent',
  1014: 'a proxy lost the server',
};
const STOP = {
  1000: 'the server is done with us',
  1002: 'this client broke the protocol',
  1007: 'the server could not read a message',
  1008: 'the token is wrong or over, or the account is suspended or connected too often',
  1009: 'a message was too large',
};
const HTTP_AGAIN = [408, 425, 429]; // and 500 or more
const HTTP_STOP = { 401: 'the token is wrong or has expired', 404: 'no chat at this address' };
const AWAITED = 100; // lines that wait to be sent; then the input waits
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// To try again would not help.
export class StopError extends Error {}
// The server cannot be reached now.
export class LostError extends Error {}

// Full jitter: a wait is any time up to a ceiling that doubles from `base` to `cap` seconds.
// A connection that was of use for `good` seconds begins it anew.
export class Backoff {
  constructor(base = 0.5, cap = 30, good = 5) {
    Object.assign(this, { base, cap, good, tries: 0 });
  }

  // Seconds to the next try, when the last connection was of use for so many.
  wait(lasted, chance = Math.random) {
    if (lasted >= this.good) this.tries = 0;
    const ceiling = Math.min(this.cap, this.base * 2 ** this.tries);
    this.tries += 1;
    return chance() * ceiling;
  }
}

// What ended a connection. Throws StopError after what does not pass by itself.
export function why({ code, status, detail }, codes) {
  if (status) {
    if (status >= 500 || HTTP_AGAIN.includes(status)) {
      return `the server takes nobody now (HTTP ${status})`;
    }
    throw new StopError(`${HTTP_STOP[status] ?? 'the server turned us away'} (HTTP ${status})`);
  }
  if (AGAIN[code]) return detail || `${AGAIN[code]} (close code ${code})`;
  const reason = codes[code] ?? STOP[code] ?? 'the server turned us away';
  throw new StopError(`${reason} (close code ${code})`);
}

// path: where the dialect is spoken; query: what is asked for there. codes: its close codes beside STOP's. inHeader: whether it
// takes the token there. recalls: whether it can tell after a loss if a text had arrived.
export class Client {
  path = '';
  query = {};
  codes = {};
  inHeader = false;
  recalls = false;
  pending = null; // the one text that is next, or under way
  lines = [];
  #underWay = false;
  #readyAt = 0;
  #notBefore = 0;
  #ended = false;
  #work = () => {};
  #wake = () => {};
  #room = () => {};

  // heartbeat: seconds after which a line that gives no answer is taken for dead.
  constructor({ address, token, show, note, backoff = new Backoff(), heartbeat = 20 }) {
    Object.assign(this, { address, token, show, note, backoff, heartbeat });
  }

  // -- what a dialect does

  async greet() {} // what is sent first on each connection
  async heard(frame) {} // the next one waits until this is done
  async say(text) {} // sent() or refused() follows when the server has answered
  beat = null; // for a browser, which sends no ping: a request that is answered

  // -- what a dialect says of itself

  send(frame) {
    this.ws.send(JSON.stringify(frame));
  }

  // The greeting is answered: what was typed may go.
  ready() {
    if (this.#readyAt) return;
    this.#readyAt = Date.now();
    this.#underWay = false; // what the history did not have goes again
    this.note('connected');
    this.#speak();
  }

  // The pending text is stored.
  sent() {
    this.pending = null;
    this.#underWay = false;
    this.#speak();
  }

  // The pending text is not wanted; without one the reason is about something else.
  refused(reason) {
    this.note(this.pending === null ? reason : `not sent, ${reason}: ${this.pending}`);
    this.sent();
  }

  // The pending text is wanted later.
  tooFast(seconds) {
    this.note(`too many messages, going on in ${seconds} s`);
    this.#underWay = false;
    this.#notBefore = Date.now() + seconds * 1000;
    setTimeout(() => this.#speak(), seconds * 1000);
  }

  // It stands in the history as our own: if it is what was under way, it had arrived.
  recall(text) {
    if (this.#underWay && !this.#readyAt && text === this.pending) this.sent();
  }

  // -- what is typed

  // Say it when that is possible; returns when there is room for another.
  async enter(text) {
    this.lines.push(text);
    this.#speak();
    while (this.lines.length >= AWAITED) await new Promise((resolve) => (this.#room = resolve));
  }

  // End when all is sent.
  finish() {
    this.finishing = true;
    this.#speak();
  }

  end() {
    this.#ended = true;
    this.#wake();
    this.#hangUp();
  }

  // One text at a time: the next goes when the server has answered.
  #speak() {
    if (this.pending === null) this.pending = this.lines.shift() ?? null;
    this.#room();
    if (this.pending === null && this.finishing) this.end();
    if (this.pending === null || this.#underWay || !this.#readyAt) return;
    if (Date.now() < this.#notBefore) return;
    this.#underWay = true;
    this.#work(() => this.say(this.pending));
  }

  // -- the connection

  credential() {
    return { Authorization: `Bearer ${this.token}` };
  }

  // Until end(). Rejects with StopError when it is no use to try again.
  async run() {
    while (!this.#ended) {
      let reason;
      try {
        const [url, headers] = await this.target();
        if (this.#ended) return;
        reason = why(await this.#connection(url, headers), this.codes);
      } catch (error) {
        if (this.#ended) return;
        if (!(error instanceof LostError)) throw error;
        reason = error.message;
      }
      if (this.#ended) return;
      const wait = this.backoff.wait(this.#readyAt ? (Date.now() - this.#readyAt) / 1000 : 0);
      this.#lost();
      this.note(`${reason}; trying again in ${wait.toFixed(1)} s`);
      await Promise.race([sleep(wait * 1000), new Promise((wake) => (this.#wake = wake))]);
    }
  }

  #lost() {
    this.#readyAt = 0;
    if (!this.#underWay || this.recalls) return;
    this.note(`perhaps not sent: ${this.pending}`);
    this.sent();
  }

  get url() {
    return this.address.replace(/^http/, 'ws') + this.path;
  }

  // The address of the next connection, and its headers.
  async target() {
    if (this.inHeader && !inBrowser) return [this.url, this.credential()];
    const query = new URLSearchParams({ ...this.query, token: this.token });
    return [`${this.url}?${query}`, {}];
  }

  // One connection: {code, status, detail} of its end, when all that it brought is worked off.
  #connection(url, headers) {
    return new Promise((resolve, reject) => {
      let [work, fault, status, detail, alive] = [Promise.resolve(), null, 0, '', true];
      const ws = (this.ws = new Socket(url, [], { headers }));
      this.#work = (step) => {
        work = work.then(() => fault ?? step()).catch((error) => {
          fault = error;
          this.#hangUp();
        });
      };
      const beat = setInterval(() => {
        if (!alive || ws.readyState !== 1) return this.#hangUp(); // 1: open; or it never opened
        if (ws.ping || this.beat) alive = false;
        if (ws.ping) ws.ping();
        else this.beat?.();
      }, this.heartbeat * 1000);
      ws.on?.('pong', () => (alive = true));
      ws.onopen = () => this.#work(() => this.greet());
      ws.onmessage = ({ data }) => {
        alive = true;
        this.#work(() => this.heard(JSON.parse(data)));
      };
      ws.onerror = ({ message }) => {
        status = Number(/Unexpected server response: (\d+)/.exec(message)?.[1] ?? 0);
        detail = message;
      };
      ws.onclose = ({ code }) => {
        clearInterval(beat);
        work.then(() => (fault ? reject(fault) : resolve({ code, status, detail })));
      };
    });
  }

  // Close, and do not wait for ever for the other side to do so.
  #hangUp() {
    const ws = this.ws;
    ws?.close(1000);
    setTimeout(() => ws?.terminate?.(), 2000).unref?.();
  }
}

// The chats dialect: subscribe to a chat, read what was missed, say what is typed.
//   node chats.js http://127.0.0.1:8000 TOKEN CHAT_ID
import { Client, StopError } from './reconnect.js';
import { History, RefusedError, call } from './rest.js';

const RESYNC = 500; // pushes after which the history is asked where we are

// Pushes have no id: what was shown of them is matched with the history, in its order.
export class Chats extends Client {
  path = '/chats/ws';
  recalls = true;
  pushed = []; // shown, and not yet found in the history
  ahead = []; // of the history; may be pushed yet

  constructor(chatId, common) {
    super(common);
    this.chatId = chatId;
    this.history = new History(this.address, this.token, chatId);
  }

  async greet() {
    this.me ??= (await call(this.address, this.token, '/auth/me')).username;
    await this.catchUp(); // nothing of this comes as a push
    this.ahead = [];
    this.subscribe();
  }

  subscribe() {
    this.send({ action: 'subscribe', chat_ids: [this.chatId] });
  }

  async heard(frame) {
    if ('from' in frame) {
      await this.live(`${frame.from}: ${frame.message}`);
    } else if (frame.action === 'subscribe_response') {
      if (frame.results[0].status !== 'success') {
        throw new StopError(`no access to the chat ${this.chatId}`);
      }
      await this.catchUp(); // said while we subscribed
      this.ready();
    } else if (frame.status === 'success') {
      this.sent();
    } else {
      this.refused(frame.error);
    }
  }

  async live(said) {
    const at = this.ahead.indexOf(said);
    this.ahead = at < 0 ? [] : this.ahead.slice(at + 1);
    if (at >= 0) return;
    this.pushed.push(said);
    this.show(said);
    if (this.pushed.length >= RESYNC) await this.catchUp();
  }

  async catchUp() {
    let unseen = [];
    try {
      if (this.recalls) unseen = await this.history.unseen();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.note(`no history of this chat: ${error.message}`);
      this.recalls = false;
    }
    for (const { user, content } of unseen) {
      const said = `${user.username}: ${content}`;
      const at = this.pushed.indexOf(said);
      if (at >= 0) {
        this.pushed.splice(0, at + 1);
        continue;
      }
      this.ahead.push(said);
      this.show(said);
      if (user.username === this.me) this.recall(content);
    }
    this.pushed = [];
  }

  say(text) {
    this.send({ action: 'message', chat_id: this.chatId, text });
  }
}

if (typeof window === 'undefined') {
  const { chat } = await import('./terminal.js');
  await chat(import.meta.url, 'CHAT_ID', {}, (common, [id]) => new Chats(id, common));
}

// The conversations dialect: read a conversation, say what is typed.
//   node conversations.js http://127.0.0.1:8000 TOKEN CONVERSATION_ID
//   node conversations.js http://127.0.0.1:8000 TOKEN --with USER_ID
import { Client, StopError } from './reconnect.js';
import { call } from './rest.js';

const PAGE = 100;

// Ids of messages rise: what is above the last one shown was missed.
export class Conversations extends Client {
  path = '/ws/chat/';
  query = { rooms: 'all' }; // groups too, and not the rooms of two alone
  codes = { 4001: 'the token is wrong or has expired, or the account is suspended' };
  recalls = true;
  last = null;

  constructor({ conversation, receiver }, common) {
    super(common);
    Object.assign(this, { conversation, receiver });
  }

  async greet() {
    this.read = false;
    this.missed = []; // of the history
    this.held = []; // pushed before we had it all
    this.me ??= (await call(this.address, this.token, '/auth/me')).username;
    if (this.conversation) this.readBack();
    else this.request('start_conversation', { receiver_id: this.receiver });
  }

  request(what, fields) {
    this.send({ type: `chat.${what}`, ...fields });
  }

  // The newest messages, or those before an id. (limit and before_id are trichat's own.)
  readBack(before = {}) {
    const limit = this.last === null ? 20 : PAGE;
    this.request('get_messages', { conversation_id: this.conversation, limit, ...before });
  }

  async heard(frame) {
    switch (frame.type) {
      case 'chat.conversation_started':
        this.conversation = frame.conversation.id;
        return this.readBack();
      case 'chat.messages':
        return this.caughtUp(frame.messages);
      case 'chat.message':
        if (frame.message.conversation_id === this.conversation) this.live(frame.message);
        return;
      case 'error':
        if (!this.read) throw new StopError(frame.message);
        this.refused(frame.message);
    }
  }

  caughtUp(page) {
    this.missed.unshift(...page);
    if (this.last !== null && page.length === PAGE && page[0].id > this.last) {
      return this.readBack({ before_id: page[0].id });
    }
    for (const message of [...this.missed, ...this.held]) {
      if (this.tell(message)) this.recall(message.content);
    }
    this.last ??= 0;
    this.read = true;
    this.request('read', { conversation_id: this.conversation });
    this.ready();
  }

  live(message) {
    if (!this.read) this.held.push(message);
    else if (!this.tell(message)) this.request('read', { conversation_id: this.conversation });
    else if (message.content === this.pending) this.sent();
  }

  // Show it, once. Whether it is our own.
  tell({ id, sender, content }) {
    if (id <= (this.last ?? 0)) return false;
    this.last = id;
    this.show(`${sender.username}: ${content}`);
    return sender.username === this.me;
  }

  say(text) {
    this.request('message', { conversation_id: this.conversation, content: text });
  }
}

if (typeof window === 'undefined') {
  const { chat } = await import('./terminal.js');
  await chat(
    import.meta.url,
    '(CONVERSATION_ID | --with USER_ID)',
    { with: { type: 'string' } },
    (common, [number], values) =>
      new Conversations({ conversation: Number(number), receiver: Number(values.with) }, common),
  );
}

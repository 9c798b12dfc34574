// The chats dialect and what this server adds to it: one is told what one missed, and what is sent
// again is stored once. A ticket opens the connection, so no token stands in its address.
//   node resuming.js http://127.0.0.1:8000 TOKEN CHAT_ID
import { Chats } from './chats.js';
import { LostError } from './reconnect.js';
import { RefusedError, call } from './rest.js';

// The history is read by who is new, and after a gap.
export class Resuming extends Chats {
  kept = new Map(); // the cursor: the latest position of each name
  key = null; // of the text that is under way

  // A ticket is good once, and for some seconds.
  async target() {
    const resume = [...this.kept.values()].join('~') || '1';
    try {
      const { ticket } = await call(this.address, this.token, '/auth/ticket', {});
      return [`${this.url}?${new URLSearchParams({ ticket, resume })}`, {}];
    } catch (error) {
      if (error instanceof RefusedError) throw new LostError(error.message); // too many wait unused
      throw error;
    }
  }

  async greet() {
    if (this.kept.size) this.subscribe();
    else await super.greet();
  }

  async heard(frame) {
    if (this.kept.size && frame.results?.[0].status === 'success') {
      this.ready(); // what was missed comes next, as if it were said now, or a gap
    } else if (frame.action === 'gap') {
      this.note('the server cannot tell what was missed: reading the history');
      await this.catchUp();
    } else if (frame.action !== 'cursor') {
      await super.heard(frame);
    }
    if (!frame.cursor) return;
    for (const position of frame.cursor.split('~')) { // only now: it was shown
      this.kept.set(position.split('.')[0], position);
    }
  }

  // Whenever the same text goes again, it goes with the same key.
  say(text) {
    this.key ??= crypto.randomUUID();
    this.send({ action: 'message', chat_id: this.chatId, text, client_key: this.key });
  }

  sent() {
    this.key = null;
    super.sent();
  }
}

if (typeof window === 'undefined') {
  const { chat } = await import('./terminal.js');
  await chat(import.meta.url, 'CHAT_ID', {}, (common, [id]) => new Resuming(id, common));
}

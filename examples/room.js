// The room dialect: come into a room by its name, say what is typed.
//   node room.js http://127.0.0.1:8000 TOKEN ROOM_NAME
import { Client } from './reconnect.js';

const KEPT = 1000;

// The server sends the last messages on each connection; those already shown are left out.
export class Room extends Client {
  inHeader = true;
  codes = {
    4000: 'there is no such room, and it could not be made',
    4001: 'the token is wrong or has expired, or the account is suspended',
    4003: 'the room is private, or full',
  };
  shown = [];
  again = [];

  constructor(name, common) {
    super(common);
    this.path = `/ws/chat/${encodeURIComponent(name)}/`;
  }

  async heard(frame) {
    if (frame.error) return this.refused(frame.error);
    switch (frame.type) {
      case 'chat_message':
        return this.said(frame);
      case 'room_users_list':
        this.again = [...this.shown];
        this.note(`here: ${frame.users.map((user) => user.username).join(', ')}`);
        return this.ready();
      case 'user_join':
        return this.note(`${frame.username} came in`);
      case 'user_leave':
        return this.note(`${frame.username} left`);
    }
  }

  said({ sender_id, timestamp, message, sender_username }) {
    const key = JSON.stringify([sender_id, timestamp, message]);
    const at = this.again.indexOf(key);
    if (at >= 0) return this.again.splice(at, 1);
    this.shown = [...this.shown, key].slice(-KEPT);
    this.show(`${sender_username}: ${message}`);
    if (message === this.pending) this.sent();
  }

  say(text) {
    this.send({ message: text });
  }
}

if (typeof window === 'undefined') {
  const { chat } = await import('./terminal.js');
  await chat(import.meta.url, 'ROOM_NAME', {}, (common, [name]) => new Room(name, common));
}

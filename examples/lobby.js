// The lobby dialect: join a room, or make one first, say what is typed.
//   node lobby.js http://127.0.0.1:8000 TOKEN [ROOM_ID] [--create NAME] [--key]
import { Client, StopError } from './reconnect.js';

const SLOW_DOWN = 5; // seconds after 'rate limit exceeded', which counts the last minute

// No history: what was said while we were away is not shown. key: the token is an API key.
export class Lobby extends Client {
  path = '/ws/chat';
  inHeader = true;
  joined = false;

  constructor({ roomId, create, key }, common) {
    super(common);
    Object.assign(this, { roomId, create, key });
  }

  credential() {
    return this.key ? { 'x-api-key': this.token } : super.credential();
  }

  async greet() {
    this.joined = false;
    if (this.roomId) this.request('join_room', { room_id: this.roomId });
    else this.request('create_room', { name: this.create, type: 'public' });
  }

  request(type, data) {
    this.send({ type, data });
  }

  async heard(frame) {
    switch (frame.type) {
      case 'text':
      case 'system':
        this.show(`${frame.user_email}: ${frame.content}`);
        if (frame.content === this.pending) this.sent();
        break;
      case 'room_created':
        this.roomId = frame.data.id;
        this.note(`made the room ${this.roomId}`);
        this.request('join_room', { room_id: this.roomId });
        break;
      case 'join':
      case 'leave':
        this.note(frame.content);
        this.joined = true; // the first one is our own
        this.ready();
        break;
      case 'error':
        this.error(frame.data.message);
    }
  }

  error(message) {
    if (!this.joined) throw new StopError(`not joined: ${message}`);
    if (message === 'rate limit exceeded') this.tooFast(SLOW_DOWN);
    else this.refused(message);
  }

  say(text) {
    this.request('send_message', { type: 'text', content: text, room_id: this.roomId });
  }
}

if (typeof window === 'undefined') {
  const { chat } = await import('./terminal.js');
  const options = {
    create: { type: 'string', default: 'A room of the example' },
    key: { type: 'boolean', default: false },
  };
  const make = (common, [roomId], values) => new Lobby({ roomId, ...values }, common);
  await chat(import.meta.url, '[ROOM_ID] [--create NAME] [--key]', options, make);
}

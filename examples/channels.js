// The channels dialect: join a channel, read what was missed, post over REST what is typed.
//   node channels.js http://127.0.0.1:8000 TOKEN CHANNEL_ID
import { Client, StopError } from './reconnect.js';
import { History, RefusedError, call } from './rest.js';

// The socket tells of every channel we are a member of; one is shown.
export class Channels extends Client {
  path = '/ws';
  recalls = true;
  joined = false;

  constructor(channelId, common) {
    super(common);
    this.channelId = channelId;
    this.history = new History(this.address, this.token, channelId);
  }

  async greet() {
    this.joined = false; // connection_established comes first
  }

  beat = () => this.send({ type: 'ping' });

  async heard(frame) {
    switch (frame.type) {
      case 'connection_established':
        this.me = frame.username;
        this.send({ type: 'join_channel', channel_id: this.channelId });
        break;
      case 'channel_joined':
        this.joined = true;
        await this.catchUp();
        this.ready();
        break;
      case 'error':
        if (!this.joined) throw new StopError(`${frame.message}: ${frame.details}`);
        this.note(`${frame.message}: ${frame.details}`);
        break;
      case 'force_disconnect':
        this.note(frame.reason);
        break;
      default:
        if ([frame.channel_id, frame.data?.channel_id].includes(this.channelId)) this.event(frame);
    }
  }

  event({ type, data, username, deleted_by }) {
    if (type === 'new_message') {
      if (this.joined && this.history.see(data)) this.tell(data); // earlier: in the history
    } else if (type === 'message_edited') {
      this.note(`${data.user.username} now says: ${data.content}`);
    } else if (type === 'message_deleted') {
      this.note(`${deleted_by} took a message away`);
    } else if (type === 'mention_notification') {
      this.note(`${data.from_username} mentioned you`);
    } else if (type === 'user_joined' || type === 'user_left') {
      this.note(`${username} ${type === 'user_left' ? 'left' : 'joined'}`);
    }
  }

  tell(message) {
    this.show(`${message.user.username}: ${message.content}`);
  }

  async catchUp() {
    try {
      for (const message of await this.history.unseen()) {
        this.tell(message);
        if (message.user.username === this.me) this.recall(message.content);
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.note(`${error.message}: only a member may read back and say something`);
    }
  }

  async say(content) {
    try {
      await call(this.address, this.token, '/messages/', { channel_id: this.channelId, content });
      this.sent();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.retryAfter) this.tooFast(error.retryAfter);
      else this.refused(error.message);
    }
  }
}

if (typeof window === 'undefined') {
  const { chat } = await import('./terminal.js');
  await chat(import.meta.url, 'CHANNEL_ID', {}, (common, [id]) => new Channels(id, common));
}

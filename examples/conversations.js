// The conversations dialect: read a conversation, say something in it, print every frame.
//   node conversations.js http://127.0.0.1:8000 TOKEN CONVERSATION_ID [--say TEXT] [--frames N]
//   node conversations.js http://127.0.0.1:8000 TOKEN --with USER_ID [--say TEXT] [--frames N]
import { parseArgs } from 'node:util';
import WebSocket from 'ws';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    with: { type: 'string' },
    say: { type: 'string' },
    frames: { type: 'string', default: 'Infinity' },
  },
});
const [address, token, conversationId] = positionals;
let left = Number(values.frames);

const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/ws/chat/?token=${token}`);
const send = (frame) => ws.send(JSON.stringify(frame));

function enter(id) {
  send({ type: 'chat.get_messages', conversation_id: id });
  send({ type: 'chat.read', conversation_id: id });
  if (values.say) send({ type: 'chat.message', conversation_id: id, content: values.say });
}

ws.on('open', () => {
  if (values.with) send({ type: 'chat.start_conversation', receiver_id: Number(values.with) });
  else enter(Number(conversationId));
});

ws.on('message', (data) => {
  if (left <= 0) return;
  const frame = JSON.parse(data);
  console.log(JSON.stringify(frame));
  if (frame.type === 'chat.conversation_started') enter(frame.conversation.id);
  left -= 1;
  if (left <= 0) ws.close(1000);
});

ws.on('error', (error) => console.error(error.message));
ws.on('close', (code) => {
  if (code === 1000 || code === 1001) return;
  console.error(`closed with ${code}`);
  process.exitCode = 1;
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => ws.close(1000));

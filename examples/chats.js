// The chats dialect: subscribe to a chat, say something in it, print every frame.
//   node chats.js http://127.0.0.1:8000 TOKEN CHAT_ID [--say TEXT] [--frames N]
import { parseArgs } from 'node:util';
import WebSocket from 'ws';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { say: { type: 'string' }, frames: { type: 'string', default: 'Infinity' } },
});
const [address, token, chatId] = positionals;
let left = Number(values.frames);

const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/chats/ws?token=${token}`);
const send = (frame) => ws.send(JSON.stringify(frame));

ws.on('open', () => {
  send({ action: 'subscribe', chat_ids: [chatId] });
  if (values.say) send({ action: 'message', chat_id: chatId, text: values.say });
});

ws.on('message', (data) => {
  if (left <= 0) return;
  console.log(JSON.stringify(JSON.parse(data)));
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

// The room dialect: come into a room by its name, say something, print every frame.
//   node room.js http://127.0.0.1:8000 TOKEN ROOM_NAME [--say TEXT] [--frames N]
import { parseArgs } from 'node:util';
import WebSocket from 'ws';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { say: { type: 'string' }, frames: { type: 'string', default: 'Infinity' } },
});
const [address, token, room] = positionals;
let left = Number(values.frames);

const path = `/ws/chat/${encodeURIComponent(room)}/`;
const ws = new WebSocket(address.replace(/^http/, 'ws') + path, {
  headers: { Authorization: `Bearer ${token}` },
});

ws.on('open', () => {
  if (values.say) ws.send(JSON.stringify({ message: values.say }));
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

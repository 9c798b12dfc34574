// The lobby dialect: join a room, or create one first, say something, print every frame.
//   node lobby.js http://127.0.0.1:8000 TOKEN [ROOM_ID] [--create NAME] [--say TEXT] [--frames N]
import { parseArgs } from 'node:util';
import WebSocket from 'ws';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    create: { type: 'string', default: 'A room of the example' },
    say: { type: 'string' },
    frames: { type: 'string', default: 'Infinity' },
  },
});
const [address, token, roomId] = positionals;
let left = Number(values.frames);

const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/ws/chat`, [], {
  headers: { Authorization: `Bearer ${token}` },
});
const send = (type, data) => ws.send(JSON.stringify({ type, data }));

function enter(room) {
  send('join_room', { room_id: room });
  if (values.say) send('send_message', { type: 'text', content: values.say, room_id: room });
}

ws.on('open', () => {
  send('list_rooms', { type: 'public' });
  if (roomId) enter(roomId);
  else send('create_room', { name: values.create, type: 'public' });
});

ws.on('message', (data) => {
  if (left <= 0) return;
  const frame = JSON.parse(data);
  console.log(JSON.stringify(frame));
  if (frame.type === 'room_created') enter(frame.data.id);
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

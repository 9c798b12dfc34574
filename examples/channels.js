// The channels dialect: join a channel, post a message over REST, print every frame.
//   node channels.js http://127.0.0.1:8000 TOKEN CHANNEL_ID [--say TEXT] [--frames N]
import { parseArgs } from 'node:util';
import WebSocket from 'ws';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { say: { type: 'string' }, frames: { type: 'string', default: 'Infinity' } },
});
const [address, token, channelId] = positionals;
let left = Number(values.frames);

const ws = new WebSocket(`${address.replace(/^http/, 'ws')}/ws?token=${token}`);

async function post(content) {
  const answer = await fetch(`${address}/api/v1/messages/`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ content, channel_id: channelId }),
  });
  if (!answer.ok) console.error(`not posted: ${await answer.text()}`);
}

ws.on('open', () => ws.send(JSON.stringify({ type: 'join_channel', channel_id: channelId })));

ws.on('message', (data) => {
  if (left <= 0) return;
  const frame = JSON.parse(data);
  console.log(JSON.stringify(frame));
  if (frame.type === 'channel_joined' && values.say) post(values.say);
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

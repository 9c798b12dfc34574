// Rooms on ws: the broadcast of the library's own README, by room.
import { WebSocket, WebSocketServer } from 'ws';

const rooms = new Map();
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  backlog: 2048,
  perMessageDeflate: false,
  clientTracking: false, // we have sets of our own
});

server.on('connection', (socket, request) => {
  const name = request.url;
  if (!rooms.has(name)) rooms.set(name, new Set());
  const room = rooms.get(name);
  room.add(socket);

  socket.on('message', (data, isBinary) => {
    const options = { binary: isBinary };
    for (const member of room) {
      if (member.readyState === WebSocket.OPEN) member.send(data, options);
    }
  });
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', () => {
    room.delete(socket);
    if (room.size === 0 && rooms.get(name) === room) rooms.delete(name);
  });
});

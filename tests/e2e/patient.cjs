// Lets an example of a document run as it stands: its WebSocket sends when it is open what it was
// given before, and what the page around it would define prints its arguments.
const ws = require('../../examples/node_modules/ws');

class PatientWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  constructor(...args) {
    this.socket = new ws.WebSocket(...args);
    this.socket.on('open', () => console.log('<open>'));
    this.socket.on('message', (data) => console.log(`<frame>${data}`));
    this.socket.on('close', (code) => console.log(`<close>${code}`));
  }

  get readyState() {
    return Math.max(this.socket.readyState, PatientWebSocket.OPEN);
  }

  send(data) {
    if (this.socket.readyState === ws.WebSocket.CONNECTING) {
      this.socket.once('open', () => this.socket.send(data));
    } else {
      this.socket.send(data);
    }
  }

  close(...args) {
    this.socket.close(...args);
  }
}

for (const name of ['onopen', 'onmessage', 'onclose', 'onerror']) {
  Object.defineProperty(PatientWebSocket.prototype, name, {
    set(listener) {
      this.socket[name] = listener;
    },
  });
}

globalThis.WebSocket = PatientWebSocket;
for (const name of (process.env.STUBS ?? '').split(' ').filter(Boolean)) {
  globalThis[name] = (...args) => console.log(`<${name}>${JSON.stringify(args)}`);
}
if (process.env.TOKEN) globalThis.token = process.env.TOKEN;

// A page's script in Node: the examples' clients with the platform's own WebSocket, no `ws`, no
// headers. It says what it is given, prints what is said, and ends when it has heard itself.
globalThis.window = globalThis;

const [module, name, address, token, room, text] = process.argv.slice(2);
const { [name]: Client } = await import(`../../examples/${module}.js`);
const client = new Client(JSON.parse(room), {
  address,
  token,
  note: (line) => console.log(`* ${line}`),
  show: (line) => {
    console.log(line);
    if (line.endsWith(`: ${text}`)) client.end();
  },
});
if (text) client.enter(text);
await client.run().catch((error) => console.log(`* ${error.message}`));

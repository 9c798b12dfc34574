// A client in a terminal: its arguments, what is typed, what is printed, Ctrl-C. For Node.
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Backoff, StopError } from './reconnect.js';

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g; // would move the cursor, or forge a line
const COMMON = {
  listen: { type: 'boolean', default: false }, // go on after the end of the input
  base: { type: 'string', default: '0.5' }, // longest first wait, in seconds
  cap: { type: 'string', default: '30' }, // longest wait of all, in seconds
  heartbeat: { type: 'string', default: '20' }, // how long a line may give no answer, in seconds
};

const note = (text) => console.error(`* ${text}`);
const show = (line) => console.log(line.replace(CONTROL, '\ufffd'));

// If this module is the program: make a client of the arguments, and send what is typed until
// Ctrl-C or the end of the input. usage: what stands after address and token; make: takes what
// Client takes, the remaining words and the options.
export async function chat(module, usage, options, make) {
  if (!isProgram(module)) return;
  const { address, token, rest, values } = read(usage, { ...COMMON, ...options });
  const backoff = new Backoff(Number(values.base), Number(values.cap));
  const heartbeat = Number(values.heartbeat);
  const client = make({ address, token, show, note, backoff, heartbeat }, rest, values);

  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => client.end());
  process.stdout.on('error', () => process.exit(1)); // nobody reads what is printed
  typed(client, values.listen);
  try {
    await client.run();
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    note(error.message);
    process.exitCode = 1;
  }
  const unsent = client.lines.length + (client.pending === null ? 0 : 1);
  if (unsent) {
    note(`not sent: ${unsent} of what was typed`);
    process.exitCode = 1;
  }
  process.exit();
}

function isProgram(module) {
  try {
    return realpathSync(process.argv[1]) === fileURLToPath(module);
  } catch {
    return false; // no file at all: node -e
  }
}

function read(usage, options) {
  try {
    const { positionals, values } = parseArgs({ allowPositionals: true, options });
    const [address, token, ...rest] = positionals;
    const needed = /^[A-Z]/.test(usage) ? 1 : 0;
    if (/^https?:/.test(address) && URL.canParse(address) && token && rest.length >= needed) {
      return { address: address.replace(/\/$/, ''), token, rest, values };
    }
  } catch (error) {
    note(error.message);
  }
  const common = '[--listen] [--base SECONDS] [--cap SECONDS] [--heartbeat SECONDS]';
  console.error(`usage: ADDRESS TOKEN ${usage} ${common}`);
  return process.exit(2);
}

async function typed(client, listen) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) await client.enter(line);
  }
  if (!listen) client.finish();
}

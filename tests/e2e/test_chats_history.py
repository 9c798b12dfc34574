"""The chats clients in examples/ match pushes, which bear no id, with the history: each message
is shown once, whatever was missed, taken away, said twice or told both ways.
"""

import json

import pytest
import trio

from tests.e2e.launching import environment
from tests.e2e.programs import BOTH_LANGUAGES, EXAMPLES, interpreter

# A server in two functions: `log` is its history, `say` adds to it, and `push` tells the client.
DRIVE = {
    ".py": """
import asyncio, io, json, sys
sys.path.insert(0, "examples")
import rest
from chats import Chats
from reconnect import Backoff
log, shown = [], []
def urlopen(request, timeout):
    path = request.full_url.split("/api/v1")[1]
    if path == "/auth/me":
        return io.StringIO('{"username": "ann"}')
    limit, offset = (int(part.split("=")[1]) for part in path.split("?")[1].split("&"))
    end = len(log) - offset
    return io.StringIO(json.dumps(log[max(0, end - limit):max(0, end)]))
rest.urlopen = urlopen
class Deaf(Chats):
    async def send(self, frame): pass
def say(text):
    global number
    number += 1
    log.append({"id": str(number), "created_at": f"{number // 3:09}",
                "user": {"username": "bob"}, "content": text})
async def push(text): await client.heard({"from": "bob", "message": text})
async def live(text): say(text); await push(text)
async def subscribed():
    await client.heard({"action": "subscribe_response", "results": [{"status": "success"}]})
async def drive(steps):
    global client, number
    number = 0
    log.clear()
    shown.clear()
    client = Deaf("room", "http://server", "token", shown.append, Backoff(1, 1))
    for text in steps:
        what, _, text = text.partition(" ")
        if what == "greet": await client.greet()
        elif what == "subscribed": await subscribed()
        elif what == "say": say(text)
        elif what == "push": await push(text)
        elif what == "live": await live(text)
        elif what == "delete": del log[next(i for i, m in enumerate(log) if m["content"] == text)]
    return list(shown)
print(json.dumps([asyncio.run(drive(steps)) for steps in json.loads(sys.argv[1])]))
""",
    ".js": """
import { Chats } from './examples/chats.js';
let log, shown, number, client;
globalThis.fetch = async (url) => {
  const path = url.split('/api/v1')[1];
  if (path === '/auth/me') return { ok: true, json: async () => ({ username: 'ann' }) };
  const [limit, offset] = path.split('?')[1].split('&').map((part) => Number(part.split('=')[1]));
  const end = Math.max(0, log.length - offset);
  return { ok: true, json: async () => log.slice(Math.max(0, end - limit), end) };
};
const show = (line) => shown.push(line);
const common = { address: 'http://server', token: 'token', show, note: () => {} };
const say = (content) => {
  number += 1;
  const created_at = String(Math.floor(number / 3)).padStart(9, '0');
  log.push({ id: String(number), created_at, user: { username: 'bob' }, content });
};
const push = (message) => client.heard({ from: 'bob', message });
const results = [{ status: 'success' }];
const does = {
  greet: () => client.greet(),
  subscribed: () => client.heard({ action: 'subscribe_response', results }),
  say,
  push,
  live: (text) => { say(text); return push(text); },
  delete: (text) => log.splice(log.findIndex(({ content }) => content === text), 1),
};
const all = [];
for (const steps of JSON.parse(process.argv[1])) {
  [log, shown, number, client] = [[], [], 0, new Chats('room', common)];
  client.send = () => {};
  for (const step of steps) {
    const [what, ...rest] = step.split(' ');
    await does[what](rest.join(' '));
  }
  all.push(shown);
}
console.log(JSON.stringify(all));
""",
}
ARGUMENTS = {".py": ["-c"], ".js": ["--input-type=module", "-e"]}

FIRST = AGAIN = ["greet", "subscribed"]

CASES = {
    "a newcomer is shown the last twenty": (
        [*(f"say {number}" for number in range(30)), *FIRST, "live x"],
        [*map(str, range(10, 30)), "x"],
    ),
    "missed, more than a page of it": (
        [*FIRST, "live a", *(f"say {number}" for number in range(250)), *AGAIN, "live b"],
        ["a", *map(str, range(250)), "b"],
    ),
    "the same words twice, seen and missed": (
        [*FIRST, "live ok", "live ok", "say ok", *AGAIN, "live ok"],
        ["ok"] * 4,
    ),
    "seen, then taken away": (
        [*FIRST, "live a", "live b", "live c", "delete b", "say d", *AGAIN],
        ["a", "b", "c", "d"],
    ),
    "said while we subscribed, and pushed": (
        [*FIRST, "live a", "greet", "say b", "say c", "subscribed", "push c", "live c"],
        ["a", "b", "c", "c"],
    ),
    "said while we subscribed, and not pushed": (
        [*FIRST, "live a", "greet", "say b", "subscribed", "live c", "live b"],
        ["a", "b", "c", "b"],
    ),
    "nothing missed": ([*FIRST, "live a", *AGAIN, *AGAIN, "live b"], ["a", "b"]),
    "first an empty room, then much missed": (
        [*FIRST, *(f"say {number}" for number in range(130)), *AGAIN],
        [*map(str, range(130))],
    ),
    "much said in one connection": (
        [*FIRST, *(f"live {number}" for number in range(1100)), "say x", *AGAIN, "live y"],
        [*map(str, range(1100)), "x", "y"],
    ),
    "pushed late, amid the matching of much": (
        [
            *(*FIRST, *(f"live {number}" for number in range(499))),
            *("say a", "say b", "push a", "say c", "push b", "push c", "live d"),
            *(*AGAIN, "live e"),
        ],
        [*map(str, range(499)), "a", "b", "c", "d", "e"],
    ),
}


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_each_message_is_shown_once(suffix: str) -> None:
    steps = json.dumps([steps for steps, _ in CASES.values()])
    words = [*interpreter(suffix), *ARGUMENTS[suffix], DRIVE[suffix], steps]
    done = await trio.run_process(
        words, capture_stdout=True, cwd=EXAMPLES.parent, env=environment()
    )
    shown = dict(zip(CASES, json.loads(done.stdout), strict=True))
    for case, (_, texts) in CASES.items():
        assert shown[case] == [f"bob: {text}" for text in texts], case

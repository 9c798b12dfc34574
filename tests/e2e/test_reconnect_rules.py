"""When the programs in examples/ connect again, and after how long: the rules both languages have,
and what examples/README.md says of them.
"""

import json
import re
from typing import Any

import pytest
import trio

from tests.e2e.launching import environment
from tests.e2e.programs import BOTH_LANGUAGES, EXAMPLES, interpreter
from tests.server import PATHS
from trichat.settings import Settings
from trichat.web.asyncapi.document import document
from trichat.web.endpoints import Endpoints

# Of a Backoff of one to thirty seconds: the waits at the highest and at half the chance, then
# after a connection that was of use too short a time, then long enough, then none again.
ASK = {
    ".py": """
import json, sys
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response
sys.path.insert(0, "examples")
from reconnect import Backoff, StopError, why
high, half, new = Backoff(1, 30), Backoff(1, 30), Backoff(1, 30)
def again(error):
    try: return bool(why(error, {4001: "ours"}))
    except StopError: return False
print(json.dumps({
    "high": [high.wait(0, lambda: 1) for _ in range(8)],
    "half": [half.wait(0, lambda: 0.5) for _ in range(3)],
    "lasted": [new.wait(lasted, lambda: 1) for lasted in (0, 0, 4.9, 5, 0)],
    "far": [high.wait(0, lambda: 1) for _ in range(3000)][-1],
    "within": all(0 <= Backoff(1, 30).wait(0) <= 1 for _ in range(1000)),
    "codes": [code for code in range(1000, 5000)
              if again(ConnectionClosedError(Close(code, ""), None))],
    "statuses": [status for status in range(400, 600)
                 if again(InvalidStatus(Response(status, "", Headers())))],
}))
""",
    ".js": """
import { Backoff, StopError, why } from './examples/reconnect.js';
const [high, half, fresh] = [0, 0, 0].map(() => new Backoff(1, 30));
const again = (end) => {
  try { return Boolean(why(end, { 4001: 'ours' })); }
  catch (error) { if (error instanceof StopError) return false; throw error; }
};
const range = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);
console.log(JSON.stringify({
  high: range(0, 8).map(() => high.wait(0, () => 1)),
  half: range(0, 3).map(() => half.wait(0, () => 0.5)),
  lasted: [0, 0, 4.9, 5, 0].map((lasted) => fresh.wait(lasted, () => 1)),
  far: range(0, 3000).map(() => high.wait(0, () => 1)).at(-1),
  within: range(0, 1000).every(() => new Backoff(1, 30).wait(0) <= 1),
  codes: range(1000, 5000).filter((code) => again({ code })),
  statuses: range(400, 600).filter((status) => again({ code: 1006, status })),
}));
""",
}
ARGUMENTS = {".py": ["-c"], ".js": ["--input-type=module", "-e"]}


async def rules(suffix: str) -> Any:
    """What this language's module answers."""
    words = [*interpreter(suffix), *ARGUMENTS[suffix], ASK[suffix]]
    done = await trio.run_process(
        words, capture_stdout=True, cwd=EXAMPLES.parent, env=environment()
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_the_rules(suffix: str) -> None:
    answer = await rules(suffix)
    assert answer["high"] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert answer["half"] == [0.5, 1, 2]
    assert answer["lasted"] == [1, 2, 4, 1, 2]
    assert answer["far"] == 30
    assert answer["within"]
    told = tables()
    for rows in told.values():
        for code, again in rows.items():
            assert (code in answer["codes"]) == again, code
    assert set(answer["codes"]) - {1005} == {code for code, again in told[""].items() if again}
    assert answer["statuses"] == [408, 425, 429, *range(500, 600)]


def tables() -> dict[str, dict[int, bool]]:
    """Of the README, by dialect, "" for all: which codes make a client connect again."""
    found: dict[str, dict[int, bool]] = {}
    section = (EXAMPLES / "README.md").read_text().split("## Close codes")[1].split("\n## ")[0]
    for part in re.split(r"\n(?=[\w ]+:\n)", section):
        name = part.strip().partition(":")[0]
        rows = found.setdefault("" if name == "In every API" else name, {})
        for cell, action in re.findall(r"^\| ([\d, ]+) \|.*\| ([\w ]+) \|$", part, re.MULTILINE):
            rows.update(dict.fromkeys(map(int, cell.split(", ")), action == "connect again"))
    return found


def test_the_readme_has_every_close_code_of_the_server() -> None:
    told = tables()
    channels = document(Endpoints(Settings()))["channels"]
    assert set(told) - {""} == set(channels) == set(PATHS)
    for name, channel in channels.items():
        sent = set(map(int, re.findall(r"^\| (\d{4}) \|", channel["description"], re.MULTILINE)))
        assert sent <= {*told[""], *told[name]}, name
        assert set(told[name]) <= sent, name

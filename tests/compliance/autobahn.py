"""The Autobahn suite's fuzzing client against our links: every case, counted, and a page of counts.

The suite runs under Python 2.7, in a process of its own; `make autobahn` puts it into a folder.
"""

import argparse
import json
import sys
from functools import partial
from pathlib import Path

import trio

from tests.compliance.counts import LINKS, Run, has_failed, page, told
from tests.compliance.echo import serving

# A folder that is no interpreter's own, whose .pth files count all the same. A case's pauses are a
# second, and stay so; what it waits for the other side is longer.
_START = """
import site, sys
site.addsitedir(sys.argv.pop(1))
patience = float(sys.argv.pop(1))
from autobahn.websocket.protocol import WebSocketClientFactory as Factory
from autobahntestsuite import wstest
from autobahntestsuite.fuzzing import FuzzingProtocol as Protocol
close_after, kill_after = Protocol.closeAfter, Protocol.killAfter
reset = Factory.resetProtocolOptions

def patient(factory):
    reset(factory)
    factory.openHandshakeTimeout *= patience
    factory.closeHandshakeTimeout *= patience

Protocol.closeAfter = lambda self, s: close_after(self, s * patience if s >= 10 else s)
Protocol.killAfter = lambda self, s: kill_after(self, s * patience)
Factory.resetProtocolOptions = patient
wstest.run()
"""

TRIES = tuple((link, deflate) for deflate in (False, True) for link in LINKS)


def main() -> int:
    """0 if nothing failed."""
    given = _arguments()
    runs = []
    for link, deflate in TRIES:
        if link in given.links and ("on" if deflate else "off") in given.deflate:
            verdicts = trio.run(partial(_try, given, link, deflate=deflate))
            runs.append(Run(link, deflate, verdicts))
            print(told(runs[-1]), flush=True)
    if given.page:
        given.page.write_text(page(given.page.read_text(), runs))
    return int(any(map(has_failed, runs)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python2", default="python2.7", help="its interpreter")
    parser.add_argument("--suite", type=Path, required=True, help="the folder it is installed in")
    parser.add_argument("--reports", type=Path, default=Path("autobahn"), help="folder to fill")
    parser.add_argument("--links", nargs="+", choices=LINKS, default=LINKS)
    parser.add_argument("--deflate", nargs="+", choices=("off", "on"), default=("off", "on"))
    parser.add_argument("--cases", nargs="+", default=["*"], help="such as 9.* 12.1.3")
    parser.add_argument("--patience", type=float, default=10.0, help="a factor of its waits")
    parser.add_argument("--page", type=Path, help="the page whose table is to be made anew")
    return parser.parse_args()


async def _try(given: argparse.Namespace, link: str, *, deflate: bool) -> dict[str, dict[str, str]]:
    folder = given.reports.resolve() / f"{link}-deflate-{'on' if deflate else 'off'}"
    folder.mkdir(parents=True, exist_ok=True)
    async with serving(tls=link == "streamed", deflate=deflate) as url:
        spec = {
            "outdir": str(folder),
            "servers": [{"agent": link, "url": url}],
            "cases": given.cases,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        path = folder / "spec.json"
        path.write_text(json.dumps(spec))
        command = [given.python2, "-c", _START, str(given.suite.resolve()), str(given.patience)]
        await trio.run_process([*command, "--mode", "fuzzingclient", "--spec", str(path)])
    verdicts: dict[str, dict[str, str]] = json.loads((folder / "index.json").read_text())[link]
    return verdicts


if __name__ == "__main__":
    sys.exit(main())

"""`make soak`: a real server, a crowd that comes and goes, and a look at it every few seconds."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import trio
from attrs import evolve

from bench import seeding
from bench.audience import Audience
from bench.peer import Place
from bench.progress import Bar
from bench.running import free_port
from bench.soak.crowd import Crowd
from bench.soak.ledger import Ledger, lost_and_doubled
from bench.soak.plot import course
from bench.soak.samples import Sample, Sampler
from bench.soak.verdict import WARM, faults, trends
from bench.trichat import ROOT, SQLITE

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
AUDIENCE = Audience("soak", rooms=12, members=20, dialects=DIALECTS)
CONFIG = (
    SQLITE.config.replace("[server]\n", "[server]\ndeflate = true\n")
    + '[rooms]\nidle_unload = "5s"\n'
)

SETTLE = 15.0  # seconds for the last ones to go


def main() -> int:
    """0 if it was flat and nothing was lost."""
    given = _arguments()
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as work:
        database = Path(work) / "data" / "trichat.db"
        place = Place(
            peers=ROOT, venv=ROOT, debian=ROOT, built=ROOT / "bench" / ".cache",
            work=Path(work), port=free_port(), side_port=0,
        )  # fmt: skip
        with evolve(SQLITE, config=CONFIG).start(place, [AUDIENCE], given.cpu) as running:
            halls = seeding.read(database, [AUDIENCE]).rooms[AUDIENCE.key]
            crowd = Crowd(running, AUDIENCE, halls, ledger, given.crowd, random.Random(given.seed))
            samples, before, after = trio.run(_soak, crowd, given)
        lost, doubled = lost_and_doubled(database, ledger)
    given.plot.write_text(course(samples, samples[-1].at * WARM))
    found = faults(samples, before, after, ledger, lost, doubled)
    _tell(samples, before, after, ledger, found)
    return int(bool(found))


def _arguments() -> argparse.Namespace:
    results = ROOT / "bench" / "results"
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--crowd", type=int, default=100, help="who is there at a time")
    parser.add_argument("--every", type=float, default=5, help="seconds between two looks")
    parser.add_argument("--seed", type=int, default=1, help="of what the crowd does")
    parser.add_argument("--cpu", type=int, default=0, help="the server's processor")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    parser.add_argument("--csv", type=Path, default=results / f"soak-{stamp}.csv")
    parser.add_argument("--plot", type=Path, default=results / "soak.svg")
    return parser.parse_args()


async def _soak(crowd: Crowd, given: argparse.Namespace) -> tuple[list[Sample], Sample, Sample]:
    """The samples while the crowd is there, and one each from before and after."""
    sampler = Sampler(crowd.running, given.csv)
    before = await sampler.take()
    samples, stop = [], trio.Event()
    begin, seconds = trio.current_time(), given.minutes * 60
    with Bar(f"soak of {given.minutes:g} minutes", round(seconds)) as bar:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(crowd.run, stop)
            spent = 0.0
            while spent < seconds:
                await trio.sleep(given.every)
                samples.append(await sampler.take())
                bar.advance(round(trio.current_time() - begin - spent))
                spent = trio.current_time() - begin
            stop.set()
    await trio.sleep(SETTLE)
    return samples, before, await sampler.take()


def _tell(
    samples: list[Sample], before: Sample, after: Sample, ledger: Ledger, found: list[str]
) -> None:
    print("| measure | median | rise over the run | allowed | before | after |")
    print("|---|---:|---:|---:|---:|---:|")
    for measure, trend in trends(samples).items():
        was, remains = getattr(before, measure), getattr(after, measure)
        print(
            f"| {measure} | {trend.median:.1f} | {trend.rise:+.1f} | {trend.allowed:.1f}"
            f" | {was} | {remains} |"
        )
    ended = sorted(ledger.cut_by_server.items())
    cut = ", ".join(f"{count} with {code}" for code, count in ended)
    print(
        f"\n{ledger.connections} connections, {ledger.sent} messages sent,"
        f" {len(ledger.acknowledged)} acknowledged; cut by the server: {cut or 'none'}"
    )
    for fault in found:
        print(f"FAULT: {fault}")
    if not found:
        print("flat, and nothing was lost")


if __name__ == "__main__":
    sys.exit(main())

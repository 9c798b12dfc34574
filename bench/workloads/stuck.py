"""S: 1000 clients that never read, beside healthy ones of the same room and of another."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from attrs import evolve

from bench.audience import Audience
from bench.campaign import Bench
from bench.client import Outcome
from bench.results import Row
from bench.running import Running
from bench.trichat import SQLITE

HEALTHY, STUCK = 20, 1000

# One room: its first users are healthy, and one of them talks.
ROOM = Audience("s", rooms=1, members=HEALTHY + STUCK)
HEARERS = evolve(ROOM, members=HEALTHY)
CROWD = evolve(ROOM, members=STUCK, talkers=0, first=HEALTHY)
OTHERS = Audience("s-others", rooms=1, members=HEALTHY, first=ROOM.users)

# Messages a second, and bytes of one: an outbox overflows while it is measured.
RATE, SIZE = 20, 9000
OTHER_RATE = 50
SECONDS = {"reading": 8, "stuck": 13}
ALONE = 4

LOOK_EVERY, PATIENCE = 0.5, 8
CHATS = 'dialect="chats"'


def run(bench: Bench, turn: int) -> None:
    """Nobody beside them, then a thousand that read; then, on a fresh server, that do not."""
    for kinds in (("none", "reading"), ("stuck",)):
        with bench.fresh() as place, SQLITE.start(place, (ROOM, OTHERS), bench.server_cpu) as on:
            for beside in kinds:
                _measure(bench, on, turn, beside)


def _measure(bench: Bench, on: Running, turn: int, beside: str) -> None:
    found = _talk(bench, on, ALONE) if beside == "none" else _crowded(bench, on, turn, beside)
    for outcome, where in zip(found, ("", ", other room"), strict=True):
        row = Row("S", f"S {beside}{where}", SQLITE.key, turn, outcome.fault, outcome)
        bench.add(row, f"p50 {outcome.latency.p50:.2f} ms, p99 {outcome.latency.p99:.1f} ms")


def _crowded(bench: Bench, on: Running, turn: int, how: str) -> tuple[Outcome, Outcome]:
    seconds = SECONDS[how]
    before = on.rss()
    crowd = bench.client.start(
        bench.plan(on, CROWD, SIZE, "s-crowd"),
        port=on.port, group=on.group, mode={"reading": "idle"}.get(how, how), time=seconds + 3,
        stall=30, at_once=64,
    )  # fmt: skip
    try:
        crowd.await_line("there")
        connected = on.rss()
        with _watched(on) as most:
            found = _talk(bench, on, seconds)
            ended = _ended(on.port, STUCK if how == "stuck" else 0)
        values = {
            "connected_mib": (connected - before) / 1024,
            "peak_mib": (on.peak() - before) / 1024,
            "kernel_mib": most[0] / 1024,
            **ended,
        }
        crowd.signal()
        crowd.outcome()
    finally:
        crowd.process.kill()
    said = f"{values['peak_mib']:.0f} MiB at most, {values['kernel_mib']:.0f} in the kernel"
    bench.add(Row("S", f"S {how}, memory", SQLITE.key, turn, values=values), said)
    return found


def _talk(bench: Bench, on: Running, seconds: float) -> tuple[Outcome, Outcome]:
    """In the room, and at the same time in the other one."""
    start = partial(
        bench.client.start, port=on.port, group=on.group, mode="rate", time=seconds, stall=30
    )
    others = start(bench.plan(on, OTHERS), rate=OTHER_RATE)
    try:
        plan = bench.plan(on, HEARERS, SIZE, "s-hearers")
        return start(plan, rate=RATE).outcome(), others.outcome()
    finally:
        others.process.kill()


@contextmanager
def _watched(on: Running) -> Iterator[list[float]]:
    """The most that the kernel kept for clients meanwhile, in KiB."""
    most, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_EVERY):
            most[0] = max(most[0], on.queued())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _ended(port: int, expected: int) -> dict[str, float]:
    """Sessions that the server ended because their client took too little, and that it lost; an
    end has a deadline of a few seconds, and so has the waiting for it.
    """
    until = time.monotonic() + PATIENCE
    while True:
        counted = _closes(port)
        if sum(counted.values()) >= expected or time.monotonic() > until:
            return counted
        time.sleep(LOOK_EVERY)


def _closes(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    counted = dict(line.rsplit(" ", 1) for line in lines if line and line[0] != "#")
    name = "trichat_connections_closed_total"
    return {
        f"closed_{code}": float(counted.get(f'{name}{{by="{by}",code="{code}",{CHATS}}}', 0))
        for code, by in (("1013", "server"), ("1006", "peer"))
    }

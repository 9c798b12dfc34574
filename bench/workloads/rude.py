"""R: a member who asks for all there is, again and again, beside people who talk."""

import json
import subprocess
import sys

from attrs import evolve

from bench import seeding
from bench.audience import Audience
from bench.campaign import Bench
from bench.client import Outcome
from bench.results import Row
from bench.running import Running
from bench.seeding import Stock, World
from bench.trichat import SECRET, SQLITE
from trichat.auth.tokens import Tokens

# Twenty talk in a room; the rude member is alone in a room with a long history, on a server with
# many users and rooms.
ROOM = Audience("r", rooms=1, members=20)
RUDE = Audience("r-rude", rooms=1, members=1, first=ROOM.users)
STOCK = Stock(users=60_000, rooms=10_000, histories=(("r-rude", 10_000),))

RATE, SECONDS = 50, 10

# With the bounds that a server has of itself: those of the other workloads bound nobody.
SUBJECT = evolve(SQLITE, config="\n".join(
    line for line in SQLITE.config.splitlines() if not line.startswith("frames_per_second")
))  # fmt: skip


def run(bench: Bench, turn: int) -> None:
    """A quiet server first, then the same with the rude member."""
    audiences = (ROOM, RUDE)
    with bench.fresh() as place, SUBJECT.start(place, audiences, bench.server_cpu, STOCK) as on:
        _measure(bench, on, turn, "none", _talk(bench, on))
        before = on.rss()
        rude = _start(on.port, seeding.read(place.work / "data" / "trichat.db", audiences))
        try:
            felt = _talk(bench, on)
            said, _ = rude.communicate(timeout=30)
        finally:
            rude.kill()
        asked = json.loads(said)
        grown = (on.peak() - before) / 1024
        _measure(bench, on, turn, "rude", felt)
        values = {"peak_mib": grown}
        for name, (answers, size) in asked.items():
            values |= {f"{name}: answers": answers, f"{name}: MB": size / 1e6}
        bench.add(Row("R", "R rude, memory", SQLITE.key, turn, values=values), f"{grown:.0f} MiB")


def _measure(bench: Bench, on: Running, turn: int, beside: str, found: Outcome) -> None:
    row = Row("R", f"R {beside}", SQLITE.key, turn, found.fault, found)
    bench.add(row, f"p50 {found.latency.p50:.2f} ms, p99 {found.latency.p99:.1f} ms")


def _talk(bench: Bench, on: Running) -> Outcome:
    return bench.client.start(
        bench.plan(on, ROOM), port=on.port, group=on.group, mode="rate", rate=RATE, time=SECONDS,
        stall=30,
    ).outcome()  # fmt: skip


def _start(port: int, world: World) -> "subprocess.Popen[bytes]":
    person, hall = world.people[RUDE.first], world.rooms[RUDE.key][0]
    token = Tokens(SECRET.encode(), lifetime=86_400).issue(person.uuid, person.id, person.name)
    argv = [sys.executable, "-m", "bench.rude", "--port", str(port), "--token", token]
    argv += ["--room", str(hall.id), "--channel", hall.uuid, "--handle", hall.handle]
    return subprocess.Popen([*argv, "--seconds", str(SECONDS + 2)], stdout=subprocess.PIPE)

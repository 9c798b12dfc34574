"""C: 2000 connections that only stay."""

import math
from collections.abc import Sequence

from attrs import evolve

from bench.audience import Audience
from bench.campaign import Bench
from bench.dialects import SPEECHES
from bench.load import Load, Loads, Profile, Workload
from bench.results import Row
from bench.trichat import CONFIG, SQLITE

# In which it is idle.
SECONDS = 2

IDLE = Audience("c", rooms=100, members=20, talkers=0)


def _scaled(profile: Profile) -> Audience:
    return evolve(IDLE, members=max(round(IDLE.members * profile.scale), 1))


def audiences(profile: Profile) -> Sequence[Audience]:
    return (_scaled(profile),)


def loads(profile: Profile) -> Loads:
    yield Load("C", _scaled(profile), mode="idle", settle=1, seconds=SECONDS)


WORKLOAD = Workload("C", "2000 idle connections", audiences, loads)


# -- what a connection costs in each dialect


def _spoken(dialect: str) -> Workload:
    def audiences(profile: Profile) -> Sequence[Audience]:
        members = max(round(10 * profile.scale), 1)
        return (Audience(f"c-{dialect}", 50, members, talkers=0, dialects=(dialect,)),)

    def loads(profile: Profile) -> Loads:
        for audience in audiences(profile):
            yield Load(f"C {dialect}", audience, mode="idle", settle=1, seconds=SECONDS)

    title = f"500 idle connections: {dialect}"
    return Workload("C", title, audiences, loads, only=("trichat",), alone=True)


DIALECTS = tuple(map(_spoken, SPEECHES))


def run_pings(bench: Bench, turn: int) -> None:
    """What a ping and its answer cost: as C chats, with one a second."""
    (audience,) = DIALECTS[0].audiences(bench.profile)
    often = evolve(SQLITE, config=f'{CONFIG}[heartbeat]\nping_period = "1s"\n')
    with bench.fresh() as place, often.start(place, (audience,), bench.server_cpu) as running:
        load = Load("C chats, a ping each second", audience, mode="idle", settle=1, seconds=SECONDS)
        outcome = bench.measure(running, load)
        cost = outcome.cpu * 1e6 / outcome.pings if outcome.pings else math.nan
        row = Row("C", load.row, SQLITE.key, turn, outcome.fault, outcome, {"us_per_ping": cost})
        bench.add(row, f"{cost:.1f} µs a ping and its answer")

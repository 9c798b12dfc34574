"""C: 2000 connections that only stay."""

from collections.abc import Sequence

from attrs import evolve

from bench.audience import Audience
from bench.dialects import SPEECHES
from bench.load import Load, Loads, Profile, Workload

IDLE = Audience("c", rooms=100, members=20, talkers=0)


def _scaled(profile: Profile) -> Audience:
    return evolve(IDLE, members=max(round(IDLE.members * profile.scale), 1))


def audiences(profile: Profile) -> Sequence[Audience]:
    return (_scaled(profile),)


def loads(profile: Profile) -> Loads:
    yield Load("C", _scaled(profile), mode="idle", settle=1)


WORKLOAD = Workload("C", "2000 idle connections", audiences, loads)


# -- what a connection costs in each dialect


def _spoken(dialect: str) -> Workload:
    def audiences(profile: Profile) -> Sequence[Audience]:
        members = max(round(10 * profile.scale), 1)
        return (Audience(f"c-{dialect}", 50, members, talkers=0, dialects=(dialect,)),)

    def loads(profile: Profile) -> Loads:
        for audience in audiences(profile):
            yield Load(f"C {dialect}", audience, mode="idle", settle=1)

    title = f"500 idle connections: {dialect}"
    return Workload("C", title, audiences, loads, only=("trichat",), alone=True)


DIALECTS = tuple(map(_spoken, SPEECHES))

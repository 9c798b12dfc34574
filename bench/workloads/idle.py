"""C: 2000 connections that only stay."""

from collections.abc import Sequence

from attrs import evolve

from bench.audience import Audience
from bench.load import Load, Loads, Profile, Workload

IDLE = Audience("c", rooms=100, members=20, talkers=0)


def _scaled(profile: Profile) -> Audience:
    return evolve(IDLE, members=max(round(IDLE.members * profile.scale), 1))


def audiences(profile: Profile) -> Sequence[Audience]:
    return (_scaled(profile),)


def loads(profile: Profile) -> Loads:
    yield Load("C", _scaled(profile), mode="idle", settle=1)


WORKLOAD = Workload("C", "2000 idle connections", audiences, loads)

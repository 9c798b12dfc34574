"""B: 100 rooms of 10 in which everybody talks."""

from collections.abc import Sequence

from bench.audience import Audience
from bench.load import Load, Loads, Profile, Workload

ROOMS = Audience("b", rooms=100, members=10, talkers=10)


def audiences(profile: Profile) -> Sequence[Audience]:
    return (ROOMS,)


def loads(profile: Profile) -> Loads:
    yield Load("B", ROOMS, window=32)


WORKLOAD = Workload("B", "100 rooms of 10, everybody talks", audiences, loads)

"""A: one room in which one user talks and all hear them."""

from collections.abc import Sequence

from bench.audience import Audience
from bench.load import Load, Loads, Profile, Workload

HUNDRED = Audience("a100", rooms=1, members=100)
THOUSAND = Audience("a1000", rooms=1, members=1000)

# Messages a second: 10,000 deliveries, which the slowest peers that we know can just do.
RATES = {"a100": 100, "a1000": 10}


def audiences(profile: Profile) -> Sequence[Audience]:
    return HUNDRED, THOUSAND


# Microseconds of a delivery above which 32 messages for a thousand take too long to wait for.
SLOW = 100


def loads(profile: Profile) -> Loads:
    for audience in (HUNDRED, THOUSAND):
        row = audience.key.upper()
        alone = yield Load(f"{row} W1", audience)
        if audience is THOUSAND and (alone is None or not alone.us_per_delivery < SLOW):
            return
        yield Load(f"{row} W32", audience, window=32)
        yield Load(f"{row} rate", audience, mode="rate", rate=RATES[audience.key])


WORKLOAD = Workload("A", "One room, one talks, all hear", audiences, loads, count=6)

"""D: senders, each alone in their room: messages stored and acknowledged per second."""

from collections.abc import Sequence

from bench.audience import Audience
from bench.load import Load, Loads, Profile, Workload

SENDERS = (1, 10, 100, 1000)

# Of each sender under way, where they do not wait for each acknowledgement.
PIPELINED = 16

# A second, of 100 senders together.
RATE = 1000


def _alone(senders: int) -> Audience:
    return Audience(f"d{senders}", rooms=senders, members=1)


def audiences(profile: Profile) -> Sequence[Audience]:
    return [_alone(senders) for senders in SENDERS]


def loads(profile: Profile) -> Loads:
    for audience in audiences(profile):
        row = audience.key.upper()
        warm = 1.5 if audience.rooms >= 1000 else None  # the rooms are loaded first
        yield Load(f"{row} each 1", audience, mode="each", warm=warm)
        yield Load(f"{row} each {PIPELINED}", audience, mode="each", window=PIPELINED, warm=warm)
    yield Load(f"D100 rate {RATE}", _alone(100), mode="rate", rate=RATE)


WORKLOAD = Workload(
    "D",
    "Senders alone in their rooms",
    audiences,
    loads,
    only=("trichat", "trichat-memory", "before", "lately", "lately-memory", "fastapi-sqlite"),
    count=9,
)

"""E: a room with a mixed audience of all five dialects, beside the same room with one."""

from collections.abc import Sequence

from bench.audience import SIZE, Audience
from bench.load import Load, Loads, Profile, Workload

MIXED = Audience(
    "e",
    rooms=1,
    members=100,
    dialects=("chats", "room", "lobby", "channels", "conversations"),
)
ALIKE = Audience("e-alike", rooms=1, members=100)


def audiences(profile: Profile) -> Sequence[Audience]:
    return MIXED, ALIKE


def loads(profile: Profile) -> Loads:
    """The last one's messages are so long that its frames are as long as the mean of E's."""
    size = SIZE
    mixed = yield Load("E W1", MIXED, settle=1)
    alike = yield Load("A100 W1 beside E", ALIKE)
    if mixed and alike:
        size += max(round(mixed.frame_bytes - alike.frame_bytes), 0)
    yield Load("E W32", MIXED, window=32, settle=1)
    yield Load("A100 W32 beside E, padded", ALIKE, window=32, size=size)


WORKLOAD = Workload(
    "E",
    "A room of five dialects",
    audiences,
    loads,
    only=("trichat", "trichat-memory"),
    count=4,
)

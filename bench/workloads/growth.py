"""G: what a delivery costs as a room grows, and as rooms become many."""

from collections.abc import Sequence

from bench.audience import Audience
from bench.load import Load, Loads, Profile, Workload

MEMBERS = (10, 100, 1000, 5000)
ROOMS = (1, 100, 1000, 2000)

# Of each room, where they are many.
FEW = 3


def _large(profile: Profile) -> list[Audience]:
    sizes = [members for members in MEMBERS if members <= max(MEMBERS) * profile.scale]
    return [Audience(f"g-of-{members}", rooms=1, members=members) for members in sizes]


def _many(profile: Profile) -> list[Audience]:
    counts = [rooms for rooms in ROOMS if rooms <= max(ROOMS) * profile.scale]
    return [Audience(f"g-rooms-{rooms}", rooms=rooms, members=FEW, talkers=FEW) for rooms in counts]


def audiences(profile: Profile) -> Sequence[Audience]:
    return [*_large(profile), *_many(profile)]


def loads(profile: Profile) -> Loads:
    for audience in _large(profile):
        yield Load(f"G {audience.members} members", audience)
    for audience in _many(profile):
        warm = 1.5 if audience.rooms >= 1000 else None  # the rooms are loaded first
        yield Load(f"G {audience.rooms} rooms of {FEW}", audience, window=32, warm=warm)


WORKLOAD = Workload(
    "G",
    "Growth",
    audiences,
    loads,
    only=("trichat", "limit"),
    count=len(MEMBERS) + len(ROOMS),
)

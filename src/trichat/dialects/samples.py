"""These things might happen in a small chat: from them the dialects' encoders make the examples of
/asyncapi.json.
"""

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from trichat.core import answers as a
from trichat.core import events as e
from trichat.core.cursor import join, position
from trichat.core.model import (
    Kind,
    Message,
    Origin,
    Overview,
    Reaction,
    Reason,
    Room,
    RoomRole,
    User,
)

NOW: Final = 1_772_366_400_123  # 2026-03-01T12:00:00.123Z


def _uuid(number: int) -> str:
    return f"0195a2c0-0000-7000-8000-{number:012x}"


ADA: Final = User(1, _uuid(1), "ada", "ada@example.com", NOW - 86_400_000, NOW - 86_400_000)
BEN: Final = User(2, _uuid(2), "ben", "ben@example.com", NOW - 43_200_000, NOW - 43_200_000)

TEA: Final = Room(
    7,
    _uuid(7),
    Kind.PUBLIC,
    "tea",
    Origin.REST,
    NOW - 3_600_000,
    NOW - 3_600_000,
    handle="tea",
    description="Leaves, not bags",
    created_by=ADA.id,
)
CORNER: Final = Room(
    8,
    _uuid(8),
    Kind.PRIVATE,
    "corner",
    Origin.LOBBY,
    NOW - 60_000,
    NOW - 60_000,
    max_users=4,
    created_by=ADA.id,
)
PAIR: Final = Room(9, _uuid(9), Kind.DIRECT, "", Origin.DIRECT, NOW - 60_000, NOW - 60_000)

HELLO: Final = Message(
    41, _uuid(41), TEA, ADA, "Is there *any* left, @ben?", NOW, NOW, mentions=(BEN,)
)
EDITED: Final = Message(
    41,
    _uuid(41),
    TEA,
    ADA,
    "Is there any green left, @ben?",
    NOW,
    NOW + 5_000,
    edited=True,
    mentions=(BEN,),
)
CLOSING: Final = Message(42, _uuid(42), CORNER, ADA, "We close at six", NOW, NOW, system=True)
HEART: Final = Reaction(_uuid(51), "❤️", BEN, NOW + 1_000)
LOVED: Final = Message(
    41, _uuid(41), TEA, ADA, HELLO.text, NOW, NOW, mentions=(BEN,), reactions=(HEART,)
)

ENTERED: Final = e.Entered(TEA, BEN, NOW, "", asked=True, name=_uuid(61))
EXITED: Final = e.Exited(TEA, BEN, NOW, "", asked=True, name=_uuid(62))

_EVENTS: Final[tuple[e.Event, ...]] = (
    e.Said(TEA, HELLO, notified=(BEN,), seq=1, at=NOW),
    e.Said(CORNER, CLOSING, seq=1, at=NOW),
    e.Edited(TEA, EDITED, notified=(BEN,), seq=2, at=NOW),
    e.Reacted(TEA, LOVED, HEART, seq=3, at=NOW),
    e.Unreacted(TEA, HELLO, HEART, seq=4, at=NOW),
    e.Deleted(TEA, HELLO, ADA, seq=5, at=NOW),
    e.Deleted(TEA, EDITED, BEN, Reason(_uuid(71), "Off topic"), seq=6, at=NOW),
    e.Admitted(TEA, BEN, ADA, RoomRole.MEMBER, seq=7, at=NOW),
    e.Left(TEA, BEN, BEN, seq=8, at=NOW),
    e.ReadUpTo(TEA, BEN, NOW, newly=((HELLO.id, ADA.id),)),
    e.DeliveredTo(TEA, BEN, NOW, HELLO),
    ENTERED,
    EXITED,
    e.Typed(TEA, BEN, NOW, on=True),
    e.TypedTo(BEN, ADA.id, on=True),
    e.StatusChanged(BEN, NOW, online=True),
    e.StatusChanged(BEN, NOW, online=False),
    e.RoomOpened(TEA, ADA, NOW),
)


def events(dialect: str) -> Iterator[e.Event]:
    """Give what may happen. dialect: the one by which somebody comes in and goes out."""
    for event in _EVENTS:
        if isinstance(event, e.Entered | e.Exited):
            event = evolve(event, dialect=dialect)
        yield event


SAID: Final = e.Said(TEA, HELLO, seq=1, at=NOW)
KEPT: Final = a.Done((SAID,))
PLACE: Final = a.Place(join([position(TEA.id, 1, NOW), position(CORNER.id, 1, NOW)]))
GAP: Final = a.Gap((TEA,), ("12",))

VIEW: Final = a.RoomView(TEA, ((ADA, NOW - 60_000), (BEN, NOW)))
EMPTY: Final = a.RoomView(CORNER, ())
OVERVIEWS: Final = (
    Overview(TEA, (ADA, BEN), HELLO, has_unread=True),
    Overview(PAIR, (ADA, BEN), None, has_unread=False),
)

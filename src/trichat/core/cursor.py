"""A cursor says where a client stands in the logs of its rooms, as a text that it keeps.

A cursor is positions joined by `~`; each begins with the name of what it is about and a dot, and
the latest of a name stands. A room's position is its id, the number of the last event sent and a
trace of that event's time, by which a number of another log is known; and, where an event has more
frames to come, how many of them were sent. `t.` is when the cursor began.
"""

import re
from collections.abc import Iterable, Mapping

from attrs import frozen

MAX_CURSOR = 8000  # characters; it stands in a URL beside a token
_POSITION = re.compile(r"([1-9][0-9]{0,15})\.([0-9]{1,16})\.([0-9a-f]{1,4})(?:\.([1-9][0-9]?))?")
_SINCE = re.compile(r"t\.([0-9]{1,16})")


@frozen
class Position:
    """How far a client has got in one room.

    seq: the last event sent. trace: of its time; None where it need not be proved. sent: how many
    of its frames, where more of them were to come; else 0.
    """

    room_id: int
    seq: int
    trace: int | None
    sent: int = 0

    def __str__(self) -> str:
        rest = f".{self.sent}" if self.sent else ""
        return f"{self.room_id}.{self.seq}.{self.trace or 0:x}{rest}"

    def fits(self, seq: int, at: int) -> bool:
        """Return whether this event is the one that was sent."""
        return self.seq == seq and self.trace in (None, trace(seq, at))


def trace(seq: int, at: int) -> int:
    """Return the trace of an event's time in milliseconds; an empty log has none."""
    return at & 0xFFFF if seq else 0


def position(room_id: int, seq: int, at: int, sent: int = 0) -> Position:
    """Return the position behind this event."""
    return Position(room_id, seq, trace(seq, at), sent)


@frozen
class Cursor:
    """What a client showed.

    positions: by room id. since: when it began, in milliseconds; None if it does not say.
    """

    positions: Mapping[int, Position]
    since: int | None = None


def parse(text: str) -> Cursor | None:
    """Read a cursor; None for what is none."""
    if len(text) > MAX_CURSOR:
        return None
    positions: dict[int, Position] = {}
    since: int | None = None
    for part in text.split("~"):
        if found := _POSITION.fullmatch(part):
            room_id, seq, sent = int(found[1]), int(found[2]), int(found[4] or 0)
            positions[room_id] = Position(room_id, seq, int(found[3], 16), sent)
        elif found := _SINCE.fullmatch(part):
            since = int(found[1])
        else:
            return None
    return Cursor(positions, since)


def join(positions: Iterable[Position], since: int | None = None) -> str:
    """Join as many positions as fit: a room that is left out has a gap later."""
    parts = [] if since is None else [f"t.{since}"]
    size = sum(map(len, parts))
    for each in map(str, positions):
        size += len(each) + 1
        if size > MAX_CURSOR:
            break
        parts.append(each)
    return "~".join(parts)

"""How rooms end: rooms that nobody visits, and rooms in which nothing was ever said."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import Room


@frozen
class NoteVisited:
    """Notes when somebody was last in a room, as (room id, time in ms). Outcome: True."""

    visits: tuple[tuple[int, int], ...]


@frozen
class ArchiveRoom:
    """Archives a room of the lobby if nobody has been in it since `before` (lobby-14).
    Outcome: Changed, or False where it is not deserted.
    """

    room_id: int
    before: int
    at: int


@frozen
class ForgetRoom:
    """Deletes a room made by connecting, if nothing was ever said in it and it has no member
    (all-24).
    Outcome: whether it was deleted (bool).
    """

    room_id: int


EndWrite = NoteVisited | ArchiveRoom | ForgetRoom


class Ends(Protocol):
    """Reads of rooms that may end, or have ended."""

    async def deserted(self, before: int) -> list[Room]:
        """Return public rooms of the lobby that were visited before this time and not since, and
        have no member but their owner.
        """

    async def was_borne(self, name: str) -> bool:
        """Return whether a room that has ended had this name."""

    async def silent(self) -> list[Room]:
        """Return rooms made by connecting that have no member and in which nothing was said."""

    async def is_silent(self, room_id: int) -> bool:
        """Return whether this is such a room."""

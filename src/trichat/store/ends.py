"""How rooms end: those that nobody comes to, and those in which nothing was ever said."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import Room


@frozen
class NoteVisited:
    """Somebody was there: (room id, when in ms). Outcome: True."""

    visits: tuple[tuple[int, int], ...]


@frozen
class ArchiveRoom:
    """If deserted since `before`, it is no room any more (lobby-14). Outcome: Changed, or False."""

    room_id: int
    before: int
    at: int


@frozen
class ForgetRoom:
    """If it was made by connecting, nothing was ever said in it and nobody belongs to it, nothing
    is kept of it (all-24). Outcome: whether (bool).
    """

    room_id: int


EndWrite = NoteVisited | ArchiveRoom | ForgetRoom


class Ends(Protocol):
    """Which rooms may end, and which have ended."""

    async def deserted(self, before: int) -> list[Room]:
        """Public rooms of the lobby visited before and not since, with no member but the owner."""

    async def was_borne(self, name: str) -> bool:
        """Whether a room that has ended bore this name."""

    async def silent(self) -> list[Room]:
        """Rooms made by connecting without a member, in which nothing was ever said."""

    async def is_silent(self, room_id: int) -> bool:
        """Whether this is one of them."""

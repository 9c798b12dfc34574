"""Histories of rooms, newest messages first or page by page."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import Message


@frozen
class Pages:
    """A stretch of a room's history, in pages. bounds: message ids; page i holds what is from
    bounds[i] up to, and not with, bounds[i + 1]. head: the room's last number at that moment.
    """

    bounds: tuple[int, ...]
    head: int


class History(Protocol):
    """What is read of histories."""

    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        """The newest messages with reactions, oldest first, and the room's last number then."""

    async def history_pages(
        self, room_id: int, *, limit: int, text_bytes: int, before_id: int | None = None
    ) -> Pages:
        """Where the pages of the newest messages begin, oldest first: at most `limit` messages,
        and no more of them than have so many bytes of text (UTF-8), but at least the newest one.
        """

    async def history_page(self, room_id: int, first_id: int, end_id: int) -> list[Message]:
        """The messages from one id up to, and not with, another, oldest first."""

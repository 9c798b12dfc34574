"""Histories of rooms: the newest messages, or all of them page by page."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import Message


@frozen
class Pages:
    """Where the pages of a stretch of a room's history lie. bounds: message ids; page i holds the
    messages from bounds[i] up to, and not including, bounds[i + 1]. head: the room's last number
    when it was looked up.
    """

    bounds: tuple[int, ...]
    head: int


class History(Protocol):
    """Reads of histories."""

    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        """Return the newest messages with their reactions, oldest first, and the room's last number
        at that moment.
        """

    async def history_pages(
        self, room_id: int, *, limit: int, text_bytes: int, before_id: int | None = None
    ) -> Pages:
        """Return where the pages of the newest messages begin: of at most `limit` messages with at
        most so many bytes of text (UTF-8) together, but at least of the newest message.
        """

    async def history_page(self, room_id: int, first_id: int, end_id: int) -> list[Message]:
        """Return the messages from one id up to, and not including, another, oldest first."""

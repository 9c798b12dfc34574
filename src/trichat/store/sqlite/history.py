"""A room's history: the newest messages, or all in pages of a few kilobytes."""

import apsw

from trichat.core.model import Message
from trichat.store.history import Pages
from trichat.store.sqlite import messages, rows
from trichat.store.sqlite.messages import of_rows
from trichat.store.sqlite.topic import Reader


def history(
    db: apsw.Connection, room_id: int, limit: int, offset: int, before_id: int | None
) -> tuple[list[Message], int]:
    """A page counted from the newest, itself oldest first, with the head of the log."""
    query = (
        f"SELECT {rows.MESSAGE} FROM messages WHERE room_id = ? AND deleted = 0"
        " AND id < coalesce(?, 9223372036854775807) ORDER BY id DESC LIMIT ? OFFSET ?"
    )
    found = db.execute(query, (room_id, before_id, limit, offset)).fetchall()
    head = db.execute("SELECT last_seq FROM rooms WHERE id = ?", (room_id,)).fetchone()
    return of_rows(db, found[::-1], with_reactions=True), head[0] if head else 0


# Of one page: bytes of text, but for a single longer message, and messages.
PAGE_BYTES, PAGE = 65_536, 200


_LAST = 2**63 - 1


def pages(
    db: apsw.Connection, room_id: int, limit: int, text_bytes: int, before_id: int | None
) -> Pages:
    """Where the pages of the newest messages begin. Only the lengths of texts are read."""
    query = (
        "SELECT id, octet_length(text) FROM messages WHERE room_id = ? AND deleted = 0"
        " AND id < ? ORDER BY id DESC LIMIT ?"
    )
    end = _LAST if before_id is None else before_id
    newest: list[tuple[int, int]] = []
    size = 0
    for id_, length in db.execute(query, (room_id, end, limit)):
        size += length
        if newest and size > text_bytes:
            break
        newest.append((id_, length))
    bounds: list[int] = []
    size = count = 0
    for id_, length in reversed(newest):
        size, count = size + length, count + 1
        if not bounds or size > PAGE_BYTES or count > PAGE:
            bounds.append(id_)
            size, count = length, 1
    if newest:
        bounds.append(newest[0][0] + 1)
    head = db.execute("SELECT last_seq FROM rooms WHERE id = ?", (room_id,)).fetchone()
    return Pages(tuple(bounds), head[0] if head else 0)


def page(db: apsw.Connection, room_id: int, first_id: int, end_id: int) -> list[Message]:
    """One of them, as it is now."""
    where = "room_id = ? AND id >= ? AND id < ?"
    found = messages.select(db, where, room_id, first_id, end_id)
    return sorted(found, key=lambda message: message.id)


class History(Reader):
    """What is read of histories."""

    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        return await self._read(history, room_id, limit, offset, before_id)

    async def history_pages(
        self, room_id: int, *, limit: int, text_bytes: int, before_id: int | None = None
    ) -> Pages:
        return await self._read(pages, room_id, limit, text_bytes, before_id)

    async def history_page(self, room_id: int, first_id: int, end_id: int) -> list[Message]:
        return await self._read(page, room_id, first_id, end_id)

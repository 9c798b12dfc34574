"""A user's rooms as a list of conversations shows them: in which order, and some of them."""

import json
from collections.abc import Iterable, Sequence

import apsw

from trichat.core.model import Kind, Overview
from trichat.store.sqlite import messages, rows
from trichat.store.sqlite.members import first
from trichat.store.sqlite.topic import Reader

_ROOM = rows.columns(rows.ROOM, "rooms")

_NEWEST = "(SELECT max(id) FROM messages WHERE messages.room_id = rooms.id AND deleted = 0)"


def active(db: apsw.Connection, user_id: int, limit: int, kinds: Iterable[Kind]) -> list[int]:
    """The user's rooms by their newest message, else by their making, the latest first."""
    query = (
        "SELECT id FROM (SELECT rooms.id, coalesce((SELECT created_at FROM messages"
        f" WHERE id = {_NEWEST}), rooms.created_at) AS at FROM memberships"
        " JOIN rooms ON rooms.id = memberships.room_id"
        " WHERE memberships.user_id = ? AND archived_at IS NULL"
        " AND kind IN (SELECT value FROM json_each(?))) ORDER BY at DESC, id DESC LIMIT ?"
    )
    wanted = json.dumps([kind.value for kind in kinds])
    return [id_ for (id_,) in db.execute(query, (user_id, wanted, limit))]


def of(db: apsw.Connection, user_id: int, room_ids: Sequence[int], members: int) -> list[Overview]:
    """Of these rooms, those the user is a member of, in the same order."""
    has_unread = (
        "EXISTS (SELECT 1 FROM messages WHERE messages.room_id = rooms.id AND deleted = 0"
        " AND author_id != ?1 AND messages.id > coalesce((SELECT read_id FROM marks"
        " WHERE marks.room_id = rooms.id AND marks.user_id = ?1), 0))"
    )
    query = (
        f"SELECT {_NEWEST} AS newest, {has_unread}, {_ROOM} FROM memberships"
        " JOIN rooms ON rooms.id = memberships.room_id"
        " WHERE memberships.user_id = ?1 AND archived_at IS NULL"
        " AND rooms.id IN (SELECT value FROM json_each(?2))"
    )
    found = rows.fetch(db, query, (user_id, json.dumps(list(room_ids))))
    ids = json.dumps([row[0] for row in found if row[0] is not None])
    newest = messages.select(db, "id IN (SELECT value FROM json_each(?))", ids)
    last = {message.id: message for message in newest}
    seen = {}
    for message_id, unread, *row in found:
        room = rows.room(tuple(row))
        shown = tuple(first(db, room.id, members, user_id))
        seen[room.id] = Overview(room, shown, last.get(message_id), bool(unread))
    return [seen[id_] for id_ in room_ids if id_ in seen]


class Overviews(Reader):
    """What is read of conversations."""

    async def active_rooms(
        self, user_id: int, *, limit: int, kinds: Iterable[Kind] = Kind
    ) -> list[int]:
        return await self._read(active, user_id, limit, kinds)

    async def overviews(
        self, user_id: int, room_ids: Sequence[int], *, members: int
    ) -> list[Overview]:
        return await self._read(of, user_id, room_ids, members)

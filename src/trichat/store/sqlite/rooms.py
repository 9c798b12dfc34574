"""Rooms: how they are made and found."""

from typing import Any

import apsw
from attrs import evolve

from trichat.core import events as e
from trichat.core.model import Kind, Origin, Room, RoomRole
from trichat.core.refusals import NoSuchRoom, Refusal, Taken
from trichat.store.rooms import Changed, CreateRoom, OpenDirect, Opened, UpdateRoom
from trichat.store.sqlite import ends, rows
from trichat.store.sqlite.events import append, change_room
from trichat.store.sqlite.topic import Reader, Writes

CHANGEABLE = {"title", "handle", "description", "max_users"}


def create_room(db: apsw.Connection, write: CreateRoom) -> Opened | Refusal:
    """The room with its first members as the first events of its log."""
    refusal = ends.why_not_made(db, write)
    if refusal is not None:
        return refusal
    db.execute(
        "INSERT INTO rooms (uuid, kind, title, handle, description, origin, max_users,"
        " created_by, created_at, updated_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            write.uuid, write.kind.value, write.title, write.handle, write.description,
            write.origin.value, write.max_users, write.by.id if write.charged else None,
            write.at, write.at, write.at,
        ),
    )  # fmt: skip
    room = rows.one_room_ever(db, db.last_insert_rowid())
    roles = dict.fromkeys(write.invited, RoomRole.MEMBER)
    if write.owned:
        roles = {write.by: RoomRole.OWNER} | {
            user: role for user, role in roles.items() if user.id != write.by.id
        }
    events = tuple(e.Admitted(room, user, write.by, role) for user, role in roles.items())
    return Opened(room, append(db, room.id, events, write.at) or ())


def open_direct(db: apsw.Connection, write: OpenDirect) -> Opened:
    """One room per pair: the primary key of direct_pairs decides a race."""
    pair = sorted((write.by.id, write.other.id))
    found = db.execute(
        "SELECT room_id FROM direct_pairs WHERE low = ? AND high = ?", pair
    ).fetchone()
    if found:
        return Opened(rows.one_room_ever(db, found[0]), ())
    title = f"{write.by.username}, {write.other.username}"
    opened = create_room(
        db,
        CreateRoom(
            write.uuid, Kind.DIRECT, title, Origin.DIRECT, write.by, write.at,
            invited=(write.by, write.other),
        ),
    )  # fmt: skip
    assert isinstance(opened, Opened)
    db.execute(
        "INSERT INTO direct_pairs (low, high, room_id) VALUES (?, ?, ?)", (*pair, opened.room.id)
    )
    return opened


def update_room(db: apsw.Connection, write: UpdateRoom) -> Changed | Refusal:
    """What is so already is no change, and what changes nothing is no event."""
    room = rows.one_room(db, "id", write.room_id)
    if room is None:
        return NoSuchRoom()
    if not write.changes.keys() <= CHANGEABLE:
        raise ValueError(f"{sorted(write.changes)} are not all to be changed")
    changes: dict[str, Any] = {
        key: value for key, value in write.changes.items() if getattr(room, key) != value
    }
    if not changes:
        return Changed(room, ())
    handle = changes.get("handle")
    if handle is not None and rows.one_room(db, "handle", handle) is not None:
        return Taken("handle")
    return change_room(db, evolve(room, **changes), write.by, write.at, changes)


_ROOM = rows.columns(rows.ROOM, "rooms")


def by(db: apsw.Connection, column: str, value: object) -> Room | None:
    """The living room with this id, uuid or handle."""
    return rows.one_room(db, column, value)


# Public ones and those the user ?1 is admitted to, never direct ones; ?2: of this kind alone.
_OPEN = (
    "archived_at IS NULL AND kind != 'direct' AND (kind = 'public' OR EXISTS"
    " (SELECT 1 FROM memberships WHERE room_id = rooms.id AND user_id = ?1))"
    " AND kind = coalesce(?2, kind)"
)


def open_rooms(
    db: apsw.Connection, kind: Kind | None, user_id: int, after: int, limit: int | None
) -> list[Room]:
    """What a user may come into, oldest first, behind an id."""
    query = f"SELECT {_ROOM} FROM rooms WHERE {_OPEN} AND id > ?3 ORDER BY id LIMIT ?4"
    values = (user_id, kind and kind.value, after, -1 if limit is None else limit)
    return [rows.room(row) for row in db.execute(query, values)]


def open_rooms_before(db: apsw.Connection, kind: Kind | None, user_id: int, newest: int) -> int:
    """The id behind which the newest so many of them are."""
    query = f"SELECT id FROM rooms WHERE {_OPEN} ORDER BY id DESC LIMIT 1 OFFSET ?3"
    for (id_,) in db.execute(query, (user_id, kind and kind.value, newest)):
        return int(id_)
    return 0


def count(db: apsw.Connection) -> dict[Kind, int]:
    """Living rooms of each kind."""
    query = "SELECT kind, count(*) FROM rooms WHERE archived_at IS NULL GROUP BY kind"
    return dict.fromkeys(Kind, 0) | {Kind(kind): number for kind, number in db.execute(query)}


WRITES: Writes = {
    CreateRoom: create_room,
    OpenDirect: open_direct,
    UpdateRoom: update_room,
}


class Rooms(Reader):
    """What is read of rooms."""

    async def room(self, room_id: int) -> Room | None:
        return await self._read(by, "id", room_id)

    async def room_by_uuid(self, uuid: str) -> Room | None:
        return await self._read(by, "uuid", uuid)

    async def room_by_handle(self, handle: str) -> Room | None:
        return await self._read(by, "handle", handle)

    async def count_rooms(self) -> dict[Kind, int]:
        return await self._read(count)

    async def open_rooms(
        self, *, kind: Kind | None, user_id: int, after: int = 0, limit: int | None = None
    ) -> list[Room]:
        return await self._read(open_rooms, kind, user_id, after, limit)

    async def open_rooms_before(self, *, kind: Kind | None, user_id: int, newest: int) -> int:
        return await self._read(open_rooms_before, kind, user_id, newest)

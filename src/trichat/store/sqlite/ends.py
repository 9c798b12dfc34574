"""How rooms end, and what of them counts for whoever made them (all-24, all-25)."""

import json

import apsw

from trichat.core.model import Origin, Room
from trichat.core.refusals import RateLimited, RoomEnded, Taken, TooManyRooms
from trichat.store.ends import ArchiveRoom, ForgetRoom, NoteVisited
from trichat.store.rooms import Allowance, Changed, CreateRoom
from trichat.store.sqlite import rows
from trichat.store.sqlite.events import change_room
from trichat.store.sqlite.kinds.messages import SAID
from trichat.store.sqlite.topic import Reader, Writes

_HOUR = 3_600_000  # milliseconds

# Made by connecting; nothing was ever said in it, and nobody belongs to it or has a role there.
_SILENT = (
    "origin = 'room' AND archived_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM memberships WHERE room_id = rooms.id)"
    f" AND NOT EXISTS (SELECT 1 FROM events WHERE room_id = rooms.id AND kind = '{SAID.name}')"
    " AND NOT EXISTS (SELECT 1 FROM grants WHERE room_id = rooms.id)"
)


# Rooms of ?1, but for silent ones among ?2.
_COUNTED = (
    f"created_by = ?1 AND NOT (id IN (SELECT value FROM json_each(?2)) AND {_SILENT})"
    " AND origin IN ('rest', 'room')"
)


def was_borne(db: apsw.Connection, name: str) -> bool:
    """Whether a room of this name has ended."""
    return bool(rows.fetch(db, "SELECT 1 FROM rooms WHERE bore = ? LIMIT 1", (name,)))


def silent(db: apsw.Connection) -> list[Room]:
    """Rooms that are forgotten once nobody has been in them for a while."""
    query = f"SELECT {rows.ROOM} FROM rooms WHERE {_SILENT}"
    return [rows.room(row) for row in rows.fetch(db, query)]


def is_silent(db: apsw.Connection, room_id: int) -> bool:
    """Whether this is one of them."""
    return bool(rows.fetch(db, f"SELECT 1 FROM rooms WHERE id = ? AND {_SILENT}", (room_id,)))


def forget(db: apsw.Connection, write: ForgetRoom) -> bool:
    """Decided here, behind every commit before it: nothing of a silent room is kept."""
    if not is_silent(db, write.room_id):
        return False
    for table, column in (("events", "room_id"), ("marks", "room_id"), ("rooms", "id")):
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", (write.room_id,))
    return True


def why_not_made(
    db: apsw.Connection, write: CreateRoom
) -> Taken | RoomEnded | TooManyRooms | RateLimited | None:
    """What stands in the way of a new room: its name first, then its maker's allowance."""
    if write.handle is not None:
        if rows.fetch(db, "SELECT 1 FROM rooms WHERE handle = ?", (write.handle,)):
            return Taken("handle")
        if write.origin is Origin.ROOM and was_borne(db, write.handle):
            return RoomEnded()
    if write.limit is not None:
        query = (
            "SELECT count(*) FROM rooms WHERE created_by = ? AND origin = ? AND archived_at IS NULL"
        )
        ((made,),) = rows.fetch(db, query, (write.by.id, write.origin.value))
        if made >= write.limit:
            return TooManyRooms()
    if write.allowance is not None:
        return _beyond(db, write, write.allowance)
    return None


def _beyond(
    db: apsw.Connection, write: CreateRoom, allowance: Allowance
) -> TooManyRooms | RateLimited | None:
    whose = (write.by.id, json.dumps(allowance.deserted))
    query = f"SELECT count(*) FROM rooms WHERE {_COUNTED} AND archived_at IS NULL"
    ((living,),) = rows.fetch(db, query, whose)
    if living >= allowance.living:
        return TooManyRooms()
    if allowance.in_an_hour:
        query = (
            f"SELECT created_at FROM rooms WHERE {_COUNTED} AND created_at > ?3"
            " ORDER BY created_at DESC LIMIT ?4"
        )
        since = write.at - _HOUR
        made = rows.fetch(db, query, (*whose, since, allowance.in_an_hour))
        if len(made) == allowance.in_an_hour:
            return RateLimited((made[-1][0] - since) / 1000)
    return None


# Only its owner belongs to it, and since ? nothing happened in it (lobby-14).
DESERTED = (
    "visited_at <= ?1 AND last_at <= ?1 AND archived_at IS NULL"
    " AND origin = 'lobby' AND kind = 'public' AND NOT EXISTS (SELECT 1 FROM memberships"
    " WHERE room_id = rooms.id AND standing != 'owner')"
)


def deserted(db: apsw.Connection, before: int) -> list[Room]:
    """Rooms of the lobby that were visited, but not since."""
    query = f"SELECT {rows.ROOM} FROM rooms WHERE {DESERTED} ORDER BY visited_at"
    return [rows.room(row) for row in db.execute(query, (before,))]


def note_visited(db: apsw.Connection, write: NoteVisited) -> bool:
    """The latest visit counts."""
    db.executemany(
        "UPDATE rooms SET visited_at = max(coalesce(visited_at, 0), ?2) WHERE id = ?1",
        write.visits,
    )
    return True


def archive_room(db: apsw.Connection, write: ArchiveRoom) -> Changed | bool:
    """Decided here, behind every commit before it."""
    query = f"SELECT {rows.ROOM} FROM rooms WHERE id = ?2 AND {DESERTED}"
    for row in rows.fetch(db, query, (write.before, write.room_id)):
        room = rows.room(row).archived(write.at)
        return change_room(db, room, None, write.at, {"archived_at": write.at})
    return False


WRITES: Writes = {
    NoteVisited: note_visited,
    ArchiveRoom: archive_room,
    ForgetRoom: forget,
}


class Ends(Reader):
    """Which rooms may end, and which have ended."""

    async def deserted(self, before: int) -> list[Room]:
        return await self._read(deserted, before)

    async def was_borne(self, name: str) -> bool:
        return await self._read(was_borne, name)

    async def silent(self) -> list[Room]:
        return await self._read(silent)

    async def is_silent(self, room_id: int) -> bool:
        return await self._read(is_silent, room_id)

"""Reads about rooms and who belongs to them."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import Kind, Membership, Room
from trichat.core.roomstate import RoomState
from trichat.store.port import Admission
from trichat.store.sqlite import rows

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


def membership(db: apsw.Connection, room_id: int, user_id: int) -> Membership | None:
    """One user's, if he has one."""
    query = "SELECT user_id, standing, joined_at FROM memberships WHERE room_id = ? AND user_id = ?"
    for row in db.execute(query, (room_id, user_id)):
        return rows.membership(*row)
    return None


def members_among(db: apsw.Connection, room_id: int, user_ids: Iterable[int]) -> set[int]:
    """Those of them who belong to the room."""
    query = (
        "SELECT user_id FROM memberships WHERE room_id = ?"
        " AND user_id IN (SELECT value FROM json_each(?))"
    )
    return {user_id for (user_id,) in db.execute(query, (room_id, json.dumps(list(user_ids))))}


def rooms_of(db: apsw.Connection, user_ids: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the living rooms, but direct ones, that each of them is a member of."""
    query = (
        "SELECT user_id, room_id FROM memberships JOIN rooms ON rooms.id = room_id"
        " WHERE user_id IN (SELECT value FROM json_each(?))"
        " AND archived_at IS NULL AND kind != 'direct' ORDER BY user_id, room_id"
    )
    found: dict[int, list[int]] = {}
    for user_id, room_id in db.execute(query, (json.dumps(list(user_ids)),)):
        found.setdefault(user_id, []).append(room_id)
    return found


def admissions(
    db: apsw.Connection, user_id: int, direct: bool, after: tuple[int, int], limit: int | None
) -> list[Admission]:
    """The user's rooms, in order of joining, those behind (time of joining, id of the room)."""
    query = (
        f"SELECT user_id, standing, joined_at, {_ROOM} FROM memberships"
        " JOIN rooms ON rooms.id = room_id WHERE user_id = ?1 AND archived_at IS NULL"
        " AND (joined_at, room_id) > (?2, ?3) AND (?4 OR kind != 'direct')"
        " ORDER BY joined_at, room_id LIMIT ?5"
    )
    values = (user_id, *after, direct, -1 if limit is None else limit)
    return [
        Admission(rows.room(row[3:]), rows.membership(*row[:3]))
        for row in db.execute(query, values)
    ]


def admitted(db: apsw.Connection, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
    """Of these rooms, those he is a member of."""
    query = (
        f"SELECT {_ROOM} FROM rooms JOIN memberships ON room_id = rooms.id AND user_id = ?"
        " WHERE uuid IN (SELECT value FROM json_each(?)) AND archived_at IS NULL"
    )
    found = (rows.room(row) for row in db.execute(query, (user_id, json.dumps(list(uuids)))))
    return {room.uuid: room for room in found}


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


def share_a_room(db: apsw.Connection, user_id: int, other_id: int) -> bool:
    """Whether two users are members of one room."""
    query = (
        "SELECT 1 FROM memberships AS one JOIN memberships AS other USING (room_id)"
        " WHERE one.user_id = ? AND other.user_id = ? LIMIT 1"
    )
    return bool(rows.fetch(db, query, (user_id, other_id)))


def share_a_direct_room(db: apsw.Connection, user_id: int, other_id: int) -> bool:
    """Whether there is a room of these two."""
    query = "SELECT 1 FROM direct_pairs WHERE low = ? AND high = ?"
    return bool(rows.fetch(db, query, (min(user_id, other_id), max(user_id, other_id))))


def load(db: apsw.Connection, room_id: int) -> RoomState | None:
    """What the room's actor starts from."""
    room = rows.one_room(db, "id", room_id)
    if room is None:
        return None
    ((seq, at),) = rows.fetch(db, "SELECT last_seq, last_at FROM rooms WHERE id = ?", (room_id,))
    query = "SELECT user_id, standing, joined_at FROM memberships WHERE room_id = ?"
    belonging = {row[0]: rows.membership(*row) for row in db.execute(query, (room_id,))}
    return RoomState(room, belonging, seq, at)

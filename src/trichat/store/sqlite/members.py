"""Who belongs to which room."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import Membership, Room, User
from trichat.store.members import Admission
from trichat.store.sqlite import rows
from trichat.store.sqlite.topic import Reader

_ROOM = rows.columns(rows.ROOM, "rooms")

_USER = rows.columns(rows.USER, "users")


def all_of(db: apsw.Connection, room_id: int, limit: int = -1) -> list[User]:
    """The first so many."""
    query = (
        f"SELECT {_USER} FROM memberships JOIN users ON users.id = user_id"
        " WHERE room_id = ? ORDER BY joined_at, user_id LIMIT ?"
    )
    return [rows.user(db, row) for row in db.execute(query, (room_id, limit))]


def page(
    db: apsw.Connection, room_id: int, after: tuple[int, int], limit: int
) -> list[tuple[User, int]]:
    """With the times of joining, those behind (time of joining, id of the user)."""
    query = (
        f"SELECT joined_at, {_USER} FROM memberships JOIN users ON users.id = user_id"
        " WHERE room_id = ? AND (joined_at, user_id) > (?, ?) ORDER BY joined_at, user_id LIMIT ?"
    )
    found = db.execute(query, (room_id, *after, limit))
    return [(rows.user(db, row[1:]), row[0]) for row in found]


def first(db: apsw.Connection, room_id: int, limit: int, among: int) -> list[User]:
    """The first so many, and among them that user, if they belong to the room."""
    found = all_of(db, room_id, limit)
    if limit and len(found) == limit and all(user.id != among for user in found):
        belongs = "SELECT 1 FROM memberships WHERE room_id = ? AND user_id = ?"
        user = rows.one_user(db, "id", among) if rows.fetch(db, belongs, (room_id, among)) else None
        if user is not None:
            found[-1] = user
    return found


def shown(
    db: apsw.Connection, room_ids: Iterable[int], limit: int, among: int
) -> dict[int, tuple[list[User], int]]:
    """By room: those, and how many there are."""
    query = (
        "SELECT room_id, count(*) FROM memberships"
        " WHERE room_id IN (SELECT value FROM json_each(?)) GROUP BY room_id"
    )
    counts = rows.fetch(db, query, (json.dumps(list(room_ids)),))
    return {room_id: (first(db, room_id, limit, among), count) for room_id, count in counts}


def membership(db: apsw.Connection, room_id: int, user_id: int) -> Membership | None:
    """One user's membership of a room."""
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
    """Of these rooms, those the user is a member of."""
    query = (
        f"SELECT {_ROOM} FROM rooms JOIN memberships ON room_id = rooms.id AND user_id = ?"
        " WHERE uuid IN (SELECT value FROM json_each(?)) AND archived_at IS NULL"
    )
    found = (rows.room(row) for row in db.execute(query, (user_id, json.dumps(list(uuids)))))
    return {room.uuid: room for room in found}


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


class Members(Reader):
    """What is read of memberships."""

    async def membership(self, room_id: int, user_id: int) -> Membership | None:
        return await self._read(membership, room_id, user_id)

    async def rooms_of(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        return await self._read(rooms_of, user_ids)

    async def admissions(
        self,
        user_id: int,
        *,
        direct: bool = True,
        after: tuple[int, int] = (0, 0),
        limit: int | None = None,
    ) -> list[Admission]:
        return await self._read(admissions, user_id, direct, after, limit)

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        return await self._look_up(admitted, user_id, uuids)

    async def members_page(
        self, room_id: int, after: tuple[int, int], limit: int
    ) -> list[tuple[User, int]]:
        return await self._read(page, room_id, after, limit)

    async def shown_members(
        self, room_ids: Iterable[int], *, limit: int, among: int
    ) -> dict[int, tuple[list[User], int]]:
        return await self._read(shown, room_ids, limit, among)

    async def members_among(self, room_id: int, user_ids: Iterable[int]) -> set[int]:
        return await self._read(members_among, room_id, user_ids)

    async def share_a_room(self, user_id: int, other_id: int) -> bool:
        return await self._read(share_a_room, user_id, other_id)

    async def share_a_direct_room(self, user_id: int, other_id: int) -> bool:
        return await self._read(share_a_direct_room, user_id, other_id)

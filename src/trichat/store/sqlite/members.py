"""Who belongs to a room, in order of joining: all, a page, or the few that a list shows."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import User
from trichat.store.sqlite import rows

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

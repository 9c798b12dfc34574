"""Rows to values: the one place that knows the order of columns."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apsw

from trichat.core.model import Kind, Membership, Origin, Role, Room, RoomRole, Status, User
from trichat.store.sqlite.connecting import Database

USER = "id, uuid, username, email, created_at, updated_at, avatar, status, banned_until, role"
ROOM = (
    "id, uuid, kind, title, origin, created_at, updated_at, handle, description, max_users,"
    " created_by, archived_at"
)
MESSAGE = "id, uuid, room_id, author_id, text, created_at, updated_at, system, edited, progress"

# A user's row never has the same time twice: the newer of two is known by it.
STAMP = "updated_at = max(?, updated_at + 1)"


def columns(names: str, table: str) -> str:
    """The same columns, each with its table's name before it."""
    return ", ".join(f"{table}.{name.strip()}" for name in names.split(","))


Row = tuple[Any, ...]


def fetch(db: apsw.Connection, query: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows. Values are bound; only this package's own column names stand in a query."""
    return db.execute(query, values).fetchall()


@contextmanager
def savepoint(db: apsw.Connection) -> Iterator[None]:
    """Undone alone when the body raises; on a reader, one moment of the database."""
    with db:
        yield


def hides_addresses(db: apsw.Connection) -> bool:
    """Whether users that are read by it show no e-mail address to others."""
    return isinstance(db, Database) and db.hides_addresses


def user(db: apsw.Connection, row: Row) -> User:
    """From the columns USER."""
    id_, uuid, username, email, created, updated, avatar, status, banned_until, role = row
    return User(
        id_, uuid, username, email, created, updated, avatar,
        Status(status), banned_until, Role(role), hides_addresses(db),
    )  # fmt: skip


def room(row: Row) -> Room:
    """From the columns ROOM."""
    id_, uuid, kind, title, origin, created, updated, handle, description, seats, by, ended = row
    return Room(
        id_, uuid, Kind(kind), title, Origin(origin), created, updated,
        handle, description, seats, by, ended,
    )  # fmt: skip


def membership(user_id: int, role: str, joined_at: int) -> Membership:
    """From the columns user_id, standing, joined_at."""
    return Membership(user_id, RoomRole(role), joined_at)


def one_user(db: apsw.Connection, where: str, value: object) -> User | None:
    """The user with this value in a unique column."""
    for row in db.execute(f"SELECT {USER} FROM users WHERE {where} = ?", (value,)):
        return user(db, row)
    return None


def one_room(db: apsw.Connection, where: str, value: object) -> Room | None:
    """The living room with this value in a unique column."""
    query = f"SELECT {ROOM} FROM rooms WHERE {where} = ? AND archived_at IS NULL"
    for row in db.execute(query, (value,)):
        return room(row)
    return None


def users_by(db: apsw.Connection, column: str, values: Iterable[object]) -> dict[Any, User]:
    """Users keyed by the column asked for: id, uuid or username."""
    wanted = json.dumps(list(values))
    query = f"SELECT {column}, {USER} FROM users WHERE {column} IN (SELECT value FROM json_each(?))"
    return {row[0]: user(db, row[1:]) for row in db.execute(query, (wanted,))}


def one_room_ever(db: apsw.Connection, room_id: int) -> Room:
    """The room of a row that refers to it, archived or not."""
    return room(fetch(db, f"SELECT {ROOM} FROM rooms WHERE id = ?", (room_id,))[0])

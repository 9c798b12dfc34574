"""Reads about users."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import User
from trichat.store.port import ApiKey
from trichat.store.sqlite import rows


def by(db: apsw.Connection, column: str, value: object) -> User | None:
    """The user with this id, uuid or username."""
    return rows.one_user(db, column, value)


def by_uuids(db: apsw.Connection, uuids: Iterable[str]) -> dict[str, User]:
    """Those that exist, keyed by UUID."""
    return rows.users_by(db, "uuid", uuids)


def credentials(db: apsw.Connection, username: str) -> tuple[User, str | None] | None:
    """The user of this exact name with his password's hash."""
    query = f"SELECT password_hash, {rows.USER} FROM users WHERE username = ?"
    for row in db.execute(query, (username,)):
        return rows.user(row[1:]), row[0]
    return None


def of_key(db: apsw.Connection, digest: str) -> tuple[User, int] | None:
    """Whose living API key this is, and the key's number."""
    query = (
        f"SELECT api_keys.id, {rows.columns(rows.USER, 'users')} FROM api_keys"
        " JOIN users ON users.id = api_keys.user_id WHERE digest = ? AND revoked_at IS NULL"
    )
    for row in db.execute(query, (digest,)):
        return rows.user(row[1:]), row[0]
    return None


def of_living_key(db: apsw.Connection, key_id: int) -> User | None:
    """Whose key this is, as long as it opens."""
    query = (
        f"SELECT {rows.columns(rows.USER, 'users')} FROM api_keys"
        " JOIN users ON users.id = api_keys.user_id WHERE api_keys.id = ? AND revoked_at IS NULL"
    )
    for row in db.execute(query, (key_id,)):
        return rows.user(row)
    return None


def living_keys(db: apsw.Connection, ids: Iterable[int]) -> set[int]:
    """Of these keys, those that open."""
    query = (
        "SELECT id FROM api_keys WHERE revoked_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))"
    )
    return {row[0] for row in rows.fetch(db, query, (json.dumps(list(ids)),))}


def api_keys(db: apsw.Connection, user_id: int) -> list[ApiKey]:
    """All his keys, revoked ones too, oldest first."""
    query = (
        "SELECT id, user_id, label, created_at, revoked_at FROM api_keys"
        " WHERE user_id = ? ORDER BY id"
    )
    return [ApiKey(*row) for row in db.execute(query, (user_id,))]


def active(db: apsw.Connection, now: int) -> list[User]:
    """Everyone who may come in, by name without case."""
    query = (
        f"SELECT {rows.USER} FROM users WHERE status = 'ACTIVE' OR banned_until <= ?"
        " ORDER BY folded, username"
    )
    return [rows.user(row) for row in db.execute(query, (now,))]


def everyone(db: apsw.Connection) -> list[User]:
    """By name."""
    return [
        rows.user(row) for row in db.execute(f"SELECT {rows.USER} FROM users ORDER BY username")
    ]


def search(db: apsw.Connection, part: str, limit: int) -> list[User]:
    """Users whose name or address contains the part, case ignored, nothing in it special."""
    query = (
        f"SELECT {rows.USER} FROM users"
        " WHERE instr(folded, ?1) > 0 OR instr(folded_email, ?1) > 0 ORDER BY username LIMIT ?2"
    )
    return [rows.user(row) for row in db.execute(query, (part.casefold(), limit))]


def search_names(db: apsw.Connection, part: str, limit: int, without: int) -> list[User]:
    """Users whose name contains the part, case ignored, nothing in it special."""
    query = (
        f"SELECT {rows.USER} FROM users WHERE instr(folded, ?) > 0 AND id != ?"
        " ORDER BY folded, id LIMIT ?"
    )
    return [rows.user(row) for row in db.execute(query, (part.casefold(), without, limit))]

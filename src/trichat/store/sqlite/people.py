"""Reads about users."""

from collections.abc import Iterable

import apsw

from trichat.core.model import User
from trichat.core.names import comparison_key
from trichat.store.sqlite import rows


def by(db: apsw.Connection, column: str, value: object) -> User | None:
    """The user with this id, uuid or username."""
    return rows.one_user(db, column, value)


def by_uuids(db: apsw.Connection, uuids: Iterable[str]) -> dict[str, User]:
    """Those that exist, keyed by UUID."""
    return rows.users_by(db, "uuid", uuids)


def credentials(db: apsw.Connection, username: str) -> tuple[User, str | None] | None:
    """The user of this name with their password's hash: of the exact one, else of the only one
    that is alike (all-20).
    """
    # One query, so that it takes as long whether there is an exact one, another or none.
    query = (
        f"SELECT password_hash, {rows.USER} FROM users WHERE username = ?1 OR name_key = ?2"
        " ORDER BY username != ?1 LIMIT 2"
    )
    found = rows.fetch(db, query, (username, comparison_key(username)))
    exact = [row for row in found if row[3] == username]
    for password_hash, *user in exact or (found if len(found) == 1 else ()):
        return rows.user(db, tuple(user)), password_hash
    return None


def active(db: apsw.Connection, now: int, after: tuple[str, int], limit: int | None) -> list[User]:
    """Everyone who may come in, by name without case, behind (name, id)."""
    name, user_id = after
    query = (
        f"SELECT {rows.USER} FROM users WHERE (folded, id) > (?1, ?2)"
        " AND (status = 'ACTIVE' OR banned_until <= ?3) ORDER BY folded, id LIMIT ?4"
    )
    values = (name.casefold(), user_id, now, _most(limit))
    return [rows.user(db, row) for row in db.execute(query, values)]


def everyone(db: apsw.Connection, after: tuple[str, int], limit: int | None) -> list[User]:
    """By name, behind (name, id)."""
    query = (
        f"SELECT {rows.USER} FROM users WHERE (username, id) > (?, ?) ORDER BY username, id LIMIT ?"
    )
    return [rows.user(db, row) for row in db.execute(query, (*after, _most(limit)))]


def _most(limit: int | None) -> int:
    return -1 if limit is None else limit


# As many users as have a part are looked at one by one. More are common enough to be met soon in
# the order of names.
_FEW = 1000
_LETTERS = 3  # of the index: see 0007_user_names.sql


def search(db: apsw.Connection, part: str, limit: int) -> list[User]:
    """Users whose name contains the part, or whose address does unless addresses are hidden; case
    ignored, nothing in it special.
    """
    part = part.casefold()
    by_address = "FALSE" if rows.hides_addresses(db) else "instr(folded_email, ?1) > 0"
    query = (
        f"SELECT {rows.USER} FROM users"
        f" WHERE (instr(folded, ?1) > 0 OR {by_address}) AND {_among(db, part)}"
        " ORDER BY username LIMIT ?2"
    )
    return [rows.user(db, row) for row in db.execute(query, (part, limit))]


def search_names(db: apsw.Connection, part: str, limit: int, without: int) -> list[User]:
    """Users whose name contains the part, case ignored, nothing in it special."""
    part = part.casefold()
    query = (
        f"SELECT {rows.USER} FROM users WHERE instr(folded, ?) > 0 AND id != ?"
        f" AND {_among(db, part)} ORDER BY folded, id LIMIT ?"
    )
    return [rows.user(db, row) for row in db.execute(query, (part, without, limit))]


def _among(db: apsw.Connection, part: str) -> str:
    """A condition that leaves whom the part may be of: few, if the index knows that they are."""
    if len(part) < _LETTERS:
        return "TRUE"
    phrase = part.replace('"', '""')
    query = "SELECT rowid FROM user_names WHERE user_names MATCH ? LIMIT ?"
    found = [row[0] for row in db.execute(query, (f'"{phrase}"', _FEW + 1))]
    return f"id IN ({','.join(map(str, found))})" if len(found) <= _FEW else "TRUE"

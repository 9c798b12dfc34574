"""Users: their accounts, names and passwords."""

from collections.abc import Iterable

import apsw

from trichat.core.model import Role, User
from trichat.core.names import comparison_key
from trichat.core.refusals import NoSuchUser, Outdated, Refusal, Taken
from trichat.store.sqlite import apikeys, logins, naming, roles, rows
from trichat.store.sqlite.topic import Reader, Writes
from trichat.store.users import CreateUser, Registered, SetPassword, UpdateUser


def create_user(db: apsw.Connection, write: CreateUser) -> Registered | Taken:
    """E-mail first, then the name: that is the order of the contract's answers."""
    if write.email is not None and naming.address_is_taken(db, write.email):
        return Taken("email")
    if naming.name_is_taken(db, write.username):
        return Taken("username")
    first = db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None
    db.execute(
        f"INSERT INTO users (uuid, {naming.COLUMNS}, password_hash, avatar, role, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            write.uuid, *naming.cells(write.username, write.email), write.password_hash,
            write.avatar, write.role.value, write.at, write.at,
        ),
    )  # fmt: skip
    user = rows.one_user(db, "id", db.last_insert_rowid())
    assert user is not None
    if write.role is not Role.MEMBER:
        roles.grant(db, user.id, write.role, write.at)
    if write.login is not None:
        logins.begin(db, user.id, write.login, write.at)
    return Registered(user, first)


def set_password(db: apsw.Connection, write: SetPassword) -> User | Refusal:
    """A new hash, in place of the one that was looked at."""
    db.execute(
        f"UPDATE users SET password_hash = ?, {rows.STAMP}"
        " WHERE id = ? AND (?4 IS NULL OR password_hash = ?4)",
        (write.password_hash, write.at, write.user_id, write.before),
    )
    if not db.changes():
        return Outdated() if rows.one_user(db, "id", write.user_id) else NoSuchUser()
    if write.ends:
        logins.end_all(db, write.user_id, write.at, write.but)
    if write.keys:
        apikeys.revoke_all(db, write.at, write.user_id)
    return rows.one_user(db, "id", write.user_id) or NoSuchUser()


def update_user(db: apsw.Connection, write: UpdateUser) -> User | Taken | NoSuchUser:
    """The name first, then the address: that is the order of the contract's answers. What the
    user bears already stays theirs, whoever bears the like.
    """
    user = rows.one_user(db, "id", write.user_id)
    if user is None:
        return NoSuchUser()
    username = None if write.username == user.username else write.username
    email = None if write.email == user.email else write.email
    if username is not None and naming.name_is_taken(db, username, user.id):
        return Taken("username")
    if email is not None and naming.address_is_taken(db, email, user.id):
        return Taken("email")
    db.execute(
        f"UPDATE users SET ({naming.COLUMNS}) = (coalesce(?1, username), coalesce(?2, folded),"
        " coalesce(?3, name_key), coalesce(?4, email), coalesce(?5, folded_email)),"
        " avatar = nullif(coalesce(?6, avatar), ''), updated_at = max(?7, updated_at + 1)"
        " WHERE id = ?8",
        (*naming.cells(username, email), write.avatar, write.at, write.user_id),
    )
    return rows.one_user(db, "id", write.user_id) or NoSuchUser()


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
_LOOKED_AT_SINGLY = 1000

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
    found = [row[0] for row in db.execute(query, (f'"{phrase}"', _LOOKED_AT_SINGLY + 1))]
    return f"id IN ({','.join(map(str, found))})" if len(found) <= _LOOKED_AT_SINGLY else "TRUE"


WRITES: Writes = {
    CreateUser: create_user,
    SetPassword: set_password,
    UpdateUser: update_user,
}


class Users(Reader):
    """What is read of users."""

    async def user(self, user_id: int) -> User | None:
        return await self._read(by, "id", user_id)

    async def user_by_uuid(self, uuid: str) -> User | None:
        return await self._read(by, "uuid", uuid)

    async def user_by_name(self, username: str) -> User | None:
        return await self._read(by, "username", username)

    async def users(self, uuids: Iterable[str]) -> dict[str, User]:
        return await self._read(by_uuids, uuids)

    async def credentials(self, username: str) -> tuple[User, str | None] | None:
        return await self._read(credentials, username)

    async def active_users(
        self, *, now: int, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        return await self._read(active, now, after, limit)

    async def all_users(
        self, *, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        return await self._read(everyone, after, limit)

    async def search_names(self, part: str, *, limit: int, without: int) -> list[User]:
        return await self._read(search_names, part, limit, without)

    async def search_users(self, part: str, *, limit: int) -> list[User]:
        return await self._read(search, part, limit)

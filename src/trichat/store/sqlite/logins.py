"""Logins: what their tokens open ends with them."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import Status
from trichat.core.refusals import NoSuchLogin, Outdated, UsedBefore
from trichat.store.logins import (
    EndLogin,
    EndLogins,
    ForgetLogins,
    LoggedIn,
    NewLogin,
    OpenLogin,
    Renewed,
    RenewLogin,
    TokenStatus,
)
from trichat.store.sqlite import rows
from trichat.store.sqlite.topic import Reader, Writes

_TOKEN_STATUS = (
    f"SELECT tokens_since, logins.name, logins.ended_at, {rows.columns(rows.USER, 'users')}"
    " FROM users LEFT JOIN logins ON logins.name = ?2 AND logins.user_id = users.id"
    " WHERE users.uuid = ?1"
)


def token_status(db: apsw.Connection, uuid: str, login: str) -> TokenStatus | None:
    """One row has the user and the login that their token names."""
    for since, name, ended_at, *user in db.execute(_TOKEN_STATUS, (uuid, login)):
        there, ended = name is not None, ended_at is not None
        return TokenStatus(rows.user(db, tuple(user)), since, there, ended)
    return None


def ended(db: apsw.Connection, names: Iterable[str]) -> set[str]:
    """Of these, those that have ended."""
    query = (
        "SELECT name FROM logins WHERE ended_at IS NOT NULL"
        " AND name IN (SELECT value FROM json_each(?))"
    )
    return {name for (name,) in rows.fetch(db, query, (json.dumps(list(names)),))}


def tokens_since(db: apsw.Connection, user_ids: Iterable[int]) -> dict[int, int]:
    """For whom that was ever set."""
    query = (
        "SELECT id, tokens_since FROM users WHERE tokens_since > 0"
        " AND id IN (SELECT value FROM json_each(?))"
    )
    return dict(rows.fetch(db, query, (json.dumps(list(user_ids)),)))


def begin(db: apsw.Connection, user_id: int, login: NewLogin, at: int) -> None:
    """The row alone."""
    db.execute(
        "INSERT INTO logins (name, user_id, created_at, expires_at, ends_at, family, secret,"
        " renewed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            login.name, user_id, at, login.expires_at, login.ends_at, login.family, login.secret,
            at,
        ),
    )  # fmt: skip


def open_login(db: apsw.Connection, write: OpenLogin) -> LoggedIn | Outdated:
    """Unless the password was changed since it was looked at: its old logins have ended."""
    query = "SELECT 1 FROM users WHERE id = ? AND password_hash = ?"
    if not rows.fetch(db, query, (write.user_id, write.password_hash)):
        return Outdated()
    ended = _make_room(db, write) if write.login.family is not None else ()
    begin(db, write.user_id, write.login, write.at)
    return LoggedIn(ended)


def _make_room(db: apsw.Connection, write: OpenLogin) -> tuple[str, ...]:
    """Those renewed the longest ago, but for as many as may stay beside the new one."""
    query = (
        "SELECT name FROM logins WHERE user_id = ? AND expires_at > ? AND ended_at IS NULL"
        " AND family IS NOT NULL ORDER BY renewed_at DESC, name LIMIT -1 OFFSET ?"
    )
    found = rows.fetch(db, query, (write.user_id, write.at, max(0, write.most - 1)))
    for row in found:
        _end(db, row[0], write.at)
    return tuple(name for (name,) in found)


def renew(db: apsw.Connection, write: RenewLogin) -> Renewed | NoSuchLogin | UsedBefore:
    """What was used before ends the login: one of the two who had it is a thief. Who may not come
    in now keeps the token they have.
    """
    query = (
        "SELECT name, user_id, ends_at, expires_at, secret, former, renewed_at FROM logins"
        " WHERE family = ? AND ended_at IS NULL AND expires_at > ?"
    )
    for name, user_id, ends_at, until, *secrets in rows.fetch(db, query, (write.family, write.at)):
        secret, former, renewed_at = secrets
        user = rows.one_user(db, "id", user_id)
        assert user is not None
        again = write.shown == former and secret in (write.next, *write.former)
        if again and abs(write.at - renewed_at) < write.grace:
            return Renewed(user, name, until, None if secret == write.next else secret)
        if write.shown != secret:
            _end(db, name, write.at)
            return UsedBefore(name, user_id)
        if user.as_of(write.at).status is Status.ACTIVE:
            until = min(ends_at, write.expires_at)
            db.execute(
                "UPDATE logins SET secret = ?, former = ?, renewed_at = ?, expires_at = ?"
                " WHERE name = ?",
                (write.next, write.shown, write.at, until, name),
            )
        return Renewed(user, name, until)
    return NoSuchLogin()


def end(db: apsw.Connection, write: EndLogin) -> bool:
    """From now on its tokens open nothing."""
    db.execute(
        "INSERT INTO logins (name, user_id, created_at, expires_at, ends_at, ended_at)"
        " VALUES (?1, ?2, ?3, ?4, ?4, ?3)"
        " ON CONFLICT (name) DO UPDATE SET ended_at = ?3 WHERE ended_at IS NULL",
        (write.name, write.user_id, write.at, write.expires_at),
    )
    return True


def end_every(db: apsw.Connection, write: EndLogins) -> bool:
    """All of a user's."""
    end_all(db, write.user_id, write.at)
    return True


def end_all(db: apsw.Connection, user_id: int, at: int, but: str | None = None) -> None:
    """End all logins of a user, but perhaps this one, and their tokens that name none."""
    db.execute(
        "UPDATE logins SET ended_at = ? WHERE user_id = ? AND ended_at IS NULL AND name IS NOT ?",
        (at, user_id, but),
    )
    db.execute("UPDATE users SET tokens_since = max(?, tokens_since) WHERE id = ?", (at, user_id))


def count(db: apsw.Connection, now: int) -> int:
    """Those whose tokens may be good at that time."""
    query = "SELECT count(*) FROM logins WHERE ended_at IS NULL AND expires_at > ?"
    ((found,),) = rows.fetch(db, query, (now,))
    return int(found)


def forget(db: apsw.Connection, write: ForgetLogins) -> int:
    """The oldest first."""
    gone = 0
    for table, key in (("logins", "name"), ("tickets", "digest")):
        db.execute(
            f"DELETE FROM {table} WHERE {key} IN"
            f" (SELECT {key} FROM {table} WHERE expires_at < ? ORDER BY expires_at LIMIT ?)",
            (write.before, write.most - gone),
        )
        gone += db.changes()
    return gone


def _end(db: apsw.Connection, name: str, at: int) -> None:
    db.execute("UPDATE logins SET ended_at = ? WHERE name = ?", (at, name))


WRITES: Writes = {
    OpenLogin: open_login,
    RenewLogin: renew,
    EndLogin: end,
    EndLogins: end_every,
    ForgetLogins: forget,
}


class Logins(Reader):
    """What is read of logins."""

    async def token_status(self, uuid: str, login: str) -> TokenStatus | None:
        return await self._look_up(token_status, uuid, login)

    async def ended_logins(self, names: Iterable[str]) -> set[str]:
        return await self._read(ended, names)

    async def tokens_since(self, user_ids: Iterable[int]) -> dict[int, int]:
        return await self._read(tokens_since, user_ids)

    async def count_logins(self, now: int) -> int:
        return await self._read(count, now)

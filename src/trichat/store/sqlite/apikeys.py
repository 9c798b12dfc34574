"""API keys: whose they are, which of them open, and what is written of them."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import User
from trichat.core.refusals import Outdated, TooManyKeys
from trichat.store.apikeys import AddApiKey, ApiKey, KeyHolder, NoteKeysUsed, RevokeApiKey
from trichat.store.sqlite import rows
from trichat.store.sqlite.topic import Reader, Writes

_LIVING = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)"

_USER = rows.columns(rows.USER, "users")

_LATER = 3600.0  # seconds after which it is worth a try again, where no key ends by itself


def holder(db: apsw.Connection, digest: str) -> KeyHolder | None:
    """Whose key this is, unless it was revoked."""
    query = (
        f"SELECT api_keys.id, api_keys.expires_at, {_USER}"
        " FROM api_keys JOIN users ON users.id = api_keys.user_id"
        " WHERE digest = ? AND revoked_at IS NULL"
    )
    for key_id, expires_at, *user in db.execute(query, (digest,)):
        return KeyHolder(rows.user(db, tuple(user)), key_id, expires_at)
    return None


def of_living(db: apsw.Connection, key_id: int) -> User | None:
    """Whose key this is, unless it was revoked."""
    query = (
        f"SELECT {_USER} FROM api_keys"
        " JOIN users ON users.id = api_keys.user_id WHERE api_keys.id = ? AND revoked_at IS NULL"
    )
    for row in db.execute(query, (key_id,)):
        return rows.user(db, row)
    return None


def living(db: apsw.Connection, ids: Iterable[int]) -> set[int]:
    """Of these keys, those that were not revoked."""
    query = (
        "SELECT id FROM api_keys WHERE revoked_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))"
    )
    return {row[0] for row in rows.fetch(db, query, (json.dumps(list(ids)),))}


def of_user(db: apsw.Connection, user_id: int) -> list[ApiKey]:
    """All of a user's keys, those too that are over, oldest first."""
    query = (
        "SELECT id, user_id, label, created_at, revoked_at, expires_at, used_at FROM api_keys"
        " WHERE user_id = ? ORDER BY id"
    )
    return [ApiKey(*row) for row in db.execute(query, (user_id,))]


def add(db: apsw.Connection, write: AddApiKey) -> int | Outdated | TooManyKeys:
    """The digest of a new key, if its user may have one more."""
    if write.password_hash is not None:
        query = "SELECT 1 FROM users WHERE id = ? AND password_hash = ?"
        if not rows.fetch(db, query, (write.user_id, write.password_hash)):
            return Outdated()
    if write.most is not None:
        query = f"SELECT count(*), min(expires_at) FROM api_keys WHERE user_id = ?1 AND {_LIVING}"
        ((many, first),) = rows.fetch(db, query, (write.user_id, write.at))
        if many >= write.most:
            return TooManyKeys(_LATER if first is None else (first - write.at) / 1000)
        _forget_the_oldest(db, write.user_id, write.at, write.most)
    db.execute(
        "INSERT INTO api_keys (user_id, digest, label, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (write.user_id, write.digest, write.label, write.at, write.expires_at),
    )
    return db.last_insert_rowid()


def _forget_the_oldest(db: apsw.Connection, user_id: int, at: int, most: int) -> None:
    """Who makes and revokes keys for ever fills neither the table nor the list."""
    db.execute(
        "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE user_id = ?1"
        f" AND NOT ({_LIVING}) ORDER BY id DESC LIMIT -1 OFFSET ?3)",
        (user_id, at, most),
    )


def revoke(db: apsw.Connection, write: RevokeApiKey) -> bool:
    """From now on it opens nothing."""
    db.execute(
        "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        (write.at, write.key_id),
    )
    return db.changes() == 1


def revoke_all(db: apsw.Connection, at: int, user_id: int | None = None) -> None:
    """All of this user's, or of everybody."""
    db.execute(
        "UPDATE api_keys SET revoked_at = ?1"
        " WHERE revoked_at IS NULL AND (?2 IS NULL OR user_id = ?2)",
        (at, user_id),
    )


def note_used(db: apsw.Connection, write: NoteKeysUsed) -> bool:
    """The latest use counts."""
    db.executemany(
        "UPDATE api_keys SET used_at = max(coalesce(used_at, 0), ?2) WHERE id = ?1", write.uses
    )
    return True


WRITES: Writes = {
    AddApiKey: add,
    RevokeApiKey: revoke,
    NoteKeysUsed: note_used,
}


class ApiKeys(Reader):
    """What is read of API keys."""

    async def key_holder(self, digest: str) -> KeyHolder | None:
        return await self._look_up(holder, digest)

    async def user_of_living_key(self, key_id: int) -> User | None:
        return await self._read(of_living, key_id)

    async def api_keys(self, user_id: int) -> list[ApiKey]:
        return await self._read(of_user, user_id)

    async def living_keys(self, ids: Iterable[int]) -> set[int]:
        return await self._read(living, ids)

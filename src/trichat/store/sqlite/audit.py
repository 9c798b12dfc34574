"""The audit log, and what administrators read."""

import json

import apsw

from trichat.core.model import Action, AuditEntry, Reason, Status, Target, User
from trichat.store.audit import Account, Channel, Tally
from trichat.store.sqlite import rows
from trichat.store.sqlite.topic import Reader

# A user's status at the moment :now.
_STATUS = "CASE WHEN banned_until <= :now THEN 'ACTIVE' ELSE status END"

_LIVING = "SELECT id FROM rooms WHERE kind != 'direct' AND archived_at IS NULL"


def append(
    db: apsw.Connection,
    reason: Reason,
    action: Action,
    target: Target,
    target_id: str,
    by_id: int,
    at: int,
) -> None:
    """An entry, in the transaction of what it is about."""
    metadata = None if reason.metadata is None else json.dumps(reason.metadata)
    db.execute(
        "INSERT INTO acts (uuid, action, target, target_id, by_id, reason, metadata, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            reason.act, action.value, target.value, target_id, by_id, reason.text, metadata, at,
        ),
    )  # fmt: skip


def stands(db: apsw.Connection, act: str) -> bool:
    """Whether there is this entry."""
    return bool(rows.fetch(db, "SELECT 1 FROM acts WHERE uuid = ?", (act,)))


def read(
    db: apsw.Connection,
    limit: int,
    offset: int,
    action: Action | None,
    target: Target | None,
    by: str | None,
) -> list[AuditEntry]:
    """Newest first."""
    query = (
        "SELECT acts.uuid, action, target, target_id, reason, metadata, at,"
        f" {rows.columns(rows.USER, 'users')} FROM acts JOIN users ON users.id = by_id"
        " WHERE (?1 IS NULL OR action = ?1) AND (?2 IS NULL OR target = ?2)"
        " AND (?3 IS NULL OR users.uuid = ?3) ORDER BY acts.id DESC LIMIT ?4 OFFSET ?5"
    )
    wanted = (action and action.value, target and target.value, by, limit, offset)
    found = []
    for uuid, did, to, target_id, text, metadata, at, *user in rows.fetch(db, query, wanted):
        reason = Reason(uuid, text, None if metadata is None else json.loads(metadata))
        who = rows.user(db, tuple(user))
        found.append(AuditEntry(reason, Action(did), Target(to), target_id, at, who))
    return found


def accounts(
    db: apsw.Connection, now: int, limit: int, offset: int, status: Status | None, part: str
) -> list[Account]:
    """The newest users first; what they have done is counted for this page alone."""
    query = (
        f"SELECT {rows.USER} FROM users"
        f" WHERE (:status IS NULL OR {_STATUS} = :status)"
        " AND (instr(folded, :part) > 0 OR instr(folded_email, :part) > 0)"
        " ORDER BY id DESC LIMIT :limit OFFSET :offset"
    )
    wanted = {
        "now": now, "status": status and status.value, "part": part.casefold(),
        "limit": limit, "offset": offset,
    }  # fmt: skip
    users = [rows.user(db, row).as_of(now) for row in db.execute(query, wanted)]
    said = _counts(
        db,
        "SELECT author_id, count(*) FROM messages WHERE deleted = 0"
        f" AND author_id IN (SELECT value FROM json_each(?)) AND room_id IN ({_LIVING})"
        " GROUP BY author_id",
        users,
    )
    joined = _counts(
        db,
        "SELECT user_id, count(*) FROM memberships"
        f" WHERE user_id IN (SELECT value FROM json_each(?)) AND room_id IN ({_LIVING})"
        " GROUP BY user_id",
        users,
    )
    return [Account(user, said.get(user.id, 0), joined.get(user.id, 0)) for user in users]


def channels(
    db: apsw.Connection, limit: int, offset: int, archived: bool | None, part: str
) -> list[Channel]:
    """The newest rooms first, but direct ones; private and archived ones too."""
    query = (
        "SELECT archived_at, (SELECT count(*) FROM memberships WHERE room_id = rooms.id),"
        f" {rows.ROOM} FROM rooms WHERE kind != 'direct'"
        " AND (:archived IS NULL OR (archived_at IS NOT NULL) = :archived)"
        " AND instr(lower(title), lower(:part)) > 0 ORDER BY id DESC LIMIT :limit OFFSET :offset"
    )
    wanted = {"archived": archived, "part": part, "limit": limit, "offset": offset}
    return [
        Channel(rows.room(tuple(room)), archived_at, members)
        for archived_at, members, *room in db.execute(query, wanted)
    ]


def _counts(db: apsw.Connection, query: str, users: list[User]) -> dict[int, int]:
    """By user; none for who has none."""
    return {row[0]: row[1] for row in db.execute(query, (json.dumps([u.id for u in users]),))}


def tally(db: apsw.Connection, now: int, since: int) -> Tally:
    """Counts, which walk whole tables: they are for few to see."""
    query = f"SELECT {_STATUS} AS standing, count(*) FROM users GROUP BY standing"
    by_status = {row[0]: row[1] for row in db.execute(query, {"now": now})}
    ((channels,),) = rows.fetch(db, f"SELECT count(*) FROM ({_LIVING})")
    ((messages, fresh),) = rows.fetch(
        db,
        "SELECT count(*), count(*) FILTER (WHERE created_at >= ?) FROM messages"
        f" WHERE deleted = 0 AND room_id IN ({_LIVING})",
        (since,),
    )
    users = {status: by_status.get(status.value, 0) for status in Status}
    return Tally(users, channels, messages, fresh)


class Audit(Reader):
    """What administrators read."""

    async def accounts(
        self, *, now: int, limit: int, offset: int, status: Status | None = None, part: str = ""
    ) -> list[Account]:
        return await self._read(accounts, now, limit, offset, status, part)

    async def acts(
        self,
        *,
        limit: int,
        offset: int = 0,
        action: Action | None = None,
        target: Target | None = None,
        by: str | None = None,
    ) -> list[AuditEntry]:
        return await self._read(read, limit, offset, action, target, by)

    async def channels(
        self, *, limit: int, offset: int, archived: bool | None = None, part: str = ""
    ) -> list[Channel]:
        return await self._read(channels, limit, offset, archived, part)

    async def tally(self, *, now: int, since: int) -> Tally:
        return await self._read(tally, now, since)

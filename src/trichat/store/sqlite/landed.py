"""What became of a write whose commit gave no answer: the ids it would have left behind tell."""

import apsw

from trichat.core import events as e
from trichat.core.model import User
from trichat.core.refusals import UsedBefore
from trichat.store.apikeys import AddApiKey, NoteKeysUsed, RevokeApiKey
from trichat.store.condition import Probe
from trichat.store.ends import ArchiveRoom, ForgetRoom, NoteVisited
from trichat.store.log import Commit, Committed
from trichat.store.logins import (
    EndLogin,
    EndLogins,
    ForgetLogins,
    LoggedIn,
    OpenLogin,
    Renewed,
    RenewLogin,
)
from trichat.store.outsiders import AdmitOutsider
from trichat.store.port import Outcome, Write
from trichat.store.roles import AssignRole, RemoveRole, SetRole
from trichat.store.rooms import CreateRoom, OpenDirect, Opened
from trichat.store.signing import EndEverything, UseSigningKey
from trichat.store.sqlite import audit, events, outsiders, rooms, rows, signing, users
from trichat.store.suspensions import EndSentence, Judge
from trichat.store.tickets import AddTicket, TakeTicket
from trichat.store.users import CreateUser, Registered, SetPassword, UpdateUser


def landed(db: apsw.Connection, write: Write) -> Outcome | None:
    """Its outcome if it is there, else None."""
    match write:
        case Commit():
            return _commit(db, write)
        case CreateUser(uuid=uuid):
            user = users.by(db, "uuid", uuid)
            return Registered(user, user.id == 1) if user else None
        case AdmitOutsider(uuid=uuid, issuer=issuer, subject=subject):
            user = outsiders.find(db, issuer, subject)
            return Registered(user, user.id == 1 and user.uuid == uuid) if user else None
        case CreateRoom(uuid=uuid):
            room = rooms.by(db, "uuid", uuid)
            return Opened(room, tuple(events.read(db, room.id, 0, -1))) if room else None
        case OpenDirect(uuid=uuid, by=by, other=other):
            pair = sorted((by.id, other.id))
            found = db.execute(
                "SELECT room_id FROM direct_pairs WHERE low = ? AND high = ?", pair
            ).fetchone()
            if not found:
                return None
            room = rows.one_room_ever(db, found[0])
            ours = room.uuid == uuid
            return Opened(room, tuple(events.read(db, room.id, 0, 2)) if ours else ())
        case SetPassword(user_id=user_id, password_hash=hashed, at=at):
            stands = "password_hash = ? AND updated_at >= ?"
            return _changed(db, user_id, stands, hashed, at)
        case OpenLogin() | RenewLogin() | EndLogin() | EndLogins():
            return _of_logins(db, write)
        case EndEverything(at=at):
            return True if signing.signing(db).everyone_out_at >= at else None
        case UseSigningKey(kid=kid):
            return True if signing.signing(db).kid == kid else None
        case AddTicket(digest=digest):
            return (
                True
                if rows.fetch(db, "SELECT 1 FROM tickets WHERE digest = ?", (digest,))
                else None
            )
        case TakeTicket() | ForgetLogins():
            return None  # what it takes away is not there to tell: who asked asks again
        case SetRole(user_id=user_id, role=role, at=at):
            return _changed(db, user_id, "role = ? AND updated_at >= ?", role.value, at)
        case UpdateUser():
            return _updated(db, write)
        case EndSentence(user_id=user_id, at=at):
            return _changed(db, user_id, "status = 'ACTIVE' AND updated_at >= ?", at)
        case Judge() | AssignRole() | RemoveRole():
            known = audit.stands(db, write.grounds.act)
            return rows.one_user(db, "id", write.user_id) if known else None
        case AddApiKey(digest=digest):
            found = db.execute("SELECT id FROM api_keys WHERE digest = ?", (digest,)).fetchone()
            return int(found[0]) if found else None
        case NoteVisited() | NoteKeysUsed() | Probe():
            return None
        case ArchiveRoom(room_id=room_id, at=at):
            query = "SELECT 1 FROM rooms WHERE id = ? AND archived_at = ?"
            return True if rows.fetch(db, query, (room_id, at)) else None
        case ForgetRoom(room_id=room_id):
            return None if rows.fetch(db, "SELECT 1 FROM rooms WHERE id = ?", (room_id,)) else True
        case RevokeApiKey(key_id=key_id, at=at):
            query = "SELECT 1 FROM api_keys WHERE id = ? AND revoked_at = ?"
            return True if rows.fetch(db, query, (key_id, at)) else None


def _of_logins(
    db: apsw.Connection,
    write: OpenLogin | RenewLogin | EndLogin | EndLogins,
) -> Outcome | None:
    match write:
        case OpenLogin(user_id=user_id, login=login, at=at):
            if not rows.fetch(db, "SELECT 1 FROM logins WHERE name = ?", (login.name,)):
                return None
            query = "SELECT name FROM logins WHERE user_id = ? AND ended_at = ?"
            return LoggedIn(tuple(name for (name,) in rows.fetch(db, query, (user_id, at))))
        case RenewLogin():
            return _renewed(db, write)
        case EndLogin(name=name):
            query = "SELECT 1 FROM logins WHERE name = ? AND ended_at IS NOT NULL"
            return True if rows.fetch(db, query, (name,)) else None
        case EndLogins(user_id=user_id, at=at):
            query = "SELECT 1 FROM users WHERE id = ? AND tokens_since >= ?"
            return True if rows.fetch(db, query, (user_id, at)) else None


def _renewed(db: apsw.Connection, write: RenewLogin) -> Outcome | None:
    query = (
        "SELECT name, user_id, expires_at, ended_at FROM logins WHERE family = ?"
        " AND (secret = ?2 AND former = ?3 AND renewed_at = ?4 AND ended_at IS NULL"
        " OR ended_at = ?4)"
    )
    wanted = (write.family, write.next, write.shown, write.at)
    for name, user_id, expires_at, ended_at in rows.fetch(db, query, wanted):
        if ended_at is not None:
            return UsedBefore(name, user_id)
        user = users.by(db, "id", user_id)
        return user and Renewed(user, name, expires_at)
    return None


def _updated(db: apsw.Connection, write: UpdateUser) -> User | None:
    stands = (
        "username = coalesce(?, username) AND email IS coalesce(?, email)"
        " AND avatar IS nullif(coalesce(?, avatar), '') AND updated_at >= ?"
    )
    return _changed(db, write.user_id, stands, write.username, write.email, write.avatar, write.at)


def _changed(db: apsw.Connection, user_id: int, stands: str, *values: object) -> User | None:
    if rows.fetch(db, f"SELECT 1 FROM users WHERE id = ? AND {stands}", (user_id, *values)):
        return rows.one_user(db, "id", user_id)
    return None


def _commit(db: apsw.Connection, write: Commit) -> Committed | None:
    numbered = [event for event in write.events if isinstance(event, e.Numbered)]
    if not numbered:
        return None
    stored = events.read(db, write.room_id, write.expected_seq, len(numbered))
    if [_trace(event) for event in stored] != [_trace(event) for event in numbered]:
        return None
    fresh = iter(stored)
    return Committed(
        tuple(next(fresh) if isinstance(event, e.Numbered) else event for event in write.events)
    )


def _trace(event: e.RoomEvent) -> tuple[object, ...]:
    about: object
    match event:
        case e.Reacted(reaction=reaction) | e.Unreacted(reaction=reaction):
            about = reaction.uuid
        case e.Admitted(user=user) | e.Left(user=user):
            about = user.id
        case e.Unknown():
            about = None
        case _:
            about = event.message.uuid
    return type(event), event.seq, event.at, about

"""What became of a write whose commit gave no answer: the ids it would have left behind tell."""

import apsw

from trichat.core import events as e
from trichat.core.model import User
from trichat.core.refusals import UsedBefore
from trichat.store import port
from trichat.store.sqlite import acts, log, logins, outsiders, people, places, rows


def landed(db: apsw.Connection, write: port.Write) -> port.Outcome | None:
    """Its outcome if it is there, else None."""
    match write:
        case port.Commit():
            return _commit(db, write)
        case port.CreateUser(uuid=uuid):
            user = people.by(db, "uuid", uuid)
            return port.Registered(user, user.id == 1) if user else None
        case port.AdmitOutsider(uuid=uuid, issuer=issuer, subject=subject):
            user = outsiders.find(db, issuer, subject)
            return port.Registered(user, user.id == 1 and user.uuid == uuid) if user else None
        case port.CreateRoom(uuid=uuid):
            room = places.by(db, "uuid", uuid)
            return port.Opened(room, tuple(log.read(db, room.id, 0, -1))) if room else None
        case port.OpenDirect(uuid=uuid, by=by, other=other):
            pair = sorted((by.id, other.id))
            found = db.execute(
                "SELECT room_id FROM direct_pairs WHERE low = ? AND high = ?", pair
            ).fetchone()
            if not found:
                return None
            room = rows.one_room_ever(db, found[0])
            ours = room.uuid == uuid
            return port.Opened(room, tuple(log.read(db, room.id, 0, 2)) if ours else ())
        case port.SetPassword(user_id=user_id, password_hash=hashed, at=at):
            stands = "password_hash = ? AND updated_at >= ?"
            return _changed(db, user_id, stands, hashed, at)
        case port.OpenLogin() | port.RenewLogin() | port.EndLogin() | port.EndLogins():
            return _of_logins(db, write)
        case port.EndEverything(at=at):
            return True if logins.signing(db).everyone_out_at >= at else None
        case port.UseSigningKey(kid=kid):
            return True if logins.signing(db).kid == kid else None
        case port.AddTicket(digest=digest):
            return (
                True
                if rows.fetch(db, "SELECT 1 FROM tickets WHERE digest = ?", (digest,))
                else None
            )
        case port.TakeTicket() | port.ForgetLogins():
            return None  # what it takes away is not there to tell: who asked asks again
        case port.SetRole(user_id=user_id, role=role, at=at):
            return _changed(db, user_id, "role = ? AND updated_at >= ?", role.value, at)
        case port.UpdateUser():
            return _updated(db, write)
        case port.EndSentence(user_id=user_id, at=at):
            return _changed(db, user_id, "status = 'ACTIVE' AND updated_at >= ?", at)
        case port.Judge() | port.AssignRole() | port.RemoveRole():
            known = acts.stands(db, write.grounds.act)
            return rows.one_user(db, "id", write.user_id) if known else None
        case port.AddApiKey(digest=digest):
            found = db.execute("SELECT id FROM api_keys WHERE digest = ?", (digest,)).fetchone()
            return int(found[0]) if found else None
        case port.NoteVisited() | port.NoteKeysUsed() | port.Probe():
            return None
        case port.ArchiveRoom(room_id=room_id, at=at):
            query = "SELECT 1 FROM rooms WHERE id = ? AND archived_at = ?"
            return True if rows.fetch(db, query, (room_id, at)) else None
        case port.ForgetRoom(room_id=room_id):
            return None if rows.fetch(db, "SELECT 1 FROM rooms WHERE id = ?", (room_id,)) else True
        case port.RevokeApiKey(key_id=key_id, at=at):
            query = "SELECT 1 FROM api_keys WHERE id = ? AND revoked_at = ?"
            return True if rows.fetch(db, query, (key_id, at)) else None


def _of_logins(
    db: apsw.Connection,
    write: port.OpenLogin | port.RenewLogin | port.EndLogin | port.EndLogins,
) -> port.Outcome | None:
    match write:
        case port.OpenLogin(user_id=user_id, login=login, at=at):
            if not rows.fetch(db, "SELECT 1 FROM logins WHERE name = ?", (login.name,)):
                return None
            query = "SELECT name FROM logins WHERE user_id = ? AND ended_at = ?"
            return port.LoggedIn(tuple(name for (name,) in rows.fetch(db, query, (user_id, at))))
        case port.RenewLogin():
            return _renewed(db, write)
        case port.EndLogin(name=name):
            query = "SELECT 1 FROM logins WHERE name = ? AND ended_at IS NOT NULL"
            return True if rows.fetch(db, query, (name,)) else None
        case port.EndLogins(user_id=user_id, at=at):
            query = "SELECT 1 FROM users WHERE id = ? AND tokens_since >= ?"
            return True if rows.fetch(db, query, (user_id, at)) else None


def _renewed(db: apsw.Connection, write: port.RenewLogin) -> port.Outcome | None:
    query = (
        "SELECT name, user_id, expires_at, ended_at FROM logins WHERE family = ?"
        " AND (secret = ?2 AND former = ?3 AND renewed_at = ?4 AND ended_at IS NULL"
        " OR ended_at = ?4)"
    )
    wanted = (write.family, write.next, write.shown, write.at)
    for name, user_id, expires_at, ended_at in rows.fetch(db, query, wanted):
        if ended_at is not None:
            return UsedBefore(name, user_id)
        user = people.by(db, "id", user_id)
        return user and port.Renewed(user, name, expires_at)
    return None


def _updated(db: apsw.Connection, write: port.UpdateUser) -> User | None:
    stands = (
        "username = coalesce(?, username) AND email IS coalesce(?, email)"
        " AND avatar IS nullif(coalesce(?, avatar), '') AND updated_at >= ?"
    )
    return _changed(db, write.user_id, stands, write.username, write.email, write.avatar, write.at)


def _changed(db: apsw.Connection, user_id: int, stands: str, *values: object) -> User | None:
    if rows.fetch(db, f"SELECT 1 FROM users WHERE id = ? AND {stands}", (user_id, *values)):
        return rows.one_user(db, "id", user_id)
    return None


def _commit(db: apsw.Connection, write: port.Commit) -> port.Committed | None:
    numbered = [event for event in write.events if isinstance(event, e.Numbered)]
    if not numbered:
        return None
    stored = log.read(db, write.room_id, write.expected_seq, len(numbered))
    if [_trace(event) for event in stored] != [_trace(event) for event in numbered]:
        return None
    fresh = iter(stored)
    return port.Committed(
        tuple(next(fresh) if isinstance(event, e.Numbered) else event for event in write.events)
    )


def _trace(event: e.RoomEvent) -> tuple[object, ...]:
    about: object
    match event:
        case e.Reacted(reaction=reaction) | e.Unreacted(reaction=reaction):
            about = reaction.uuid
        case e.Admitted(user=user) | e.Left(user=user):
            about = user.id
        case _:
            about = event.message.uuid
    return type(event), event.seq, event.at, about

"""Each write as statements on the writer's connection, inside a transaction the adapter holds."""

from collections.abc import Callable
from typing import Any

import apsw

from trichat.core import events as e
from trichat.core.model import Kind, Origin, Role, Standing, User
from trichat.core.refusals import NoSuchUser, Outdated, Refusal, Taken
from trichat.store import port
from trichat.store.sqlite import (
    apikeys,
    ends,
    log,
    logins,
    naming,
    outsiders,
    places,
    ranks,
    rows,
    tickets,
)
from trichat.store.sqlite.projections import project, store_events


def commit(db: apsw.Connection, write: port.Commit) -> port.Committed | port.Stale:
    """The room's next events, if nobody else has written to it since."""
    numbered = [event for event in write.events if isinstance(event, e.Numbered)]
    last_at = numbered[-1].at if numbered else None
    db.execute(
        "UPDATE rooms SET last_seq = last_seq + ?, last_at = coalesce(?, last_at)"
        " WHERE id = ? AND last_seq = ? AND archived_at IS NULL",
        (len(numbered), last_at, write.room_id, write.expected_seq),
    )
    if not db.changes():
        return _stale(db, write)
    for seq, event in enumerate(numbered, start=write.expected_seq + 1):
        if event.seq != seq:
            raise ValueError(f"room {write.room_id}: number {event.seq} in place of {seq}")
    return port.Committed(project(db, write.events))


def _stale(db: apsw.Connection, write: port.Commit) -> port.Stale:
    query = "SELECT last_seq FROM rooms WHERE id = ? AND archived_at IS NULL"
    found = db.execute(query, (write.room_id,)).fetchone()
    if found is None:
        return port.Stale(())
    after = min(write.expected_seq, found[0])
    return port.Stale(tuple(log.read(db, write.room_id, after, -1)))


# -- the registry's writes


def create_user(db: apsw.Connection, write: port.CreateUser) -> port.Registered | Taken:
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
        ranks.grant(db, user.id, write.role, write.at)
    if write.login is not None:
        logins.begin(db, user.id, write.login, write.at)
    return port.Registered(user, first)


def create_room(db: apsw.Connection, write: port.CreateRoom) -> port.Opened | Refusal:
    """The room with its first members as the first events of its log."""
    refusal = ends.why_not_made(db, write)
    if refusal is not None:
        return refusal
    db.execute(
        "INSERT INTO rooms (uuid, kind, title, handle, description, origin, max_users,"
        " created_by, created_at, updated_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            write.uuid, write.kind.value, write.title, write.handle, write.description,
            write.origin.value, write.max_users, write.by.id if write.charged else None,
            write.at, write.at, write.at,
        ),
    )  # fmt: skip
    room = rows.one_room_ever(db, db.last_insert_rowid())
    standings = dict.fromkeys(write.invited, Standing.MEMBER)
    if write.owned:
        standings = {write.by: Standing.OWNER} | {
            user: standing for user, standing in standings.items() if user.id != write.by.id
        }
    events = tuple(
        e.Admitted(room, seq, write.at + seq, user, write.by, standing)
        for seq, (user, standing) in enumerate(standings.items(), start=1)
    )
    return port.Opened(room, store_events(db, events))


def open_direct(db: apsw.Connection, write: port.OpenDirect) -> port.Opened:
    """One room per pair: the primary key of direct_pairs decides a race."""
    pair = sorted((write.by.id, write.other.id))
    found = db.execute(
        "SELECT room_id FROM direct_pairs WHERE low = ? AND high = ?", pair
    ).fetchone()
    if found:
        return port.Opened(rows.one_room_ever(db, found[0]), ())
    title = f"{write.by.username}, {write.other.username}"
    opened = create_room(
        db,
        port.CreateRoom(
            write.uuid, Kind.DIRECT, title, Origin.DIRECT, write.by, write.at,
            invited=(write.by, write.other),
        ),
    )  # fmt: skip
    assert isinstance(opened, port.Opened)
    db.execute(
        "INSERT INTO direct_pairs (low, high, room_id) VALUES (?, ?, ?)", (*pair, opened.room.id)
    )
    return opened


def set_password(db: apsw.Connection, write: port.SetPassword) -> User | Refusal:
    """A new hash, in place of the one that was looked at."""
    db.execute(
        f"UPDATE users SET password_hash = ?, {ranks.STAMP}"
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


def update_user(db: apsw.Connection, write: port.UpdateUser) -> User | Taken | NoSuchUser:
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


def note_visited(db: apsw.Connection, write: port.NoteVisited) -> bool:
    """The latest visit counts."""
    db.executemany(
        "UPDATE rooms SET visited_at = max(coalesce(visited_at, 0), ?2) WHERE id = ?1",
        write.visits,
    )
    return True


def archive_room(db: apsw.Connection, write: port.ArchiveRoom) -> bool:
    """Decided here, behind every commit before it."""
    db.execute(
        f"UPDATE rooms SET archived_at = ?3 WHERE id = ?2 AND {places.DESERTED}",
        (write.before, write.room_id, write.at),
    )
    return db.changes() == 1


def probe(db: apsw.Connection, write: port.Probe) -> bool:
    """The schema's number as it is: SQLite writes its page anew without looking."""
    db.pragma("user_version", db.pragma("user_version"))
    return True


WRITES: dict[type, Callable[[apsw.Connection, Any], port.Outcome]] = {
    port.Commit: commit,
    port.CreateUser: create_user,
    port.AdmitOutsider: outsiders.admit,
    port.CreateRoom: create_room,
    port.OpenDirect: open_direct,
    port.SetPassword: set_password,
    port.OpenLogin: logins.open_login,
    port.RenewLogin: logins.renew,
    port.EndLogin: logins.end,
    port.EndLogins: logins.end_every,
    port.EndEverything: logins.end_everything,
    port.UseSigningKey: logins.use_signing_key,
    port.ForgetLogins: logins.forget,
    port.AddTicket: tickets.add,
    port.TakeTicket: tickets.take,
    port.SetRole: ranks.set_role,
    port.UpdateUser: update_user,
    port.Judge: ranks.judge,
    port.EndSentence: ranks.end_sentence,
    port.AssignRole: ranks.assign_role,
    port.RemoveRole: ranks.remove_role,
    port.AddApiKey: apikeys.add,
    port.RevokeApiKey: apikeys.revoke,
    port.NoteKeysUsed: apikeys.note_used,
    port.NoteVisited: note_visited,
    port.ArchiveRoom: archive_room,
    port.ForgetRoom: ends.forget,
    port.Probe: probe,
}

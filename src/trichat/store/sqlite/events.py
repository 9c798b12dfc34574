"""The events table: numbered events to rows and back, and what they amount to in other tables."""

import json
from collections.abc import Mapping
from typing import Any

import apsw

from trichat.core import events as e
from trichat.core.model import Message, Room, User
from trichat.store.rooms import Changed
from trichat.store.sqlite import marks, messages, rows
from trichat.store.sqlite.kinds import BY_EVENT, BY_NAME
from trichat.store.sqlite.kinds.kind import EventKind, Logged


def append(
    db: apsw.Connection,
    room_id: int,
    events: tuple[Any, ...],
    now: int,
    *,
    after: int | None = None,
) -> tuple[Any, ...] | None:
    """Give events their place in a room's log, and log and project them. Return them as stored.

    after: the number that the last one must have; None, with nothing stored, where it has another,
    and where the room is archived or unknown.
    """
    query = "SELECT last_seq, last_at FROM rooms WHERE id = ? AND archived_at IS NULL"
    found = db.execute(query, (room_id,)).fetchone()
    if found is None:
        return None
    seq, last_at = found
    if after is not None and after != seq:
        return None
    at = max(now - 1, last_at)
    stored: list[Any] = []
    for event in events:
        kind = BY_EVENT.get(type(event))
        if kind is None:
            stored.append(marks.project(db, event))
        else:
            seq, at = seq + 1, at + 1
            stored.append(_log(db, kind, event, seq, at))
    if seq != found[0]:
        query = "UPDATE rooms SET last_seq = ?, last_at = ? WHERE id = ?"
        db.execute(query, (seq, at, room_id))
    return tuple(stored)


def change_room(
    db: apsw.Connection, room: Room, by: User | None, now: int, changes: Mapping[str, Any]
) -> Changed:
    """Make the room this one, as the next event of its log."""
    changed = e.RoomChanged(room, by, changes)
    # `room` is as it will be, and the one in the table lives
    (stored,) = append(db, room.id, (changed,), now) or ()
    return Changed(stored.room, (stored,))


def _log(db: apsw.Connection, kind: EventKind[Any], event: Any, seq: int, at: int) -> Any:
    """Project one event and log it; in this order, since a message gets the id that its row refers
    to by its projection.
    """
    event = kind.project(db, event, seq, at)
    user_id, by_id, message_id, data = kind.cells(event)
    db.execute(
        "INSERT INTO events (room_id, seq, kind, at, user_id, by_id, message_id, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (event.room.id, seq, kind.name, at, user_id, by_id, message_id, data),
    )
    return event


def read(db: apsw.Connection, room_id: int, after: int, limit: int) -> list[e.RoomEvent]:
    """Return the events numbered above `after`, in order. Messages are as they are now."""
    found = rows.fetch(
        db,
        "SELECT seq, kind, at, user_id, by_id, message_id, data FROM events"
        " WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (room_id, after, limit),
    )
    if not found:
        return []
    room = rows.one_room_ever(db, room_id)
    people: set[int | None] = set()
    bare: set[int | None] = set()
    full: set[int | None] = set()
    known: dict[int, tuple[EventKind[Any], dict[str, Any]]] = {}
    for seq, name, _, user_id, by_id, message_id, text in found:
        kind = BY_NAME.get(name)
        if kind is not None:
            data = json.loads(text) if text else {}
            known[seq] = kind, data
            people.update((user_id, by_id), data.get("notified", ()))
            (full if kind.with_reactions else bare).add(message_id)
    users = rows.users_by(db, "id", people - {None})
    about = _messages(db, bare - full, with_reactions=False)
    about |= _messages(db, full, with_reactions=True)
    events: list[e.RoomEvent] = []
    for seq, _, at, user_id, by_id, message_id, _ in found:
        if seq in known:
            kind, data = known[seq]
            row = Logged(room, seq, at, user_id, by_id, message_id, data, users, about)
            events.append(kind.read(row))
        else:
            events.append(e.Unknown(room, seq=seq, at=at))
    return events


def _messages(
    db: apsw.Connection, ids: set[int | None], *, with_reactions: bool
) -> dict[int | None, Message]:
    """Deleted ones too."""
    ids -= {None}
    query = f"SELECT {rows.MESSAGE} FROM messages WHERE id IN (SELECT value FROM json_each(?))"
    found = rows.fetch(db, query, (json.dumps(list(ids)),)) if ids else []
    return {each.id: each for each in messages.of_rows(db, found, with_reactions=with_reactions)}

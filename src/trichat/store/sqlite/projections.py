"""What each event amounts to in the tables: projections, written with the log entry itself."""

from collections.abc import Callable
from typing import Any

import apsw
from attrs import evolve

from trichat.core import events as e
from trichat.core.model import Action, Target
from trichat.store.sqlite import audit, ends, events, marks, reactions
from trichat.store.sqlite import mentions as mentioning


def store_events(db: apsw.Connection, events: tuple[Any, ...]) -> tuple[Any, ...]:
    """Log and project events of one room; the room's head moves to the last one's number."""
    stored = project(db, events)
    for event in reversed(stored):
        if isinstance(event, e.Numbered):
            db.execute(
                "UPDATE rooms SET last_seq = ?, last_at = ? WHERE id = ?",
                (event.seq, event.at, event.room.id),
            )
            break
    return stored


def project(db: apsw.Connection, events: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same for events to whose last number the room's head has been moved."""
    return tuple([_PROJECTIONS[type(event)](db, event) for event in events])


def _said(db: apsw.Connection, event: e.Said) -> e.Said:
    message = event.message
    db.execute(
        "INSERT INTO messages (uuid, room_id, seq, author_id, text, system, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message.uuid, event.room.id, event.seq, message.author.id, message.text,
            int(message.system), message.created_at, message.updated_at,
        ),
    )  # fmt: skip
    message_id = db.last_insert_rowid()
    mentions, told = mentioning.told(db, event.room.id, message.text, message.author)
    message = message.stored(message_id, mentions)
    mentioning.keep(db, message_id, mentions)
    if event.key is not None:
        key, digest = event.key
        db.execute(
            "INSERT INTO sends (room_id, user_id, key, message_id, digest) VALUES (?, ?, ?, ?, ?)",
            (event.room.id, message.author.id, key, message.id, digest),
        )
    event = e.Said(event.room, event.seq, event.at, message, told)
    events.append(db, event)
    return event


def _edited(db: apsw.Connection, event: e.Edited) -> e.Edited:
    """Told are those whom the text before did not name."""
    message = event.message
    mentions, told = mentioning.told(db, event.room.id, message.text, message.author)
    db.execute(
        "UPDATE messages SET text = ?, updated_at = ?, edited = 1 WHERE id = ?",
        (message.text, message.updated_at, message.id),
    )
    before = mentioning.replace(db, message.id, mentions)
    counts = reactions.counts(db, [message.id])
    message = evolve(
        message,
        mentions=mentions,
        reactions=reactions.built(db, reactions.newest(db, counts)) if counts else (),
        reaction_counts=tuple(counts.get(message.id, {}).items()),
    )
    newly = tuple(user for user in told if user.id not in before)
    event = e.Edited(event.room, event.seq, event.at, message, newly)
    events.append(db, event)
    return event


def _deleted(db: apsw.Connection, event: e.Deleted) -> e.Deleted:
    message_id = (event.message.id,)
    db.execute("UPDATE messages SET deleted = 1, text = '' WHERE id = ?", message_id)
    db.execute("DELETE FROM mentions WHERE message_id = ?", message_id)
    db.execute("DELETE FROM reactions WHERE message_id = ?", message_id)
    events.append(db, event)
    if event.grounds is not None:
        uuid = event.message.uuid
        audit.append(
            db, event.grounds, Action.DELETE_MESSAGE, Target.MESSAGE, uuid, event.by.id, event.at
        )
    return event


def _reacted(db: apsw.Connection, event: e.Reacted) -> e.Reacted:
    reaction = event.reaction
    db.execute(
        "INSERT INTO reactions (uuid, message_id, user_id, emoji, created_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            reaction.uuid, event.message.id, reaction.user.id, reaction.emoji,
            reaction.created_at,
        ),
    )  # fmt: skip
    events.append(db, event)
    return event


def _unreacted(db: apsw.Connection, event: e.Unreacted) -> e.Unreacted:
    db.execute("DELETE FROM reactions WHERE uuid = ?", (event.reaction.uuid,))
    events.append(db, event)
    return event


def _admitted(db: apsw.Connection, event: e.Admitted) -> e.Admitted:
    db.execute(
        "INSERT INTO memberships (room_id, user_id, standing, joined_at) VALUES (?, ?, ?, ?)",
        (event.room.id, event.user.id, event.standing.value, event.at),
    )
    events.append(db, event)
    return event


def _left(db: apsw.Connection, event: e.Left) -> e.Left:
    db.execute(
        "DELETE FROM memberships WHERE room_id = ? AND user_id = ?",
        (event.room.id, event.user.id),
    )
    events.append(db, event)
    ends.archive_if_left(db, event.room.id, event.at)
    return event


_PROJECTIONS: dict[type, Callable[[apsw.Connection, Any], Any]] = {
    e.Said: _said,
    e.Edited: _edited,
    e.Deleted: _deleted,
    e.Reacted: _reacted,
    e.Unreacted: _unreacted,
    e.Admitted: _admitted,
    e.Left: _left,
    e.ReadUpTo: marks.read_up_to,
    e.DeliveredTo: marks.delivered_to,
}

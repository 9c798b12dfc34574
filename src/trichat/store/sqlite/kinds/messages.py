"""Messages are said, edited and deleted."""

import json
from typing import Annotated, Any, ClassVar

import apsw
from attrs import evolve
from msgspec import Meta, Struct

from trichat.core.events import Deleted, Edited, Said
from trichat.core.model import Action, Reason, Target, User
from trichat.store.sqlite import audit, mentions, reactions
from trichat.store.sqlite.kinds.forms import Uuid
from trichat.store.sqlite.kinds.kind import Cells, EventKind, Logged


class Notified(Struct, forbid_unknown_fields=True):
    """The ids of users, as the data of what names somebody."""

    notified: Annotated[list[int], Meta(min_length=1)]


class Reasons(Struct, forbid_unknown_fields=True):
    """An administrator's reason, as the data of what they did."""

    LONGEST: ClassVar = 65_536  # characters; as it is sent it has 4096, and may be written longer

    act: Uuid
    reason: str | None
    metadata: dict[str, Any] | None


def _said(db: apsw.Connection, event: Said, seq: int, at: int) -> Said:
    message = event.message
    db.execute(
        "INSERT INTO messages (uuid, room_id, seq, author_id, text, system, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message.uuid, event.room.id, seq, message.author.id, message.text,
            int(message.system), at, at,
        ),
    )  # fmt: skip
    message_id = db.last_insert_rowid()
    named, notified = mentions.found(db, event.room.id, message.text, message.author)
    mentions.keep(db, message_id, named)
    if event.key is not None:
        key, digest = event.key
        db.execute(
            "INSERT INTO sends (room_id, user_id, key, message_id, digest) VALUES (?, ?, ?, ?, ?)",
            (event.room.id, message.author.id, key, message_id, digest),
        )
    return event.placed(seq, at, message_id, named, notified)


def _edited(db: apsw.Connection, event: Edited, seq: int, at: int) -> Edited:
    """Those are notified whom the text before did not name."""
    message = event.message
    named, notified = mentions.found(db, event.room.id, message.text, message.author)
    db.execute(
        "UPDATE messages SET text = ?, updated_at = ?, edited = 1 WHERE id = ?",
        (message.text, at, message.id),
    )
    before = mentions.replace(db, message.id, named)
    counts = reactions.counts(db, [message.id])
    message = evolve(
        message,
        updated_at=at,
        mentions=named,
        reactions=reactions.built(db, reactions.newest(db, counts)) if counts else (),
        reaction_counts=tuple(counts.get(message.id, {}).items()),
    )
    newly = tuple(user for user in notified if user.id not in before)
    return Edited(event.room, message, newly, seq=seq, at=at)


def _deleted(db: apsw.Connection, event: Deleted, seq: int, at: int) -> Deleted:
    message_id = (event.message.id,)
    db.execute("UPDATE messages SET deleted = 1, text = '' WHERE id = ?", message_id)
    db.execute("DELETE FROM mentions WHERE message_id = ?", message_id)
    db.execute("DELETE FROM reactions WHERE message_id = ?", message_id)
    if event.reason is not None:
        uuid = event.message.uuid
        audit.append(db, event.reason, Action.DELETE_MESSAGE, Target.MESSAGE, uuid, event.by.id, at)
    return event.placed(seq, at)


def _cells(event: Said | Edited) -> Cells:
    ids = [user.id for user in event.notified]
    data = json.dumps({"notified": ids}) if ids else None
    return event.message.author.id, None, event.message.id, data


def _notified(row: Logged) -> tuple[User, ...]:
    return tuple(row.users[id_] for id_ in row.data.get("notified", ()))


def _written(reason: Reason) -> str:
    return json.dumps({"act": reason.act, "reason": reason.text, "metadata": reason.metadata})


def _deleted_cells(event: Deleted) -> Cells:
    data = None if event.reason is None else _written(event.reason)
    return event.message.author.id, event.by.id, event.message.id, data


def _read_deleted(row: Logged) -> Deleted:
    data = row.data
    reason = Reason(data["act"], data["reason"], data["metadata"]) if data else None
    return Deleted(row.room, row.message, row.by, reason, seq=row.seq, at=row.at)


SAID = EventKind(
    "said",
    Said,
    _cells,
    lambda row: Said(row.room, row.message, _notified(row), seq=row.seq, at=row.at),
    _said,
    has_message=True,
    has_by=False,
    data=Notified,
    optional=True,
)
EDITED = EventKind(
    "edited",
    Edited,
    _cells,
    lambda row: Edited(row.room, row.message, _notified(row), seq=row.seq, at=row.at),
    _edited,
    has_message=True,
    has_by=False,
    data=Notified,
    optional=True,
    with_reactions=True,
)
DELETED = EventKind(
    "deleted",
    Deleted,
    _deleted_cells,
    _read_deleted,
    _deleted,
    has_message=True,
    has_by=True,
    data=Reasons,
    optional=True,
)

"""Reactions come and go."""

import json
from typing import Annotated

import apsw
from msgspec import Meta, Struct

from trichat.core.events import Reacted, Unreacted
from trichat.core.model import Reaction
from trichat.store.sqlite.kinds.forms import Uuid
from trichat.store.sqlite.kinds.kind import Cells, EventKind, Logged


class OneReaction(Struct, forbid_unknown_fields=True):
    """A reaction, as the data of its coming and going."""

    uuid: Uuid
    emoji: Annotated[str, Meta(min_length=1)]
    at: Annotated[int, Meta(ge=0)]


def _reacted(db: apsw.Connection, event: Reacted, seq: int, at: int) -> Reacted:
    event = event.placed(seq, at)
    reaction = event.reaction
    db.execute(
        "INSERT INTO reactions (uuid, message_id, user_id, emoji, created_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            reaction.uuid, event.message.id, reaction.user.id, reaction.emoji,
            reaction.created_at,
        ),
    )  # fmt: skip
    return event


def _unreacted(db: apsw.Connection, event: Unreacted, seq: int, at: int) -> Unreacted:
    db.execute("DELETE FROM reactions WHERE uuid = ?", (event.reaction.uuid,))
    return event.placed(seq, at)


def _cells(event: Reacted | Unreacted) -> Cells:
    reaction = event.reaction
    data = {"uuid": reaction.uuid, "emoji": reaction.emoji, "at": reaction.created_at}
    return reaction.user.id, None, event.message.id, json.dumps(data)


def _reaction(row: Logged) -> Reaction:
    return Reaction(row.data["uuid"], row.data["emoji"], row.user, row.data["at"])


REACTED = EventKind(
    "reacted",
    Reacted,
    _cells,
    lambda row: Reacted(row.room, row.message, _reaction(row), seq=row.seq, at=row.at),
    _reacted,
    has_message=True,
    has_by=False,
    data=OneReaction,
)
UNREACTED = EventKind(
    "unreacted",
    Unreacted,
    _cells,
    lambda row: Unreacted(row.room, row.message, _reaction(row), seq=row.seq, at=row.at),
    _unreacted,
    has_message=True,
    has_by=False,
    data=OneReaction,
)

"""Reads about reactions. Whatever their number, the newest are read, and counts (all-23)."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.model import Reaction
from trichat.core.reactions import SHOWN, OnMessage
from trichat.store.sqlite import rows

Counts = dict[int, dict[str, int]]

_REACTION = "message_id, uuid, emoji, user_id, created_at"


def counts(db: apsw.Connection, message_ids: Iterable[int]) -> Counts:
    """By message and emoji; a message without reactions is not in it."""
    query = (
        "SELECT message_id, emoji, number FROM reaction_counts"
        " WHERE message_id IN (SELECT value FROM json_each(?))"
    )
    found: Counts = {}
    for message_id, emoji, number in rows.fetch(db, query, (json.dumps(list(message_ids)),)):
        found.setdefault(message_id, {})[emoji] = number
    return found


def newest(db: apsw.Connection, there: Counts) -> list[rows.Row]:
    """(message, uuid, emoji, user, time) of at most SHOWN of each message, oldest first."""
    few = [id_ for id_, emojis in there.items() if sum(emojis.values()) <= SHOWN]
    found = rows.fetch(
        db,
        f"SELECT {_REACTION} FROM reactions"
        " WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY created_at, uuid",
        (json.dumps(few),),
    )
    for message_id in there.keys() - set(few):
        found += _before(db, message_id, SHOWN, _END)[::-1]
    return found


def page(
    db: apsw.Connection, message_id: int, limit: int, before: str | None
) -> list[Reaction] | None:
    """Newest first, those older than the reaction `before`; None if it is not on the message."""
    since = _END
    if before is not None:
        query = "SELECT created_at, uuid FROM reactions WHERE uuid = ? AND message_id = ?"
        stands = rows.fetch(db, query, (before, message_id))
        if not stands:
            return None
        since = (stands[0][0], stands[0][1])
    return [*built(db, _before(db, message_id, limit, since))]


def built(db: apsw.Connection, found: list[rows.Row]) -> tuple[Reaction, ...]:
    """Of rows of one message."""
    users = rows.users_by(db, "id", {row[3] for row in found})
    return tuple(Reaction(uuid, emoji, users[user_id], at) for _, uuid, emoji, user_id, at in found)


def of_users(
    db: apsw.Connection, room_id: int, wanted: Iterable[tuple[str, int]]
) -> dict[str, OnMessage]:
    """What decides about reactions to these messages by these users."""
    asked = [*wanted]
    ids = rows.fetch(
        db,
        "SELECT uuid, id FROM messages"
        " WHERE uuid IN (SELECT value FROM json_each(?)) AND room_id = ? AND deleted = 0",
        (json.dumps([uuid for uuid, _ in asked]), room_id),
    )
    there = counts(db, [id_ for _, id_ in ids])
    found: dict[str, OnMessage] = {}
    for uuid, id_ in ids:
        mine = json.dumps([user_id for message, user_id in asked if message == uuid])
        query = (
            f"SELECT {_REACTION} FROM reactions"
            " WHERE message_id = ? AND user_id IN (SELECT value FROM json_each(?))"
        )
        own = built(db, rows.fetch(db, query, (id_, mine)))
        found[uuid] = OnMessage.of(there.get(id_, {}), own)
    return found


_END = (2**63 - 1, "")


def _before(
    db: apsw.Connection, message_id: int, limit: int, since: tuple[int, str]
) -> list[rows.Row]:
    """Newest first."""
    query = (
        f"SELECT {_REACTION} FROM reactions WHERE message_id = ? AND (created_at, uuid) < (?, ?)"
        " ORDER BY created_at DESC, uuid DESC LIMIT ?"
    )
    return rows.fetch(db, query, (message_id, *since, limit))

"""Marks of reading and delivery: each user's own, and how far each message has come by them.

A message's progress is kept with it and only rises, so that no tick goes back (conversations-13):
neither when somebody acknowledges late, nor when whoever saw it leaves.
"""

from collections.abc import Callable
from typing import Any

import apsw
from attrs import evolve

from trichat.core import events as e
from trichat.core.model import Progress
from trichat.store.sqlite import rows

# Messages that one mark brings on at most, the newest: a transaction has an end. Of these the
# newest NEWLY_REPORTED are reported.
BROUGHT_ON, NEWLY_REPORTED = 10_000, 100

# What was said before somebody joined is seen by nobody's joining.
_SINCE_JOINED = (
    "created_at >= (SELECT joined_at FROM memberships"
    " WHERE memberships.room_id = messages.room_id AND user_id = ?2)"
)


def project(db: apsw.Connection, event: e.Mark) -> e.Mark:
    """What the mark amounts to; gives it as it was stored."""
    found: e.Mark = _PROJECTIONS[type(event)](db, event)
    return found


def read_up_to(db: apsw.Connection, event: e.ReadUpTo) -> e.ReadUpTo:
    """The reader's mark, which never goes back, and what it brought on."""
    room_id, user_id = event.room.id, event.user.id
    before = rows.fetch(
        db, "SELECT read_id FROM marks WHERE room_id = ? AND user_id = ?", (room_id, user_id)
    )
    ((last,),) = rows.fetch(
        db,
        "SELECT coalesce(max(id), 0) FROM messages WHERE room_id = ? AND deleted = 0 AND id <= ?",
        (room_id, _most(event.up_to)),
    )
    newly = rows.fetch(
        db,
        "UPDATE messages SET progress = ?1 WHERE id IN (SELECT id FROM messages"
        " WHERE room_id = ?3 AND id > ?4 AND id <= ?5 AND author_id != ?2 AND deleted = 0"
        f" AND progress < ?1 AND {_SINCE_JOINED} ORDER BY id DESC LIMIT {BROUGHT_ON})"
        " RETURNING id, author_id",
        (Progress.SEEN.value, user_id, room_id, before[0][0] if before else 0, last),
    )
    db.execute(
        "INSERT INTO marks (room_id, user_id, read_id, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET read_id = max(read_id, excluded.read_id), at = excluded.at",
        (room_id, user_id, last, event.at),
    )
    return evolve(event, newly=tuple(sorted(newly)[-NEWLY_REPORTED:]))


def delivered_to(db: apsw.Connection, event: e.DeliveredTo) -> e.DeliveredTo:
    """The user's mark, and whether the message has come further by it."""
    found = rows.fetch(
        db,
        f"UPDATE messages SET progress = ?1 WHERE id = ?3 AND progress < ?1 AND {_SINCE_JOINED}"
        " RETURNING id",
        (Progress.DELIVERED.value, event.user.id, event.message.id),
    )
    db.execute(
        "INSERT INTO marks (room_id, user_id, delivered_id, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET delivered_id = max(delivered_id, excluded.delivered_id)",
        (event.room.id, event.user.id, event.message.id, event.at),
    )
    return evolve(event, newly=bool(found))


def _most(up_to: int | None) -> int:
    return 2**63 - 1 if up_to is None else up_to


_PROJECTIONS: dict[type, Callable[[apsw.Connection, Any], Any]] = {
    e.ReadUpTo: read_up_to,
    e.DeliveredTo: delivered_to,
}

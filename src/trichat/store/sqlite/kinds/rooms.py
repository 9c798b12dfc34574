"""Rooms change: their names and seats, and that they are archived."""

import json
from typing import Annotated

import apsw
from msgspec import UNSET, Meta, Struct, UnsetType

from trichat.core.events import RoomChanged
from trichat.store.sqlite.kinds.kind import Cells, EventKind, Logged


class Changes(Struct, forbid_unknown_fields=True):
    """What is new, as the data of a room's changing."""

    title: str | UnsetType = UNSET
    handle: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    max_users: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    archived_at: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


def _changed(db: apsw.Connection, event: RoomChanged, seq: int, at: int) -> RoomChanged:
    event = event.placed(seq, at)
    room = event.room
    if room.archived_at is not None:
        db.execute(
            "UPDATE rooms SET archived_at = ?, bore = handle, handle = NULL WHERE id = ?",
            (room.archived_at, room.id),
        )
    else:
        db.execute(
            "UPDATE rooms SET title = ?, handle = ?, description = ?, max_users = ?,"
            " updated_at = ? WHERE id = ?",
            (
                room.title, room.handle, room.description, room.max_users, room.updated_at,
                room.id,
            ),
        )  # fmt: skip
    return event


def _cells(event: RoomChanged) -> Cells:
    by_id = None if event.by is None else event.by.id
    return None, by_id, None, json.dumps(dict(event.changes))


def _read(row: Logged) -> RoomChanged:
    """Read the event with the room as it is now, whatever it was then."""
    by = None if row.by_id is None else row.by
    return RoomChanged(row.room, by, row.data, seq=row.seq, at=row.at)


CHANGED = EventKind(
    "changed",
    RoomChanged,
    _cells,
    _read,
    _changed,
    has_message=False,
    has_by=None,
    has_user=False,
    data=Changes,
)

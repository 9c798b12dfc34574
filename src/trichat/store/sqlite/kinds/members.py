"""Members are admitted and leave."""

import json

import apsw
from msgspec import Struct

from trichat.core.events import Admitted, Left
from trichat.core.model import RoomRole
from trichat.store.sqlite.kinds.kind import Cells, EventKind, Logged


class AsWhat(Struct, forbid_unknown_fields=True):
    """What a member is in the room, as the data of their admission."""

    standing: RoomRole


def _admitted(db: apsw.Connection, event: Admitted, seq: int, at: int) -> Admitted:
    db.execute(
        "INSERT INTO memberships (room_id, user_id, standing, joined_at) VALUES (?, ?, ?, ?)",
        (event.room.id, event.user.id, event.role.value, at),
    )
    return event.placed(seq, at)


def _left(db: apsw.Connection, event: Left, seq: int, at: int) -> Left:
    db.execute(
        "DELETE FROM memberships WHERE room_id = ? AND user_id = ?",
        (event.room.id, event.user.id),
    )
    return event.placed(seq, at)


def _admitted_cells(event: Admitted) -> Cells:
    return event.user.id, event.by.id, None, json.dumps({"standing": event.role.value})


def _read_admitted(row: Logged) -> Admitted:
    role = RoomRole(row.data["standing"])
    return Admitted(row.room, row.user, row.by, role, seq=row.seq, at=row.at)


ADMITTED = EventKind(
    "admitted",
    Admitted,
    _admitted_cells,
    _read_admitted,
    _admitted,
    has_message=False,
    has_by=True,
    data=AsWhat,
)
LEFT = EventKind(
    "left",
    Left,
    lambda event: (event.user.id, event.by.id, None, None),
    lambda row: Left(row.room, row.user, row.by, seq=row.seq, at=row.at),
    _left,
    has_message=False,
    has_by=True,
)

"""The rooms' logs: what is committed to them, and how they are read."""

import json
from collections.abc import Iterable

import apsw

from trichat.core.events import RoomEvent
from trichat.core.roomstate import RoomState
from trichat.store.log import Commit, Committed, Stale
from trichat.store.sqlite import events, rows
from trichat.store.sqlite.kinds.members import ADMITTED
from trichat.store.sqlite.topic import Reader, Writes


def commit(db: apsw.Connection, write: Commit) -> Committed | Stale:
    """The room's next events, if nobody else has written to it since."""
    stored = events.append(db, write.room_id, write.events, write.now, after=write.expected_seq)
    return _stale(db, write) if stored is None else Committed(stored)


def _stale(db: apsw.Connection, write: Commit) -> Stale:
    query = "SELECT last_seq FROM rooms WHERE id = ?"
    found = db.execute(query, (write.room_id,)).fetchone()
    if found is None:
        return Stale(())
    after = min(write.expected_seq, found[0])
    return Stale(tuple(events.read(db, write.room_id, after, -1)))


def load(db: apsw.Connection, room_id: int) -> RoomState | None:
    """What the room's actor starts from."""
    room = rows.one_room(db, "id", room_id)
    if room is None:
        return None
    ((seq,),) = rows.fetch(db, "SELECT last_seq FROM rooms WHERE id = ?", (room_id,))
    query = "SELECT user_id, standing, joined_at FROM memberships WHERE room_id = ?"
    belonging = {row[0]: rows.membership(*row) for row in db.execute(query, (room_id,))}
    return RoomState(room, belonging, seq)


def heads(db: apsw.Connection, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """(number, time) of the last event, by room."""
    query = "SELECT id, last_seq, last_at FROM rooms WHERE id IN (SELECT value FROM json_each(?))"
    found = rows.fetch(db, query, (json.dumps(list(room_ids)),))
    return {room_id: (seq, at) for room_id, seq, at in found}


def admission(db: apsw.Connection, room_id: int, user_id: int, after: int) -> int | None:
    """The number of the user's last one above `after`; the log is walked from there."""
    query = "SELECT max(seq) FROM events WHERE room_id = ? AND seq > ? AND kind = ? AND user_id = ?"
    ((seq,),) = rows.fetch(db, query, (room_id, after, ADMITTED.name, user_id))
    return None if seq is None else int(seq)


WRITES: Writes = {
    Commit: commit,
}


class Log(Reader):
    """What is read of logs."""

    async def load(self, room_id: int) -> RoomState | None:
        return await self._read(load, room_id)

    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        return await self._read(events.read, room_id, after, limit)

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        return await self._look_up(heads, room_ids)

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        return await self._look_up(admission, room_id, user_id, after)

"""What became of a write whose commit gave no answer: the ids it would have left behind tell."""

import apsw

from trichat.core import events as e
from trichat.store import port
from trichat.store.sqlite import log, people, places, rows


def landed(db: apsw.Connection, write: port.Write) -> port.Outcome | None:
    """Its outcome if it is there, else None."""
    match write:
        case port.Commit():
            return _commit(db, write)
        case port.CreateUser(uuid=uuid):
            user = people.by(db, "uuid", uuid)
            return port.Registered(user, user.id == 1) if user else None
        case port.CreateRoom(uuid=uuid):
            room = places.by(db, "uuid", uuid)
            return port.Opened(room, tuple(log.read(db, room.id, 0, -1))) if room else None
        case port.OpenDirect(by=by, other=other):
            pair = sorted((by.id, other.id))
            found = db.execute(
                "SELECT room_id FROM direct_pairs WHERE low = ? AND high = ?", pair
            ).fetchone()
            return port.Opened(rows.one_room_ever(db, found[0]), ()) if found else None
    return None


def _commit(db: apsw.Connection, write: port.Commit) -> port.Committed | None:
    numbered = [event for event in write.events if isinstance(event, e.Numbered)]
    if not numbered:
        return None
    stored = log.read(db, write.room_id, write.expected_seq, len(numbered))
    if [_trace(event) for event in stored] != [_trace(event) for event in numbered]:
        return None
    fresh = iter(stored)
    return port.Committed(
        tuple(next(fresh) if isinstance(event, e.Numbered) else event for event in write.events)
    )


def _trace(event: e.RoomEvent) -> tuple[object, ...]:
    about = event.message.uuid if hasattr(event, "message") else event.user.id
    return type(event), event.seq, event.at, about

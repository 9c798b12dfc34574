"""What the disk holds at the end, read without the server's own code for it."""

import json
from collections import Counter
from pathlib import Path

import apsw
from attrs import define, field

from tests.simulation.record import deleted, edited, reaction


@define
class Room:
    """said: the names of its messages, in order; a deleted one's is None. told: the same with the
    changes of messages, in the words of record.py.
    """

    uuid: str
    last_seq: int
    name: str | None
    numbers: list[int] = field(factory=list)
    said: list[str | None] = field(factory=list)
    told: list[str | None] = field(factory=list)


@define
class Truth:
    """texts: how often each name stands in the messages. sound: what SQLite says of itself.
    members: users by room. deleted: the UUIDs of messages.
    spoke: when a user last said something, in milliseconds.
    """

    rooms: dict[str, Room]
    texts: Counter[str]
    sound: str
    members: dict[str, set[str]]
    deleted: set[str]
    spoke: dict[str, int]

    def room(self, name: str) -> Room | None:
        """By its UUID; or by the name by which a client came to it, while it is there."""
        by_name = (room for room in self.rooms.values() if room.name == name)
        return self.rooms.get(name) or next(by_name, None)


def read(directory: Path, content: dict[str, bytes]) -> Truth:
    """content: the files by name."""
    directory.mkdir()
    for name, data in content.items():
        (directory / name).write_bytes(data)
    db = apsw.Connection(str(directory / "trichat.db"))
    rooms = {
        id_: Room(uuid, last_seq, name)
        for id_, uuid, last_seq, name in db.execute("SELECT id, uuid, last_seq, handle FROM rooms")
    }
    for room_id, seq in db.execute("SELECT room_id, seq FROM events ORDER BY room_id, seq"):
        rooms[room_id].numbers.append(seq)
    texts: Counter[str] = Counter()
    for room_id, kind, text, uuid, data in db.execute(
        "SELECT events.room_id, kind, messages.text, messages.uuid, data FROM events"
        " JOIN messages ON messages.id = events.message_id"
        " ORDER BY events.room_id, events.seq"
    ):
        room = rooms[room_id]
        match kind:
            case "said":
                room.said.append(text.partition(" ")[0] or None)
                room.told.append(room.said[-1])
            case "edited":
                room.told.append(edited(uuid))
            case "deleted":
                room.told.append(deleted(uuid))
            case _:
                emoji = json.loads(data)["emoji"]
                room.told.append(reaction(emoji, comes=kind == "reacted"))
    for (text,) in db.execute("SELECT text FROM messages WHERE deleted = 0"):
        texts[text.partition(" ")[0]] += 1
    members: dict[str, set[str]] = {room.uuid: set() for room in rooms.values()}
    for room_id, user in db.execute(
        "SELECT room_id, users.uuid FROM memberships JOIN users ON users.id = user_id"
    ):
        members[rooms[room_id].uuid].add(user)
    ((sound,),) = db.execute("PRAGMA quick_check").fetchall()
    gone = {uuid for (uuid,) in db.execute("SELECT uuid FROM messages WHERE deleted = 1")}
    spoke: dict[str, int] = {}
    for user, at in db.execute(
        "SELECT users.uuid, max(at) FROM events JOIN users ON users.id = user_id"
        " WHERE kind = 'said' GROUP BY user_id"
    ):
        spoke[user] = at
    db.close()
    assert isinstance(sound, str)
    return Truth({room.uuid: room for room in rooms.values()}, texts, sound, members, gone, spoke)

"""How the rows of an export must fit together, beyond the references that the tables declare.

Each is a condition on the rows of a table that are wrong. They are looked for when all is there,
each in one pass.
"""

from attrs import frozen

from trichat.store.sqlite.kinds.members import ADMITTED, LEFT
from trichat.store.sqlite.kinds.messages import DELETED, EDITED, SAID
from trichat.store.sqlite.kinds.rooms import CHANGED


@frozen
class Relation:
    """table, and which of its rows are wrong. text: what is said of the first of them. since: the
    schema from which on all its tables are there.
    """

    table: str
    wrong: str
    text: str
    since: int = 1


_LAST = (
    "SELECT room_id, user_id FROM (SELECT room_id, user_id, kind, max(seq) FROM events"
    f" WHERE kind IN ('{ADMITTED.name}', '{LEFT.name}') GROUP BY room_id, user_id)"
    f" WHERE kind = '{ADMITTED.name}'"
)
_OF_ITS_ROOM = (
    "{0} > 0 AND {0} NOT IN (SELECT id FROM messages WHERE messages.room_id = marks.room_id)"
)

RELATIONS = (
    Relation("events", "user_id NOT IN (SELECT id FROM users)", "refers to no user of the export"),
    Relation("events", "by_id NOT IN (SELECT id FROM users)", "refers to no user of the export"),
    Relation(
        "events",
        "message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages"
        " WHERE messages.id = message_id AND messages.room_id = events.room_id)",
        "refers to no message of its room",
    ),
    Relation(
        "events",
        f"kind IN ('{SAID.name}', '{EDITED.name}') AND data IS NOT NULL AND EXISTS (SELECT 1"
        " FROM json_each(data, '$.notified') WHERE value NOT IN (SELECT id FROM users))",
        "tells a user who is not in the export",
    ),
    Relation(
        "rooms",
        "last_seq != coalesce((SELECT max(seq) FROM events WHERE room_id = rooms.id), 0)",
        "has another last_seq than its log",
    ),
    Relation(
        "events",
        f"kind = '{CHANGED.name}' AND json_extract(data, '$.archived_at') !="
        " coalesce((SELECT archived_at FROM rooms WHERE rooms.id = room_id), 0)",
        "archives a room that is not archived since then",
    ),
    Relation(
        "direct_pairs",
        "room_id NOT IN (SELECT id FROM rooms WHERE kind = 'direct')",
        "refers to no direct room",
    ),
    Relation(
        "rooms",
        "kind = 'direct' AND id NOT IN (SELECT room_id FROM direct_pairs)",
        "is a direct room of nobody",
    ),
    Relation(
        "memberships", f"(room_id, user_id) NOT IN ({_LAST})", "is not what the room's log says"
    ),
    Relation(
        "events",
        f"kind = '{ADMITTED.name}' AND (room_id, user_id) NOT IN"
        f" (SELECT room_id, user_id FROM memberships) AND (room_id, user_id) IN ({_LAST})",
        "admits somebody who is no member in the end",
    ),
    Relation(
        "messages",
        "NOT EXISTS (SELECT 1 FROM events WHERE events.room_id = messages.room_id AND"
        f" events.seq = messages.seq AND kind = '{SAID.name}' AND message_id = messages.id"
        " AND user_id = author_id)",
        "is not said in the room's log",
    ),
    Relation(
        "events",
        f"kind = '{SAID.name}' AND seq !="
        " (SELECT seq FROM messages WHERE messages.id = message_id)",
        "says a message that is said elsewhere",
    ),
    Relation(
        "messages",
        f"deleted != (id IN (SELECT message_id FROM events WHERE kind = '{DELETED.name}'))",
        "is deleted, or is not, against the room's log",
    ),
    Relation(
        "messages",
        f"edited != (id IN (SELECT message_id FROM events WHERE kind = '{EDITED.name}'))",
        "is edited, or is not, against the room's log",
    ),
    Relation(
        "sends",
        "NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = message_id"
        " AND messages.room_id = sends.room_id AND author_id = user_id)",
        "refers to no message of this user in its room",
        since=5,
    ),
    Relation("marks", _OF_ITS_ROOM.format("read_id"), "refers to no message of its room"),
    Relation("marks", _OF_ITS_ROOM.format("delivered_id"), "refers to no message of its room"),
    Relation(
        "users",
        "role != 'MEMBER' AND NOT EXISTS (SELECT 1 FROM grants WHERE user_id = users.id"
        " AND room_id IS NULL AND grants.role = users.role)",
        "has a role that nobody gave",
        since=2,
    ),
)

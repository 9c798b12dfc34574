"""The events table: numbered events to rows and back."""

import json
from typing import Any

import apsw
from attrs import asdict

from trichat.core import events as e
from trichat.core.model import Grounds, Message, Reaction, Room, Standing, User
from trichat.store.sqlite import messages, rows


def append(db: apsw.Connection, event: e.RoomEvent) -> None:
    """Write the event's row. Its message, if it is about one, has its id."""
    user, by, message, data = _refer(event)
    db.execute(
        "INSERT INTO events (room_id, seq, kind, at, user_id, by_id, message_id, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (event.room.id, event.seq, type(event).__name__.lower(), event.at, user, by, message, data),
    )


def _refer(event: e.RoomEvent) -> tuple[int | None, int | None, int | None, str | None]:
    match event:
        case e.Said(message=message, notified=notified):
            return message.author.id, None, message.id, _notified_data(notified)
        case e.Edited(message=message, notified=notified):
            return message.author.id, None, message.id, _notified_data(notified)
        case e.Deleted(message=message, by=by, grounds=grounds):
            data = json.dumps(asdict(grounds)) if grounds is not None else None
            return message.author.id, by.id, message.id, data
        case e.Reacted(message=message, reaction=reaction):
            return reaction.user.id, None, message.id, _reaction_data(reaction)
        case e.Unreacted(message=message, reaction=reaction):
            return reaction.user.id, None, message.id, _reaction_data(reaction)
        case e.Admitted(user=user, by=by, standing=standing):
            return user.id, by.id, None, json.dumps({"standing": standing.value})
        case e.Left(user=user, by=by):
            return user.id, by.id, None, None
    raise TypeError(type(event).__name__)


def _notified_data(users: tuple[User, ...]) -> str | None:
    return json.dumps({"notified": [user.id for user in users]}) if users else None


def _reaction_data(reaction: Reaction) -> str:
    return json.dumps({"uuid": reaction.uuid, "emoji": reaction.emoji, "at": reaction.created_at})


def read(db: apsw.Connection, room_id: int, after: int, limit: int) -> list[e.RoomEvent]:
    """The events numbered above `after`, in order. Messages are as they are now."""
    found = db.execute(
        "SELECT seq, kind, at, user_id, by_id, message_id, data FROM events"
        " WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (room_id, after, limit),
    ).fetchall()
    if not found:
        return []
    room = rows.one_room_ever(db, room_id)
    people = {row[3] for row in found} | {row[4] for row in found}
    for row in found:
        if row[1] in ("said", "edited") and row[6]:
            people.update(json.loads(str(row[6]))["notified"])
    users = rows.users_by(db, "id", people - {None})
    edited = {row[5] for row in found if row[1] == "edited"}
    others = {row[5] for row in found if row[5] is not None} - edited
    about = _messages(db, others, with_reactions=False) | _messages(db, edited, with_reactions=True)
    return [_event(room, users, about, row) for row in found]


def _messages(db: apsw.Connection, ids: set[Any], *, with_reactions: bool) -> dict[int, Message]:
    """Deleted ones too."""
    query = f"SELECT {rows.MESSAGE} FROM messages WHERE id IN (SELECT value FROM json_each(?))"
    found = rows.fetch(db, query, (json.dumps(list(ids)),)) if ids else []
    return {each.id: each for each in messages.of_rows(db, found, with_reactions=with_reactions)}


def _event(
    room: Room, users: dict[int, User], about: dict[int, Message], row: tuple[Any, ...]
) -> e.RoomEvent:
    seq, kind, at, user_id, by_id, message_id, text = row
    data = json.loads(text) if text else {}
    notified = tuple(users[id_] for id_ in data.get("notified", ()))
    match kind:
        case "said":
            return e.Said(room, seq, at, about[message_id], notified)
        case "edited":
            return e.Edited(room, seq, at, about[message_id], notified)
        case "deleted":
            grounds = Grounds(**data) if data else None
            return e.Deleted(room, seq, at, about[message_id], users[by_id], grounds)
        case "admitted":
            return e.Admitted(
                room, seq, at, users[user_id], users[by_id], Standing(data["standing"])
            )
        case "left":
            return e.Left(room, seq, at, users[user_id], users[by_id])
    reaction = Reaction(data["uuid"], data["emoji"], users[user_id], data["at"])
    if kind == "reacted":
        return e.Reacted(room, seq, at, about[message_id], reaction)
    if kind == "unreacted":
        return e.Unreacted(room, seq, at, about[message_id], reaction)
    raise ValueError(f"unknown kind of event {kind!r}")

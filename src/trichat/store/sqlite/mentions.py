"""Who is mentioned: found in one query, whatever a text holds (all-21)."""

import json

import apsw

from trichat.core.mentions import Namesake, named, notified, spots
from trichat.core.model import User
from trichat.store.sqlite import rows


def of(db: apsw.Connection, room_id: int, text: str) -> tuple[tuple[User, ...], set[int]]:
    """The users whom a text in this room names, in order; and the ids of its members among them."""
    places = spots(text)
    keys = {candidate.key for spot in places for candidate in spot.candidates}
    if not keys:
        return (), set()
    query = (
        "SELECT name_key, EXISTS (SELECT 1 FROM memberships"
        f" WHERE room_id = ?1 AND user_id = users.id), {rows.USER} FROM users"
        " WHERE name_key IN (SELECT value FROM json_each(?2))"
    )
    known = [
        Namesake(rows.user(db, tuple(user)), key, bool(is_member))
        for key, is_member, *user in rows.fetch(db, query, (room_id, json.dumps(list(keys))))
    ]
    return named(text, places, known), {each.user.id for each in known if each.is_member}


def found(
    db: apsw.Connection, room_id: int, text: str, author: User
) -> tuple[tuple[User, ...], tuple[User, ...]]:
    """Whom it names, and who of them is notified."""
    if "@" not in text:
        return (), ()
    mentions, members = of(db, room_id, text)
    return mentions, notified(mentions, author, members.__contains__)


def keep(db: apsw.Connection, message_id: int, users: tuple[User, ...]) -> None:
    """In the order of the text."""
    if users:
        db.executemany(
            "INSERT INTO mentions (message_id, user_id, place) VALUES (?, ?, ?)",
            [(message_id, user.id, place) for place, user in enumerate(users, start=1)],
        )


def replace(db: apsw.Connection, message_id: int, users: tuple[User, ...]) -> set[int]:
    """By these; the ids of those who were mentioned before."""
    before = rows.fetch(db, "SELECT user_id FROM mentions WHERE message_id = ?", (message_id,))
    db.execute("DELETE FROM mentions WHERE message_id = ?", (message_id,))
    keep(db, message_id, users)
    return {user_id for (user_id,) in before}

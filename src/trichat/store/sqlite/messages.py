"""Reads about messages. Deleted ones are gone from all of them (all-16)."""

import json
from collections.abc import Mapping

import apsw

from trichat.core.lookup import EarlierSend, Lookup, Needs
from trichat.core.model import Message, Progress, Reaction, User
from trichat.store.sqlite import mentions, reactions, rows
from trichat.store.sqlite.topic import Reader

PROGRESS = tuple(Progress)  # by number, which is faster than Progress(number)


def by(db: apsw.Connection, column: str, value: object, with_reactions: bool) -> Message | None:
    """The message with this id or uuid."""
    query = f"SELECT {rows.MESSAGE} FROM messages WHERE {column} = ? AND deleted = 0"
    found = of_rows(db, rows.fetch(db, query, (value,)), with_reactions=with_reactions)
    return found[0] if found else None


def select(db: apsw.Connection, where: str, *values: object) -> list[Message]:
    """Those for which a condition holds that binds these values, without reactions."""
    query = f"SELECT {rows.MESSAGE} FROM messages WHERE {where} AND deleted = 0"
    return of_rows(db, rows.fetch(db, query, values), with_reactions=False)


def of_rows(db: apsw.Connection, found: list[rows.Row], *, with_reactions: bool) -> list[Message]:
    """From the columns rows.MESSAGE, in their order, perhaps with the newest of their reactions.
    A few queries for any number of messages.
    """
    if not found:
        return []
    ids = [row[0] for row in found]
    mentioned = rows.fetch(
        db,
        "SELECT message_id, user_id FROM mentions"
        " WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY place, user_id",
        (json.dumps(ids),),
    )
    counts = reactions.counts(db, ids) if with_reactions else {}
    reacted = reactions.newest(db, counts) if counts else []
    people = {row[3] for row in found} | {m[1] for m in mentioned} | {r[3] for r in reacted}
    users = rows.users_by(db, "id", people)
    rooms = {id_: rows.one_room_ever(db, id_) for id_ in {row[2] for row in found}}
    named: dict[int, list[User]] = {}
    for message_id, user_id in mentioned:
        named.setdefault(message_id, []).append(users[user_id])
    held: dict[int, list[Reaction]] = {}
    for message_id, uuid, emoji, user_id, at in reacted:
        held.setdefault(message_id, []).append(Reaction(uuid, emoji, users[user_id], at))
    return [
        Message(
            id_, uuid, rooms[room_id], users[author_id], text, created, updated,
            bool(system), bool(edited), tuple(named.get(id_, ())),
            tuple(held.get(id_, ())), tuple(counts.get(id_, {}).items()), PROGRESS[progress],
        )
        for (
            id_, uuid, room_id, author_id, text, created, updated, system, edited, progress
        ) in found
    ]  # fmt: skip


def lookup(db: apsw.Connection, room_id: int, needs: Needs) -> Lookup:
    """What a batch of one room's commands refers to; messages of other rooms are not found."""
    in_room = "room_id = ? AND {} IN (SELECT value FROM json_each(?))"
    messages: list[Message] = []
    marked: list[Message] = []
    if needs.messages:
        wanted = json.dumps(list(needs.messages))
        messages = select(db, in_room.format("uuid"), room_id, wanted)
    if needs.ids:
        marked = select(db, in_room.format("id"), room_id, json.dumps(list(needs.ids)))
    sends = _sends(db, room_id, needs) if needs.sends else {}
    return Lookup(
        {message.uuid: message for message in messages},
        {message.id: message for message in marked},
        sends,
        _mentions_again(db, room_id, needs, sends),
        reactions.of_users(db, room_id, needs.reactions) if needs.reactions else {},
    )


def _mentions_again(
    db: apsw.Connection, room_id: int, needs: Needs, sends: Mapping[tuple[int, str], EarlierSend]
) -> dict[str, tuple[User, ...]]:
    """Whom the texts name that were sent before, perhaps."""
    texts = {each.text for each in needs.sends if (each.user_id, each.key) in sends}
    return {text: mentions.of(db, room_id, text)[0] for text in texts}


def _sends(db: apsw.Connection, room_id: int, needs: Needs) -> dict[tuple[int, str], EarlierSend]:
    query = (
        "SELECT user_id, key, messages.id, uuid, seq, created_at, digest FROM sends"
        " JOIN messages ON messages.id = message_id"
        " WHERE sends.room_id = ? AND key IN (SELECT value FROM json_each(?))"
    )
    keys = json.dumps(list({each.key for each in needs.sends}))
    found = rows.fetch(db, query, (room_id, keys))
    return {(user_id, key): EarlierSend(*earlier) for user_id, key, *earlier in found}


def reaction_home(db: apsw.Connection, reaction: str, user_id: int) -> Message | None:
    """The message that holds this user's reaction."""
    own = "id = (SELECT message_id FROM reactions WHERE uuid = ? AND user_id = ?)"
    found = select(db, own, reaction, user_id)
    return found[0] if found else None


def only_reaction_near(
    db: apsw.Connection, user_id: int, at: int, span: int
) -> tuple[str, str] | None:
    """(message, reaction) of the user's one reaction of that time; None if there are several."""
    query = (
        "SELECT messages.uuid, reactions.uuid FROM reactions"
        " JOIN messages ON messages.id = message_id"
        " WHERE user_id = ?1 AND reactions.created_at BETWEEN ?2 - ?3 AND ?2 + ?3 LIMIT 2"
    )
    found = rows.fetch(db, query, (user_id, at, span))
    return (found[0][0], found[0][1]) if len(found) == 1 else None


def mentions_of(db: apsw.Connection, user_id: int, limit: int, offset: int) -> list[Message]:
    """Messages that name the user, newest first, where they may read them now."""
    query = (
        f"SELECT {rows.columns(rows.MESSAGE, 'messages')} FROM mentions"
        " JOIN messages ON messages.id = mentions.message_id AND deleted = 0"
        " JOIN rooms ON rooms.id = messages.room_id AND kind != 'direct' AND archived_at IS NULL"
        " JOIN memberships ON memberships.room_id = rooms.id AND memberships.user_id = ?1"
        " WHERE mentions.user_id = ?1 ORDER BY mentions.message_id DESC LIMIT ?2 OFFSET ?3"
    )
    return of_rows(db, rows.fetch(db, query, (user_id, limit, offset)), with_reactions=True)


class Messages(Reader):
    """What is read of messages."""

    async def lookup(self, room_id: int, needs: Needs) -> Lookup:
        return await self._read(lookup, room_id, needs)

    async def message(self, uuid: str, *, with_reactions: bool = True) -> Message | None:
        return await self._read(by, "uuid", uuid, with_reactions)

    async def message_by_id(self, message_id: int) -> Message | None:
        return await self._read(by, "id", message_id, with_reactions=False)

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        return await self._read(reaction_home, reaction, user_id)

    async def reactions_of(
        self, message_id: int, *, limit: int, before: str | None = None
    ) -> list[Reaction] | None:
        return await self._read(reactions.page, message_id, limit, before)

    async def only_reaction_near(self, user_id: int, at: int, span: int) -> tuple[str, str] | None:
        return await self._read(only_reaction_near, user_id, at, span)

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        return await self._read(mentions_of, user_id, limit, offset)

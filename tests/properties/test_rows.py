"""What is committed to SQLite is read as it was, whatever texts and times are in it."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import strategies as st

from tests.properties.happenings import moments, some, texts
from tests.properties.profiles import try_all
from tests.properties.rfc8259 import held
from tests.properties.values import anything, write
from tests.store.ledger import Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import model as m
from trichat.core.reactions import MAX_EMOJI
from trichat.core.text import is_blank
from trichat.dialects.codec import decode, encode_strictly
from trichat.runtime.clock import new_uuid
from trichat.store.roles import SetRole
from trichat.store.rooms import CreateRoom, Opened
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.users import CreateUser, Registered

optional = st.none() | texts
handles = count()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    yield store
    await store.aclose()


async def test_accounts(store: SqliteStore) -> None:
    async def check(drawn: Any) -> None:
        name, email, password, avatar, at, role = drawn
        unique = f"{name}{next(handles)}"
        address = None if email is None else f"{unique}@{email}"
        write_ = CreateUser(new_uuid(), unique, address, password, avatar, at, role)
        made = await Ledger(store).write(write_)
        assert isinstance(made, Registered)
        user = made.user
        assert (user.uuid, user.username, user.email) == (write_.uuid, unique, address)
        assert (user.avatar, user.created_at, user.updated_at, user.role) == (avatar, at, at, role)
        assert await store.user(user.id) == user
        assert await store.user_by_uuid(user.uuid) == user
        assert await store.credentials(unique) == (user, password)
        assert user in await store.search_names(name, limit=2**31, without=0)

    users = st.tuples(texts, optional, optional, optional, moments, st.sampled_from(m.Role))
    await try_all(users, 30, check)


async def test_rooms(store: SqliteStore) -> None:
    ledger = Ledger(store)
    alice = await ledger.person("alice")

    async def check(drawn: Any) -> None:
        kind, title, origin, at, handle, description, seats = drawn
        unique = None if handle is None else f"{handle}{next(handles)}"
        write_ = CreateRoom(new_uuid(), kind, title, origin, alice, at, unique, description, seats)
        made = await ledger.write(write_)
        assert isinstance(made, Opened)
        assert made.room == m.Room(
            made.room.id, write_.uuid, kind, title, origin, at, at,
            unique, description, seats, alice.id,
        )  # fmt: skip
        assert await store.room(made.room.id) == made.room
        assert await store.room_by_uuid(write_.uuid) == made.room
        if unique is not None:
            assert await store.room_by_handle(unique) == made.room

    rooms = st.tuples(
        st.sampled_from([m.Kind.PUBLIC, m.Kind.PRIVATE]),
        texts,
        st.sampled_from(m.Origin),
        moments,
        optional,
        optional,
        st.none() | st.integers(2, 1000),
    )
    await try_all(rooms, 30, check)


async def test_messages_reactions_and_the_log(store: SqliteStore) -> None:
    ledger = Ledger(store)
    alice, bob = await ledger.people("alice", "bob")

    async def check(drawn: Any) -> None:
        said, edited, emoji, system = drawn
        room = await ledger.room(alice, bob)
        (head,) = [event.seq for event in await store.log(room.id, 0, 10)][-1:]
        (first,) = await ledger.do(room, (alice, c.Say(f"@bob {said}", system=system)))
        assert isinstance(first, e.Said)
        assert first.message.text == f"@bob {said}"
        assert await store.message(first.message.uuid) == first.message
        done: list[Any] = [first, *await ledger.do(room, (bob, c.React(first.message.uuid, emoji)))]
        done += await ledger.do(room, (alice, c.Edit(first.message.uuid, edited)))
        now = done[-1].message
        assert (now.text, now.edited, now.reactions[0].emoji) == (edited, True, emoji)
        bare = evolve(now, reactions=(), reaction_counts=())
        assert await store.message_by_id(now.id) == bare
        assert now.reaction_counts == ((emoji, 1),)
        assert await store.history(room.id, limit=5) == ([now], head + 3)
        read: list[Any] = await store.log(room.id, head, 10)
        assert read == [evolve(event, message=now) for event in done]

    emojis = texts.map(lambda text: text[:MAX_EMOJI]).filter(lambda text: not is_blank(text))
    await try_all(st.tuples(texts, texts, emojis, st.booleans()), 30, check)


def sayable(text: str) -> bool:
    """What REST takes for the note of an act."""
    if not held(text):
        return False
    try:
        encode_strictly(decode(text))
    except (ValueError, OverflowError):
        return False
    return True


async def test_the_reason_of_an_entry(store: SqliteStore) -> None:
    ledger = Ledger(store)
    alice, admin = await ledger.people("alice", "admin")
    admin = await ledger.write(SetRole(admin.id, m.Role.ADMIN, 1))
    room = await ledger.room(alice)

    async def check(drawn: Any) -> None:
        words, notes = drawn
        note = {str(number): decode(text) for number, text in enumerate(notes)}
        (said,) = await ledger.say(room, alice, "rude")
        reason = m.Reason(new_uuid(), words, note)
        (deleted,) = await ledger.do(room, (admin, c.Delete(said.uuid, reason)))
        assert isinstance(deleted, e.Deleted)
        (act,) = await store.acts(limit=1)
        assert act.reason == reason == deleted.reason

    notes = some(anything.map(write).filter(sayable))
    await try_all(st.tuples(optional, notes), 30, check)

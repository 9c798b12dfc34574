"""The lobby's frames over real sockets: each exactly, and who does not get it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.dialects.lobbying import (
    INVALID,
    create,
    error,
    flat,
    join,
    message,
    notice,
    plain,
    rooms,
    send,
)
from tests.dialects.speech import NO_SUCH, heard
from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.core.answers import Direct
from trichat.settings import Limits, Presence, load


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


@pytest.mark.parametrize("type_", ["public", "private"])
async def test_lobby_5_7_who_makes_a_room_alone_is_told_and_the_list_shows_it_so(
    server: ChatServer, type_: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with (
        server.socket("lobby", ann) as maker,
        server.socket("lobby", ann) as tab,
        server.socket("lobby", bob) as other,
    ):
        for client in (tab, other):
            await heard(client, "lobby")
        room = await create(maker, name="x", type=type_, max_users=2)
        assert room["type"] == type_
        assert (await rooms(maker, type=type_))[-1] == room  # and they are not in it
        for client in (tab, other):
            assert await heard(client, "lobby") == []


async def test_lobby_4_no_more_are_invited_than_have_seats(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    data = {"name": "den", "type": "private", "max_users": 2}
    async with server.socket("lobby", ann) as client:
        too_many = {**data, "invite": [bob.uuid, cy.uuid]}
        assert await client.request({"type": "create_room", "data": too_many}) == error(
            "room is full"
        )
        for invite in ([bob.uuid, ann.uuid, bob.uuid.upper()], [], None):
            room = await create(client, **data, invite=invite)
            assert (room["user_count"], room["users"]) == (0, {})


async def test_lobby_7_no_room_is_an_empty_array(server: ChatServer) -> None:
    async with server.socket("lobby", await server.person("ann")) as client:
        asked = {"type": "list_rooms", "data": {"type": "private"}}
        assert await client.request(asked) == {"type": "rooms_list", "data": []}


@pytest.mark.parametrize("data", [
    {"type": "Public"}, {"type": "direct"}, {"type": " "}, {"type": 5}, {"type": False},
    {"type": ["public"]}, [], "public", 5,
])  # fmt: skip
async def test_lobby_7_any_other_filter_is_an_invalid_message(
    server: ChatServer, data: object
) -> None:
    async with server.socket("lobby", await server.person("ann")) as client:
        assert await client.request({"type": "list_rooms", "data": data}) == INVALID


async def test_lobby_6_users_are_counted_once_however_many_tabs_they_have(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("lobby", ann) as tab, server.socket("lobby", ann) as other:
        room = await create(tab)
        first = await join(tab, room["id"])
        await join(other, room["id"])
        user = {
            "id": ann.id, "uuid": ann.uuid, "email": "ann@example.com",
            "joined_at": first["timestamp"],
        }  # fmt: skip
        async with server.socket("lobby", bob) as stranger:
            shown = (await rooms(stranger))[-1]
            assert shown == {**room, "user_count": 1, "users": {str(ann.id): user}}
        await tab.close()
        assert (await rooms(other))[-1] == shown


async def test_lobby_8_9_who_is_refused_stays_where_he_was(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        server.socket("lobby", ann) as owner,
        server.socket("lobby", bob) as sitter,
        server.socket("lobby", cy) as client,
    ):
        full = (await create(owner, max_users=2))["id"]
        private = (await create(owner, type="private"))["id"]
        home = (await create(owner))["id"]
        await join(sitter, full)
        await join(owner, home)
        await join(client, home)
        assert plain(await owner.next()) == notice("join", cy, home)
        for room, why in (
            (full, "room is full"), (private, "unauthorized"), (NO_SUCH, "room not found"),
            (home, "user already in room"), ("", "invalid message"),
        ):  # fmt: skip
            assert await join(client, room) == error(why)
        for other in (owner, sitter):
            assert await heard(other, "lobby") == []
        await send(client, home, "still here")
        for listener in (client, owner):
            assert plain(await listener.next()) == flat("text", cy, home, "still here")


@pytest.mark.parametrize("how", ["close", "abort"])
async def test_lobby_9_11_whoever_is_lost_has_left(server: ChatServer, how: str) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("lobby", ann) as watcher, trio.open_nursery() as nursery:
        room = (await create(watcher))["id"]
        await join(watcher, room)
        tabs = [await server.connect(nursery, "lobby", bob) for _ in range(2)]
        for tab in tabs:
            await join(tab, room)
        assert plain(await watcher.next()) == notice("join", bob, room)
        await tabs[0].close()
        assert await heard(watcher, "lobby") == []  # they are there by another tab
        await getattr(tabs[1], how)()
        assert plain(await watcher.next()) == notice("leave", bob, room)
        assert (await rooms(watcher))[-1]["user_count"] == 1
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("wrong", [
    {"type": None}, {"type": 5}, {"type": ""}, {"type": "Text"}, {"type": "join"},
    {"content": None}, {"content": 5}, {"content": ["x"]},
    {"room_id": None}, {"room_id": 5}, {"room_id": ""}, {"room_id": ["x"]},
    "type", "content", "room_id",
])  # fmt: skip
async def test_lobby_10_each_part_of_a_message_is_needed_and_of_its_type(
    server: ChatServer, wrong: dict[str, object] | str
) -> None:
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as client, server.socket("lobby", ann) as tab:
        room = (await create(client))["id"]
        for each in (client, tab):
            await join(each, room)
        frame = message(room, "x")
        if isinstance(wrong, str):
            del frame["data"][wrong]
        else:
            frame["data"] |= wrong
        assert await client.request(frame) == INVALID
        assert await heard(tab, "lobby") == []
        assert await client.request({"type": "send_message"}) == INVALID
        assert plain(await client.request(message(room, "x"))) == flat("text", ann, room, "x")


async def test_lobby_11_nobody_hears_it_who_is_not_in_the_room(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        server.socket("lobby", ann) as sender,
        server.socket("lobby", ann) as tab,
        server.socket("lobby", bob) as elsewhere,
        server.socket("lobby", cy) as nowhere,
    ):
        room, other = (await create(sender))["id"], (await create(sender))["id"]
        await join(elsewhere, other)
        await join(sender, room)
        await sender.request(message(room, "x"))
        await sender.request({"type": "leave_room"})
        for client in (tab, elsewhere, nowhere):
            assert await heard(client, "lobby") == []


async def test_all_8_a_direct_room_is_none_of_the_lobbys(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    opened = await server.runtime.room_factory.open_direct(ann.user, bob.id)
    assert isinstance(opened, Direct)
    direct = opened.room.uuid
    async with server.socket("lobby", ann) as client:
        for data in ({}, {"type": "private"}, {"type": "public"}):
            assert direct not in [room["id"] for room in await rooms(client, **data)]
        assert await join(client, direct) == error("room not found")
        assert await client.request(message(direct, "x")) == error("room not found")
    _, channels = await server.rest(ann, "GET", "/channels/")
    assert direct not in [channel["id"] for channel in channels]


async def test_lobby_15_who_takes_no_byte_is_cut_after_the_documents_time(
    tmp_path: Path,
) -> None:
    variables = {"CHAT_WRITE_TIMEOUT": "300ms", "CHAT_MAX_MESSAGES_PER_MIN": "100000"}
    lobby = load(environ=variables).lobby
    limits = Limits(outbox_bytes=2**30)  # what is queued for them shall not end it
    async with open_chat_server(
        settings_for(tmp_path / "data", lobby=lobby, limits=limits)
    ) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        async with server.socket("lobby", ann) as talker:
            room = (await create(talker))["id"]
            await join(talker, room)
            async with await deaf(server, bob, room):
                assert plain(await talker.next()) == notice("join", bob, room)
                began = trio.current_time()
                frame: dict[str, Any] = {}
                while frame.get("type") != "leave":  # more than their kernel and ours hold
                    await send(talker, room, "\u20ac" * 1000)
                    frame = await talker.next()
                assert plain(frame) == notice("leave", bob, room)
                assert 0.3 <= trio.current_time() - began < 5


async def deaf(server: ChatServer, who: Person, room: str) -> trio.SocketStream:
    """A connection that joins the room and never reads again."""
    stream = await server.plain(f"/ws/chat?token={who.token}")
    assert bytes(await stream.receive_some(4096)).startswith(b"HTTP/1.1 101 ")
    text = b'{"type":"join_room","data":{"room_id":"%s"}}' % room.encode()
    assert len(text) < 126
    await stream.send_all(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    return stream

"""Channels over real sockets: who is told of coming and going, of whom, and when of nobody."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import heard
from tests.dialects.test_channels_rooms import at, join, leave, moved, say, told
from tests.rooms import open_room
from tests.server import ChatServer, open_chat_server, settings_for
from trichat.settings import Presence


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def test_channels_3_every_socket_of_its_maker_is_in_a_new_channel(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as tab, at(server, ann) as other, at(server, bob) as outsider:
        for private in (False, True):
            room = await server.channel(ann, f"room {private}", private=private)
            for client in (tab, other):
                assert await told(client) == []
            said = await say(server, ann, room, "first")
            for client in (tab, other):
                assert await told(client) == [{"type": "new_message", "data": said}]
            types = [frame["type"] for frame in await told(outsider)]
            assert types == ([] if private else ["channel_created"])


async def test_channels_5_the_other_tab_goes_on(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as tab, at(server, bob) as other:
        await leave(tab, place.uuid)
        said = await say(server, ann, place.uuid, "hi")
        assert await told(tab) == []
        assert await told(other) == [{"type": "new_message", "data": said}]
        assert await server.runtime.store.membership(place.number, bob.id) is not None


async def test_channels_6_16_of_who_has_no_socket_too(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall")
    async with at(server, ann) as watcher, at(server, ann) as tab:
        await server.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid})
        path = f"/channels/{place.uuid}/add-user"
        await server.rest(bob, "POST", path, {"user_id": cy.uuid})
        await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
        for client in (watcher, tab):
            assert await told(client) == [
                moved("user_joined", bob, place.uuid),
                moved("user_joined", cy, place.uuid),
                moved("user_left", bob, place.uuid),
            ]


async def test_channels_6_what_rest_refuses_is_told_to_nobody(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    secret = await open_room(server, ann, "secret", private=True)
    async with at(server, ann) as watcher, at(server, bob) as client:
        again = await server.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid})
        path = f"/channels/{place.uuid}/add-user"
        added = await server.rest(ann, "POST", path, {"user_id": bob.uuid})
        other = await server.rest(bob, "POST", "/channels/join", {"channel_id": secret.uuid})
        gone = await server.rest(bob, "DELETE", f"/channels/{secret.uuid}/leave")
        assert [again[0], added[0], other[0], gone[0]] == [400, 400, 404, 400]
        for listener in (watcher, client):
            assert await told(listener) == []


async def test_channels_6_a_visitor_comes_and_goes_once_and_vanishes_silently(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    async with at(server, ann) as watcher:
        async with at(server, bob) as visitor, at(server, bob) as tab:
            await join(visitor, place.uuid)
            assert await told(watcher) == [moved("user_joined", bob, place.uuid)]
            await join(tab, place.uuid)
            await leave(visitor, place.uuid)
            assert await told(watcher) == []
            await leave(tab, place.uuid)
            assert await told(watcher) == [moved("user_left", bob, place.uuid)]
            await join(tab, place.uuid)
            assert await told(watcher) == [moved("user_joined", bob, place.uuid)]
            for client in (visitor, tab):
                assert await told(client) == []
        assert await told(watcher) == []  # a disconnect is not told
        online = {"type": "get_online_users", "channel_id": place.uuid}
        assert (await watcher.request(online))["users"] == [ann.uuid]


async def test_channels_6_a_visitor_who_becomes_a_member_is_told_of(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    joined = moved("user_joined", bob, place.uuid)
    async with at(server, ann) as watcher, at(server, bob) as visitor:
        await join(visitor, place.uuid)
        assert await told(watcher) == [joined]
        await server.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid})
        assert await told(watcher) == [joined]  # now by their membership
        assert await told(visitor) == []
        said = await say(server, ann, place.uuid, "once")
        assert await told(visitor) == [{"type": "new_message", "data": said}]


async def test_channels_6_20_who_is_invited_in_the_lobby_is_added_by_its_maker(
    server: ChatServer,
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        at(server, ann) as maker, at(server, bob) as invited, at(server, cy) as outsider,
        server.socket("lobby", ann) as lobby,
    ):  # fmt: skip
        data = {"name": "den", "type": "private", "invite": [bob.uuid]}
        room = (await lobby.request({"type": "create_room", "data": data}))["data"]["id"]
        _, (*_, den) = await server.rest(bob, "GET", "/channels/")
        assert den["id"] == room
        joined = moved("user_joined", bob, room)
        assert await told(maker) == [joined]
        assert await told(invited) == [joined, {"type": "channel_created", "data": den}]
        assert await told(outsider) == []
        said = await say(server, ann, room, "hi")  # both are in it at once
        for client in (maker, invited):
            assert await told(client) == [{"type": "new_message", "data": said}]


@pytest.mark.parametrize("dialect", ["chats", "room", "lobby", "conversations"])
async def test_channels_6_a_socket_of_another_dialect_keeps_one_in_the_room(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as watcher, at(server, bob) as client:
        async with server.socket(dialect, bob, "hall") as other:
            await place.entered(other, dialect)
            await heard(other, dialect)
            await leave(client, place.uuid)
            assert await told(watcher) == []
            await join(client, place.uuid)
            assert await told(watcher) == []
            await leave(client, place.uuid)
        await join(client, place.uuid)
        assert await told(watcher) == [moved("user_joined", bob, place.uuid)]


async def test_channels_9_of_each_user_one_id(server: ChatServer) -> None:
    """Online members wherever they are connected, and visitors; nobody else."""
    ann, bob, cy, dee = [await server.person(name) for name in ("ann", "bob", "cy", "dee")]
    place = await open_room(server, ann, "hall", bob, await server.person("offline"))
    async with (
        at(server, ann) as tab, at(server, ann), at(server, bob) as left, at(server, cy) as cys,
        at(server, dee),
    ):  # fmt: skip
        await leave(left, place.uuid)
        await join(cys, place.uuid)
        await told(tab)
        for client in (tab, left, cys):
            answer: dict[str, Any] = await client.request(
                {"type": "get_online_users", "channel_id": place.uuid}
            )
            assert len(answer.pop("timestamp")) == 24
            assert sorted(answer.pop("users")) == sorted([ann.uuid, bob.uuid, cy.uuid])
            assert answer == {"type": "online_users", "channel_id": place.uuid}
        for client in (tab, left, cys):
            assert await told(client) == []  # the asker alone is answered

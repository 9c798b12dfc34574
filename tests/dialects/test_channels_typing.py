"""Channels over real sockets: who is told of typing, and that no true is left standing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import DIALECTS, heard
from tests.dialects.test_channels_rooms import at, join, leave, moved, told
from tests.rooms import open_room
from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.settings import Presence


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


def typing(room: str, *, on: bool) -> dict[str, Any]:
    return {"type": "typing_indicator", "channel_id": room, "is_typing": on}


def typed(who: Person, room: str, *, on: bool) -> dict[str, Any]:
    return {**typing(room, on=on), "user_id": who.uuid, "username": who.name}


async def test_channels_7_members_visitors_and_nobody_else_are_told(server: ChatServer) -> None:
    ann, bob, cy, dee = [await server.person(name) for name in ("ann", "bob", "cy", "dee")]
    place = await open_room(server, ann, "hall", bob)
    async with (
        at(server, ann) as member, at(server, ann) as left, at(server, bob) as client,
        at(server, cy) as visitor, at(server, dee) as outsider,
    ):  # fmt: skip
        await leave(left, place.uuid)
        await join(visitor, place.uuid)
        for listener in (member, client):
            await told(listener)
        for on in (True, False, False, True):  # each is told, also one that changes nothing
            await client.send(typing(place.uuid, on=on))
            assert await told(client) == []
            for listener in (member, visitor):
                assert await told(listener) == [typed(bob, place.uuid, on=on)]
        await visitor.send(typing(place.uuid, on=True))
        assert await told(visitor) == []
        for listener in (member, client):
            assert await told(listener) == [typed(cy, place.uuid, on=True)]
        for listener in (left, outsider):
            assert await told(listener) == []


async def test_channels_7_other_dialects_are_told_of_no_typing(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    for dialect in DIALECTS:
        if dialect != "channels":
            async with server.socket(dialect, ann, "hall") as other, at(server, bob) as client:
                await place.entered(other, dialect)
                await heard(other, dialect)
                await client.send(typing(place.uuid, on=True))
                assert await told(client) == []
                assert await heard(other, dialect) == []
                await leave(client, place.uuid)
                await heard(other, dialect)


async def test_channels_7_what_is_stopped_is_not_cleared_again(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as watcher:
        async with at(server, bob) as client:
            for on in (True, False):
                await client.send(typing(place.uuid, on=on))
                assert await told(client) == []
                assert await told(watcher) == [typed(bob, place.uuid, on=on)]
            await leave(client, place.uuid)
        assert await told(watcher) == [moved("user_left", bob, place.uuid)]


async def test_channels_7_it_is_cleared_before_the_leaving_is_told(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as watcher, at(server, bob) as client:
        for how in ("leave_channel", "rest"):
            await client.send(typing(place.uuid, on=True))
            assert await told(client) == []
            assert await told(watcher) == [typed(bob, place.uuid, on=True)]
            if how == "rest":
                await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
            else:
                await leave(client, place.uuid)
            assert await told(watcher) == [
                typed(bob, place.uuid, on=False),
                moved("user_left", bob, place.uuid),
            ]
            await join(client, place.uuid)
            await told(watcher)


@pytest.mark.parametrize("end", ["leave_channel", "rest"])
async def test_channels_7_also_of_a_socket_that_is_not_in_the_room(
    server: ChatServer, end: str
) -> None:
    """Who may be in the room may type in it; their leaving ends that too."""
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as watcher, at(server, bob) as client:
        await leave(client, place.uuid)
        assert await told(watcher) == [moved("user_left", bob, place.uuid)]
        await client.send(typing(place.uuid, on=True))
        assert await told(client) == []
        assert await told(watcher) == [typed(bob, place.uuid, on=True)]
        if end == "rest":
            await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
        else:
            await leave(client, place.uuid)
        cleared = [frame for frame in await told(watcher) if frame["type"] != "user_left"]
        assert cleared == [typed(bob, place.uuid, on=False)]


async def test_channels_7_a_ban_clears_it(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as watcher, at(server, bob) as client:
        await client.send(typing(place.uuid, on=True))
        assert await told(client) == []
        server.runtime.connections.suspend(bob.id)
        assert await client.close_code() == 1008
        assert await told(watcher) == [
            typed(bob, place.uuid, on=True), typed(bob, place.uuid, on=False),
        ]  # fmt: skip

"""Channels over real sockets: what is refused, in which words, and that nobody else hears of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import NO_SUCH
from tests.dialects.test_channels_rooms import at, join, leave, say, told
from tests.rooms import open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.settings import Presence

DENIED = {
    "type": "error",
    "error_code": "access_denied",
    "message": "Access denied to channel",
    "details": "User is not a member of this private channel",
}


def error(code: str, message: str) -> dict[str, str]:
    return {"type": "error", "error_code": code, "message": message, "details": ""}


FAILED = {
    "join_channel": error("join_channel_error", "Failed to join channel"),
    "leave_channel": error("leave_channel_error", "Failed to leave channel"),
    "typing_indicator": error("typing_indicator_error", "Failed to process typing indicator"),
    "get_online_users": error("get_online_users_error", "Failed to get online users"),
}

OTHERS: list[Any] = [5, 0, 1.5, True, False, [], {}, [NO_SUCH]]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def direct(server: ChatServer, one: Person, other: Person) -> str:
    """The UUID of the room of two."""
    opened: Any = await server.runtime.room_factory.open_direct(one.user, other.id)
    return str(opened.room.uuid)


@pytest.mark.parametrize("type_", ["join_channel", "typing_indicator", "get_online_users"])
async def test_channels_4_a_direct_room_is_as_unknown_as_a_private_one(
    server: ChatServer, type_: str
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    secret = await server.channel(cy, "secret", private=True)
    pair, others = await direct(server, ann, bob), await direct(server, bob, cy)
    async with at(server, ann) as client, at(server, bob) as peer, at(server, cy) as owner:
        for room in (pair, others, secret, secret.upper(), NO_SUCH, "no uuid", " "):
            frame = {"type": type_, "channel_id": room, "is_typing": True}
            assert await client.request(frame) == DENIED
        for other in (peer, owner):
            assert await told(other) == []


async def test_channels_5_leaving_asks_for_no_access_and_changes_nothing_elsewhere(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    secret = await open_room(server, ann, "secret", private=True)
    place = await open_room(server, ann, "hall")
    async with at(server, ann) as owner, at(server, bob) as client:
        for room in (secret.uuid, place.uuid, NO_SUCH, "no uuid"):
            left = {"type": "channel_left", "channel_id": room}
            assert await leave(client, room) == left
        assert await told(owner) == []


@pytest.mark.parametrize("type_", FAILED)
async def test_channels_14_a_channel_id_that_is_missing_or_of_another_type(
    server: ChatServer, type_: str
) -> None:
    missing = error("missing_channel_id", "Channel ID is required")
    async with at(server, await server.person("ann")) as client:
        frame: dict[str, Any] = {"type": type_, "is_typing": True}
        assert await client.request(frame) == missing
        for nothing in (None, ""):
            assert await client.request({**frame, "channel_id": nothing}) == missing
        for id_ in OTHERS:
            assert await client.request({**frame, "channel_id": id_}) == FAILED[type_]
        assert await told(client) == []  # it stays open


async def test_channels_7_14_is_typing_is_true_or_false(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    wrong = FAILED["typing_indicator"]
    async with at(server, ann) as watcher, at(server, bob) as client:
        frame = {"type": "typing_indicator", "channel_id": place.uuid}
        assert await client.request(frame) == wrong
        for on in (None, "true", "", *OTHERS[:2], [], {}):
            assert await client.request({**frame, "is_typing": on}) == wrong
        assert await told(watcher) == []


@pytest.mark.parametrize(
    ("type_", "shown"),
    [
        ("new_message", "new_message"),
        ("t" * 64, "t" * 64),
        ("t" * 65, "t" * 64),
        ("🎈" * 65, "🎈" * 64),
        ("Ping", "Ping"),
        ("\ud800", "\ud800"),
        ("", ""),
        (None, ""),
        (5, "5"),
    ],
)
async def test_channels_14_an_unknown_type_is_repeated(
    server: ChatServer, type_: object, shown: str
) -> None:
    expected = error("unknown_message_type", f"Unknown message type: {shown}")
    async with at(server, await server.person("ann")) as client:
        assert await client.request({"type": type_, "channel_id": NO_SUCH}) == expected
        assert await told(client) == []


@pytest.mark.parametrize("id_", ["\ud800", "a\0b", "x" * 5000])
async def test_channels_14_an_id_that_no_channel_has_is_no_failure_of_the_server(
    server: ChatServer, id_: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with at(server, await server.person("ann")) as client:
        for type_ in FAILED:
            frame = {"type": type_, "channel_id": id_, "is_typing": True}
            answer = await client.request(frame)
            answer.pop("timestamp", None)
            left = {"type": "channel_left", "channel_id": id_}
            assert answer == (left if type_ == "leave_channel" else DENIED)
        assert await told(client) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_channels_14_what_is_no_object_is_no_json_either(server: ChatServer) -> None:
    invalid = error("invalid_json", "Invalid JSON format")
    async with at(server, await server.person("ann")) as client:
        for frame in ("", "{", "{}}", "[]", "null", "5", '"ping"', "{'type': 'ping'}", "NaN"):
            assert await client.request(frame) == invalid, frame
        for data in ("[" * 50_000, b"", b'{"type": "ping"}'):
            assert await client.request(data) == invalid
        without = error("unknown_message_type", "Unknown message type: ")
        assert await client.request({}) == without
        assert await told(client) == []


async def test_channels_10_nothing_is_sent_by_a_client_s_new_message(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    head = (await server.runtime.store.history(place.number, limit=0))[1]
    async with at(server, ann) as watcher, at(server, bob) as client:
        data = {"content": "hi", "channelId": place.uuid, "channel_id": place.uuid}
        frame = {"type": "new_message", "channel_id": place.uuid, "content": "hi", "data": data}
        expected = error("unknown_message_type", "Unknown message type: new_message")
        assert await client.request(frame) == expected
        assert await told(watcher) == []
    assert (await server.runtime.store.history(place.number, limit=0))[1] == head


async def test_channels_18_nobody_is_slowed_down_by_default(server: ChatServer) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    async with at(server, ann) as client:
        for number in range(150):
            await say(server, ann, place.uuid, str(number))
        frames = await told(client)
        assert [frame["data"]["content"] for frame in frames] == [str(n) for n in range(150)]
        for _ in range(500):
            await client.send({"type": "ping"})
        for _ in range(500):
            assert (await client.next())["type"] == "pong"


async def test_channels_4_8_keys_that_no_request_has_are_ignored(server: ChatServer) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    async with at(server, ann) as client:
        await plain(client, {"type": "ping", "channel_id": 5, "x": {}}, {"type": "pong"})
        asked = {"type": "join_channel", "channel_id": place.uuid, "password": None}
        await plain(client, asked, {"type": "channel_joined", "channel_id": place.uuid})
        twice = f'{{"type": "dance", "type": "join_channel", "channel_id": "{place.uuid}"}}'
        await client.send(twice)
        assert json.loads(await client.raw())["type"] == "channel_joined"
        assert await join(client, place.uuid) == {
            "type": "channel_joined", "channel_id": place.uuid,
        }  # fmt: skip


async def plain(client: Client, asked: dict[str, Any], answer: dict[str, Any]) -> None:
    """The answer, and its time."""
    frame = await client.request(asked)
    assert frame.keys() == {*answer, "timestamp"}
    assert answer.items() <= frame.items()

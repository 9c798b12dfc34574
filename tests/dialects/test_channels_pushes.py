"""Channels over real sockets: what REST and other users do is pushed, exactly and once."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import heard
from tests.dialects.test_channels_rooms import at, say, told
from tests.rooms import open_room
from tests.server import ChatServer, open_chat_server, settings_for
from trichat.settings import Presence

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TWICE = (
    ("channel_id", "channelId"), ("user_id", "userId"), ("created_at", "createdAt"),
    ("updated_at", "updatedAt"), ("is_edited", "isEdited"),
)  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def test_channels_10_17_new_message_exactly(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as sender, at(server, ann) as tab, at(server, bob) as other:
        said = await say(server, ann, place.uuid, "hi **there**")
        frames = [await client.next() for client in (sender, tab, other)]
        assert frames[0] == frames[1] == frames[2]
        frame = frames[0]
        assert frame.keys() == {"type", "data", "timestamp"}
        assert frame["type"] == "new_message"
        data = frame["data"]
        assert data == said  # one message, one object, in REST and frames
        for snake, camel in TWICE:
            assert data[snake] == data[camel]
        assert (data["content"], data["channelId"], data["userId"]) == (
            "hi **there**", place.uuid, ann.uuid,
        )  # fmt: skip
        assert data["user"]["id"] == ann.uuid
        assert data["user"]["username"] == "ann"
        assert data["user"]["email"] == "ann@example.com"
        for time in (frame["timestamp"], data["createdAt"], data["updatedAt"]):
            assert TIME.fullmatch(time)
        assert all(isinstance(data[key], str) for key in ("id", "channelId", "userId"))
        _, stored = await server.rest(bob, "GET", f"/messages/{said['id']}")
        assert stored["created_at"] == data["created_at"]
        for client in (sender, tab, other):
            assert await told(client) == []
        refused = await sender.request({"type": "new_message", "channel_id": place.uuid})
        assert refused["error_code"] == "unknown_message_type"


async def test_channels_12_status_is_not_told_to_oneself_and_comes_after_the_greeting(
    tmp_path: Path,
) -> None:
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        await open_room(server, ann, "hall", bob)
        async with at(server, ann) as observer:
            async with server.socket("channels", bob) as first, server.socket("chats", bob):
                assert (await first.next())["type"] == "connection_established"
                status = await observer.next()
                assert status.keys() == {"type", "user_id", "status", "timestamp"}
                assert (status["user_id"], status["status"]) == (bob.uuid, "online")
                assert TIME.fullmatch(status["timestamp"])
                assert all(frame["user_id"] == ann.uuid for frame in await told(first))
            off = await observer.next()
            assert (off["user_id"], off["status"]) == (bob.uuid, "offline")
            assert await told(observer) == []


async def test_channels_13_once_per_message_and_user_however_often_he_is_named(
    server: ChatServer,
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob, cy)
    async with at(server, ann) as author, at(server, bob) as tab, at(server, bob) as other:
        await other.request({"type": "leave_channel", "channel_id": place.uuid})
        said = await say(server, ann, place.uuid, "@bob @bob and @bob, also @ann")
        mention: dict[str, Any] = {
            "type": "mention_notification",
            "data": {
                "message_id": said["id"], "channel_id": place.uuid,
                "content": "@bob @bob and @bob, also @ann",
                "from_user_id": ann.uuid, "from_username": "ann",
            },
        }  # fmt: skip
        frames = await told(tab)
        assert [frame["type"] for frame in frames] == ["new_message", "mention_notification"]
        assert frames[1] == mention
        assert await told(other) == [mention]  # also after leave_channel
        assert [frame["type"] for frame in await told(author)] == ["new_message"]
        async with at(server, cy) as newly:
            text = "@bob and now @cy @cy"
            await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": text})
            types = [frame["type"] for frame in await told(tab)]
            assert types == ["message_edited"]  # named before
            edited, told_cy = await told(newly)
            assert edited["type"] == "message_edited"
            assert told_cy["data"] == {**mention["data"], "content": text, "is_edit": True}
            await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": text + "!"})
            assert [frame["type"] for frame in await told(newly)] == ["message_edited"]


async def test_channels_13_visitors_and_who_left_are_not_notified(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as left, at(server, cy) as visitor:
        await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
        await visitor.request({"type": "join_channel", "channel_id": place.uuid})
        await say(server, ann, place.uuid, "@bob @cy")
        assert await told(left) == []
        assert [frame["type"] for frame in await told(visitor)] == ["new_message"]


async def test_channels_20_edited_and_deleted_exactly(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as client, server.socket("chats", bob) as chats:
        await place.entered(chats, "chats")
        said = await say(server, ann, place.uuid, "one")
        for emoji, who in (("👍", ann), ("🎉", bob)):
            body = {"message_id": said["id"], "emoji": emoji}
            await server.rest(who, "POST", "/messages/reactions", body)
        await told(client)
        _, edited = await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": "two"})
        (frame,) = await told(client)
        assert frame.keys() == {"type", "data"}
        assert frame["type"] == "message_edited"
        assert frame["data"] == edited
        assert frame["data"]["isEdited"] is True
        reactions = {(one["emoji"], one["userId"]) for one in frame["data"]["reactions"]}
        assert reactions == {("👍", ann.uuid), ("🎉", bob.uuid)}
        await server.rest(ann, "DELETE", f"/messages/{said['id']}")
        gone = {
            "type": "message_deleted", "message_id": said["id"], "channel_id": place.uuid,
            "deleted_by": "ann",
        }  # fmt: skip
        assert await told(client) == [gone]


async def test_channels_20_force_disconnect_then_1008(server: ChatServer) -> None:
    ann = await server.person("ann")
    async with at(server, ann) as client:
        server.runtime.connections.suspend(ann.id, "Spam")
        frame: dict[str, Any] = await client.next()
        assert TIME.fullmatch(frame.pop("timestamp"))
        assert frame == {"type": "force_disconnect", "reason": "Spam"}
        assert await client.close_code() == 1008


async def test_channels_19_20_channel_created_goes_to_whom_it_concerns(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        at(server, ann) as creator,
        at(server, bob) as second,
        at(server, cy) as third,
        server.socket("lobby", ann) as lobby,
        server.socket("conversations", ann) as conversations,
    ):
        status, made = await server.rest(ann, "POST", "/channels/", {"name": "news"})
        assert status == 200
        for client in (second, third):
            assert await told(client) == [{"type": "channel_created", "data": made}]
        assert await told(creator) == []
        await server.rest(ann, "POST", "/channels/", {"name": "secret", "is_private": True})
        for client in (creator, second, third):
            assert await told(client) == []
        data = {"name": "den", "type": "private", "invite": [bob.uuid]}
        await lobby.request({"type": "create_room", "data": data})
        (frame,) = [f for f in await told(second) if f["type"] == "channel_created"]
        assert frame["data"]["is_private"] is True  # the admitted only
        assert [f for f in await told(third) if f["type"] == "channel_created"] == []
        start = {"type": "chat.start_conversation", "receiver_id": cy.id}
        await conversations.request(start)
        await heard(conversations, "conversations")
        for client in (creator, second, third):  # of a direct one nobody
            assert [f for f in await told(client) if f["type"] == "channel_created"] == []

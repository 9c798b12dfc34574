"""Channels over real sockets: being in a room, going, typing, and who is told of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from trio_websocket import ConnectionClosed

from tests.dialects.speech import heard, texts
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.settings import Presence
from trichat.store.health import StoreError


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


@asynccontextmanager
async def at(server: ChatServer, who: Person) -> AsyncIterator[Client]:
    """Connected and greeted."""
    async with server.socket("channels", who) as client:
        assert (await client.next())["type"] == "connection_established"
        yield client


async def told(client: Client) -> list[Any]:
    """All that came, without its times."""
    frames = await heard(client, "channels")
    for frame in frames:
        stamp = frame.pop("timestamp")
        assert (len(stamp), stamp[-5], stamp[-1]) == (24, ".", "Z")
    return frames


async def join(client: Client, room: str) -> Any:
    answer = await client.request({"type": "join_channel", "channel_id": room})
    answer.pop("timestamp", None)
    return answer


async def leave(client: Client, room: str) -> Any:
    answer = await client.request({"type": "leave_channel", "channel_id": room})
    answer.pop("timestamp", None)
    return answer


def moved(type_: str, who: Person, room: str) -> dict[str, str]:
    return {"type": type_, "user_id": who.uuid, "username": who.name, "channel_id": room}


async def say(server: ChatServer, who: Person, room: str, text: str) -> Any:
    status, said = await server.rest(
        who, "POST", "/messages/", {"content": text, "channel_id": room}
    )
    assert status == 200
    return said


@pytest.mark.parametrize("token", [None, "", "nonsense"])
async def test_channels_1_a_bad_token_never_sees_a_frame(
    server: ChatServer, token: str | None
) -> None:
    async with server.socket("channels", token) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await client.socket.get_message()
        assert closed.value.reason is not None
        assert closed.value.reason.code == 1008


async def test_channels_2_the_token_of_a_login_opens(server: ChatServer) -> None:
    ann = await server.person("ann")
    body = {"username": "ann", "password": "Secret1x"}
    status, answer = await server.rest(None, "POST", "/auth/login", body)
    assert (status, answer["token_type"]) == (200, "bearer")
    async with server.socket("channels", answer["access_token"]) as client:
        assert (await client.next())["user_id"] == ann.uuid


async def test_channels_2_ones_own_objects_bear_the_number_that_conversations_uses(
    server: ChatServer,
) -> None:
    """And nobody else's do."""
    bob = await server.person("bob")
    fields = {"username": "ann", "email": "ann@example.com", "password": "Secret1x"}
    _, registered = await server.rest(None, "POST", "/auth/register", fields)
    _, entered = await server.rest(None, "POST", "/auth/login", fields)
    user = await server.runtime.store.user_by_name("ann")
    assert user is not None
    ann = Person(user, entered["access_token"])
    _, me = await server.rest(ann, "GET", "/auth/me")
    _, saved = await server.rest(ann, "PUT", f"/users/{ann.uuid}", {"avatar": "a.png"})
    async with server.socket("conversations", bob) as client:
        found = await client.request({"type": "chat.search_user", "keyword": "ann"})
    (there,) = found["results"]
    own = [registered["user"], entered["user"], me, saved]
    assert [each["number"] for each in own] == [there["id"]] * 4

    room = await server.channel(ann, "hall", bob)
    _, seen = await server.rest(bob, "GET", f"/users/{ann.uuid}")
    _, channel = await server.rest(bob, "GET", f"/channels/{room}")
    _, everyone = await server.rest(bob, "GET", "/users/")
    for each in (seen, *everyone, *channel["members"], (await say(server, ann, room, "x"))["user"]):
        assert "number" not in each


async def test_channels_3_after_the_greeting_it_is_in_all_its_channels(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    mine = [await server.channel(bob, name, ann) for name in ("one", "two")]
    mine.append(await server.channel(bob, "secret", ann, private=True))
    other = await server.channel(bob, "other")
    async with at(server, ann) as client:
        for room in (*mine, other):
            await say(server, bob, room, room)
        frames = await told(client)
        assert texts(frames, "channels") == mine


async def test_channels_4_a_visit_never_makes_a_member(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    async with at(server, bob) as visitor:
        for _ in range(2):
            joined = {"type": "channel_joined", "channel_id": place.uuid}
            assert await join(visitor, place.uuid) == joined
        await say(server, ann, place.uuid, "live")
        assert texts(await told(visitor), "channels") == ["live"]
        read = await server.rest(bob, "GET", f"/messages/channel/{place.uuid}")
        body = {"content": "x", "channel_id": place.uuid}
        sent = await server.rest(bob, "POST", "/messages/", body)
        assert (read[0], sent[0]) == (403, 403)
    assert await server.runtime.store.membership(place.number, bob.id) is None
    async with at(server, bob) as again:  # and they are not in it by themselves
        await say(server, ann, place.uuid, "later")
        assert await told(again) == []


# What it is answered who says something in a private room that they are not in.
OUTSIDE: dict[str, Any] = {
    "chats": {"action": "message_response", "status": "error", "error": "no access"},
    "lobby": {"type": "error", "data": {"message": "unauthorized"}},
    "conversations": {"type": "error", "message": "Conversation not found"},
}


async def test_channels_5_rest_leave_takes_out_all_the_users_sockets(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob, private=True)
    async with AsyncExitStack() as sockets:
        clients = {}
        for dialect in ("chats", "room", "lobby", "conversations"):
            client = await sockets.enter_async_context(server.socket(dialect, bob, "hall"))
            await place.entered(client, dialect)
            clients[dialect] = client
        tabs = [await sockets.enter_async_context(at(server, bob)) for _ in range(2)]
        owner = await sockets.enter_async_context(at(server, ann))
        for dialect, client in clients.items():
            await heard(client, dialect)
        assert (await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave"))[0] == 200
        left = await clients["lobby"].next()
        assert (left["type"], left["content"]) == ("leave", "bob@example.com left the room")
        assert await clients["room"].close_code() == 4003
        assert await told(owner) == [moved("user_left", bob, place.uuid)]
        await say(server, ann, place.uuid, "@bob among us")
        for dialect in ("chats", "lobby", "conversations"):
            assert await heard(clients[dialect], dialect) == []
        for tab in tabs:
            assert await told(tab) == []
        for dialect, refusal in OUTSIDE.items():
            assert await clients[dialect].request(place.message(dialect, "x")) == refusal
    async with at(server, bob) as again:  # they do not enter again
        await say(server, ann, place.uuid, "still among us")
        assert await told(again) == []


async def test_channels_5_a_visit_to_a_public_room_outlives_membership(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with server.socket("room", bob, "hall") as room, at(server, bob) as client:
        await heard(room, "room")
        await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
        await say(server, ann, place.uuid, "to all")
        assert texts(await heard(room, "room"), "room") == ["to all"]
        assert await told(client) == []


async def test_channels_6_edges_of_a_user_not_of_his_sockets(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as watcher, at(server, bob) as tab, at(server, bob) as other:
        assert await told(watcher) == []  # auto-join is not told
        await leave(tab, place.uuid)
        assert await told(watcher) == []
        await leave(other, place.uuid)
        assert await told(watcher) == [moved("user_left", bob, place.uuid)]
        await leave(other, place.uuid)
        assert await told(watcher) == []
        await join(other, place.uuid)
        await join(other, place.uuid)
        await join(tab, place.uuid)
        assert await told(watcher) == [moved("user_joined", bob, place.uuid)]
        assert await told(tab) == []  # never to themselves
        assert await told(other) == []
    async with at(server, ann) as watcher:
        async with at(server, bob):
            pass
        assert await told(watcher) == []  # nor is a disconnect


async def test_channels_6_joining_by_rest_is_not_told_to_oneself(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    async with at(server, ann) as watcher, at(server, bob) as tab, at(server, bob) as other:
        await server.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid})
        assert await told(watcher) == [moved("user_joined", bob, place.uuid)]
        for client in (tab, other):
            assert await told(client) == []
        await say(server, ann, place.uuid, "@bob hi")  # and both are in the room
        for client in (tab, other):
            assert [frame["type"] for frame in await told(client)] == [
                "new_message", "mention_notification",
            ]  # fmt: skip


async def test_channels_6_who_is_added_enters_before_he_is_told(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", private=True)
    async with at(server, ann) as watcher, at(server, bob) as tab, at(server, bob) as other:
        path = f"/channels/{place.uuid}/add-user"
        assert (await server.rest(ann, "POST", path, {"user_id": bob.uuid}))[0] == 200
        for client in (watcher, tab, other):
            assert await told(client) == [moved("user_joined", bob, place.uuid)]
        answer = await tab.request({"type": "get_online_users", "channel_id": place.uuid})
        assert set(answer["users"]) == {ann.uuid, bob.uuid}


@pytest.mark.parametrize("end", ["leave_channel", "rest", "disconnect", "abrupt"])
async def test_channels_7_a_pending_true_is_cleared(server: ChatServer, end: str) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    typing = {"type": "typing_indicator", "channel_id": place.uuid}
    async with at(server, ann) as watcher, at(server, bob) as tab:
        async with at(server, bob) as client:
            await client.send({**typing, "is_typing": True})
            assert await told(client) == []  # no answer
            told_on = {**typing, "user_id": bob.uuid, "username": "bob"}
            assert await told(watcher) == [{**told_on, "is_typing": True}]
            assert await told(tab) == []  # to other users alone
            off = {**told_on, "is_typing": False}
            match end:
                case "leave_channel":
                    await leave(client, place.uuid)
                    assert await told(watcher) == [off]
                case "rest":
                    await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
                    frames = await told(watcher)
                    assert off in frames
                    assert moved("user_left", bob, place.uuid) in frames
                case "abrupt":
                    await client.abort()
        if end in ("disconnect", "abrupt"):
            cleared = await watcher.next()
            cleared.pop("timestamp")
            assert cleared == off
        assert await told(watcher) == []  # once


async def test_channels_8_ping(server: ChatServer) -> None:
    async with at(server, await server.person("ann")) as client:
        pong = await client.request({"type": "ping"})
        assert pong.keys() == {"type", "timestamp"}
        assert pong["type"] == "pong"


async def test_channels_9_who_may_be_in_the_room_may_ask(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    secret = await open_room(server, ann, "secret", private=True)
    async with at(server, ann), at(server, bob) as stranger:
        request = {"type": "get_online_users", "channel_id": place.uuid}
        answer = await stranger.request(request)
        assert answer.keys() == {"type", "channel_id", "users", "timestamp"}
        assert answer["users"] == [ann.uuid]  # they asked from outside
        denied = await stranger.request({**request, "channel_id": secret.uuid})
        assert denied["error_code"] == "access_denied"


WORK = {
    "join_channel": ("join_channel_error", "Failed to join channel"),
    "leave_channel": ("leave_channel_error", "Failed to leave channel"),
    "typing_indicator": ("typing_indicator_error", "Failed to process typing indicator"),
    "get_online_users": ("get_online_users_error", "Failed to get online users"),
    "ping": ("internal_error", "Internal server error"),
}


@pytest.mark.parametrize("type_", WORK)
async def test_channels_14_a_failure_is_logged_and_tells_nothing_inner(
    server: ChatServer,
    type_: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    code, message = WORK[type_]
    expected = {"type": "error", "error_code": code, "message": message}
    async with at(server, ann) as client:
        with monkeypatch.context() as patch:

            async def broken(*args: object, **kwargs: object) -> None:
                raise StoreError("disk I/O error at /secret/place")

            patch.setattr(server.runtime.directory, "find", broken)
            if type_ == "ping":
                patch.setattr("trichat.wire.handlers._HANDLERS", {})
            frame = {"type": type_, "channel_id": place.uuid, "is_typing": True}
            answer = await client.request(frame)
        details = answer.pop("details")
        assert isinstance(details, str)
        assert "secret" not in details
        assert answer == expected
        assert await told(client) == []  # it stays open
    assert any(record.levelname == "ERROR" for record in caplog.records)


async def test_channels_15_whoever_is_lost_is_out_of_everything(tmp_path: Path) -> None:
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        rooms = [await open_room(server, ann, name, bob) for name in ("one", "two")]
        async with at(server, ann) as watcher:
            async with at(server, bob) as client:
                online = await watcher.until(type="user_status", user_id=bob.uuid)
                assert online["status"] == "online"
                await client.send(
                    {"type": "typing_indicator", "channel_id": rooms[0].uuid, "is_typing": True}
                )
                assert (await watcher.next())["is_typing"] is True
                await client.abort()
                frames = [await watcher.next() for _ in range(2)]
                assert frames[0]["is_typing"] is False
                assert (frames[1]["type"], frames[1]["status"]) == ("user_status", "offline")
            await nothing_left(server, bob, rooms)
            answer = await watcher.request(
                {"type": "get_online_users", "channel_id": rooms[0].uuid}
            )
            assert answer["users"] == [ann.uuid]


async def test_channels_15_also_when_the_server_cancels(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    rooms = [await open_room(server, ann, name, bob) for name in ("one", "two")]
    async with at(server, bob) as client:
        await server.runtime.drain()
        assert await client.close_code() == 1001
    await nothing_left(server, bob, rooms)


async def nothing_left(server: ChatServer, who: Person, rooms: list[NamedRoom]) -> None:
    runtime = server.runtime
    assert runtime.connections.of(who.id) == ()
    assert not runtime.connections.online(who.id)
    for room in rooms:
        assert who.id not in runtime.audiences.ids(room.number)
    assert not runtime.typing._pending


async def test_channels_5_leaving_a_room_that_nobody_knows_is_answered_with_its_id(
    server: ChatServer,
) -> None:
    async with at(server, await server.person("ann")) as client:
        for room in ("no uuid", "a\0b", "\ud800", "\U0001f600"):
            assert await leave(client, room) == {"type": "channel_left", "channel_id": room}

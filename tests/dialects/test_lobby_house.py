"""The lobby over real sockets: its path, its limits, its seats, and what is not its to keep."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio

from tests.dialects.lobbying import create, error, join
from tests.dialects.speech import DIALECTS, NO_SUCH, heard, texts
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.settings import Limits, Lobby, Presence, load

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def test_lobby_1_the_path_is_the_operators(tmp_path: Path) -> None:
    variables = {"CHAT_WEBSOCKET_PATH": "/lobby/socket"}
    lobby = load(environ=variables).lobby
    async with open_chat_server(settings_for(tmp_path / "data", lobby=lobby)) as server:
        ann = await server.person("ann")
        nowhere = await server.refusal(f"/ws/chat?token={ann.token}")
        assert nowhere.status_code == 404
        moved = await server.refusal("/lobby/socket?token=x")
        assert moved.status_code == 401
        server.paths = {**server.paths, "lobby": "/lobby/socket"}
        async with server.socket("lobby", ann) as client:
            assert (await client.request({"type": "list_rooms"}))["type"] == "rooms_list"
        for dialect in ("chats", "room", "channels", "conversations"):
            async with server.socket(dialect, ann, "hall") as client:
                await heard(client, dialect)


async def test_lobby_3_answers_in_the_envelope_and_flat_frames_one_object_each(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as client:
        created = await client.request(
            {"type": "create_room", "data": {"name": "a", "type": "public"}}
        )
        listed = await client.request({"type": "list_rooms", "data": {}})
        refused = await client.request({"type": "nonsense", "data": {}})
        for frame in (created, listed, refused):
            assert frame.keys() == {"type", "data"}
        room = created["data"]["id"]
        flat = {
            "id", "type", "content", "user_id", "user_uuid", "user_email", "room_id", "timestamp",
        }  # fmt: skip
        joined = await join(client, room)
        message = {"type": "text", "content": "x", "room_id": room}
        said = await client.request({"type": "send_message", "data": message})
        left = await client.request({"type": "leave_room", "data": {}})
        for frame in (joined, said, left):
            assert frame.keys() == flat
        for _ in range(5):  # at once, and still one object per frame
            await client.send({"type": "list_rooms"})
        assert [(await client.next())["type"] for _ in range(5)] == ["rooms_list"] * 5


async def test_lobby_4_an_invited_user_shares_a_private_room(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with server.socket("lobby", ann) as first, server.socket("lobby", bob) as second:
        room = await create(first, type="private", invite=[bob.uuid.upper(), ann.uuid])
        await join(first, room["id"])
        assert (await join(second, room["id"]))["type"] == "join"
        frame = {"name": "x", "type": "private", "invite": [cy.uuid, NO_SUCH]}
        answer = await first.request({"type": "create_room", "data": frame})
        while answer["type"] != "error":
            answer = await first.next()
        assert answer == error("user not found")
    async with server.socket("lobby", cy) as third:
        assert await join(third, room["id"]) == error("unauthorized")


async def test_lobby_10_the_current_room_alone(server: ChatServer) -> None:
    """A room left, or one that was never joined, takes no message, though they own it."""
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as client:
        one, two = (await create(client))["id"], (await create(client))["id"]
        await join(client, one)
        await join(client, two)
        assert (await client.next())["type"] == "leave"
        for room, expected in ((one, "error"), (two, "text"), (two.upper(), "text")):
            data = {"type": "text", "content": "x", "room_id": room}
            assert (await client.request({"type": "send_message", "data": data}))[
                "type"
            ] == expected
        await client.request({"type": "leave_room"})
        data = {"type": "text", "content": "x", "room_id": two}
        answer = await client.request({"type": "send_message", "data": data})
        assert answer == error("unauthorized")


async def test_lobby_12_a_barred_user_is_told_user_not_found_then_1008(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("lobby", ann) as client, server.socket("lobby", bob) as other:
        room = (await create(client))["id"]
        await join(client, room)
        await join(other, room)
        await client.next()
        server.runtime.connections.suspend(ann.id)
        assert await client.next() == error("user not found")
        assert await client.close_code() == 1008
        left = await other.next()
        assert (left["type"], left["user_id"]) == ("leave", ann.id)


async def test_lobby_18_so_many_connections_per_user_and_per_server(tmp_path: Path) -> None:
    limits = Limits(connections=4, connections_per_user=2)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
        async with AsyncExitStack() as sockets:
            for dialect in ("lobby", "chats"):
                client = await sockets.enter_async_context(server.socket(dialect, ann))
                await heard(client, dialect)
            assert (await server.refusal(f"/ws/chat?token={ann.token}")).status_code == 429
            async with server.socket("channels", ann) as client:
                assert await client.close_code() == 1008
            for _ in range(2):
                client = await sockets.enter_async_context(server.socket("lobby", bob))
                await heard(client, "lobby")
            for dialect in DIALECTS:
                path = server.url(dialect, cy.token, "hall").partition(server.address)[2]
                assert (await server.refusal(path)).status_code == 503
        async with server.socket("lobby", cy) as client:  # there is room again
            await heard(client, "lobby")


async def test_lobby_18_a_rush_of_connections_does_not_pass_the_limit(tmp_path: Path) -> None:
    limits = Limits(connections_per_user=3)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        ann = await server.person("ann")
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(await server.dial()) for _ in range(12)]
            request = server.upgrade_request(f"/ws/chat?token={ann.token}")
            async with trio.open_nursery() as nursery:
                for stream in streams:
                    nursery.start_soon(stream.send_all, request)
            heads = [bytes(await stream.receive_some(4096))[:12] for stream in streams]
        assert heads.count(b"HTTP/1.1 101") == 3
        # 503: no more of one user's wait to be let in than may be connected.
        assert set(heads) <= {b"HTTP/1.1 101", b"HTTP/1.1 429", b"HTTP/1.1 503"}


async def test_lobby_19_times_are_whole_seconds_in_utc(server: ChatServer) -> None:
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as client:
        room = await create(client)
        joined = await join(client, room["id"])
        data = {"type": "text", "content": "x", "room_id": room["id"]}
        said = await client.request({"type": "send_message", "data": data})
        listed = (await client.request({"type": "list_rooms"}))["data"][-1]
        present = listed["users"][str(ann.id)]["joined_at"]
        for time in (
            room["created_at"], room["updated_at"], joined["timestamp"], said["timestamp"], present,
        ):  # fmt: skip
            assert TIME.fullmatch(time)


async def test_lobby_20_messages_are_stored_and_not_replayed_here(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("lobby", ann) as client:
        room = (await create(client))["id"]
        await join(client, room)
        data = {"type": "text", "content": "kept", "room_id": room}
        await client.request({"type": "send_message", "data": data})
    async with server.socket("lobby", bob) as later:
        assert (await join(later, room))["type"] == "join"
        assert await heard(later, "lobby") == []
    async with server.socket("room", bob, room) as client:
        assert texts(await heard(client, "room"), "room") == ["kept"]


@pytest.fixture
async def full(server: ChatServer) -> AsyncIterator[tuple[ChatServer, NamedRoom, Person]]:
    """A lobby room of two, its owner and somebody present, and one user too many."""
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with server.socket("lobby", ann) as lobby, server.socket("lobby", bob) as second:
        room = (await create(lobby, max_users=2))["id"]
        await join(second, room)
        yield server, NamedRoom(room, await server.room_id(room), room), cy


async def test_lobby_21_a_full_room_refuses_in_every_dialects_words(
    full: tuple[ChatServer, NamedRoom, Person],
) -> None:
    server, place, cy = full
    async with server.socket("lobby", cy) as client:
        assert await join(client, place.uuid) == error("room is full")
    async with server.socket("room", cy, place.uuid) as client:
        assert await client.next() == {"error": "room is full"}
        assert await client.close_code() == 4003
    async with server.socket("channels", cy) as client:
        await heard(client, "channels")
        answer = await client.request({"type": "join_channel", "channel_id": place.uuid})
        assert answer == {
            "type": "error", "error_code": "join_channel_error",
            "message": "Failed to join channel", "details": answer["details"],
        }  # fmt: skip
        assert isinstance(answer["details"], str)
    for method in ("chats", "conversations"):  # these take membership, which has no seat left
        async with server.socket(method, cy) as client:
            await client.send(place.message(method, "x"))
            assert "error" in await client.raw()
    body = {"channel_id": place.uuid}
    answer = await server.rest(cy, "POST", "/channels/join", body)
    assert answer == (400, {"detail": "Channel is full"})


@pytest.mark.parametrize("dialect", ["room", "lobby", "channels"])
async def test_lobby_21_a_seat_is_taken_by_whichever_dialect(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with server.socket("lobby", ann) as lobby, server.socket("lobby", cy) as late:
        room = (await create(lobby, max_users=2))["id"]
        async with server.socket(dialect, bob, room) as client:
            await heard(client, dialect)
            if dialect == "lobby":
                await join(client, room)
            if dialect == "channels":
                await client.request({"type": "join_channel", "channel_id": room})
            assert await join(late, room) == error("room is full")
        assert (await join(late, room))["type"] == "join"


async def test_lobby_21_rooms_of_other_dialects_show_1000_and_have_no_limit(
    tmp_path: Path,
) -> None:
    lobby = Lobby(default_max_users=2)
    async with open_chat_server(settings_for(tmp_path / "data", lobby=lobby)) as server:
        people = [await server.person(name) for name in ("ann", "bob", "cy")]
        place = await open_room(server, people[0], "hall")
        async with AsyncExitStack() as sockets:
            for who in people:
                client = await sockets.enter_async_context(server.socket("lobby", who))
                assert (await join(client, place.uuid))["type"] == "join"
            listed = await heard(client, "lobby"), await client.request({"type": "list_rooms"})
            rooms = {room["id"]: room for room in listed[1]["data"]}
            assert rooms[place.uuid]["max_users"] == 1000
            assert rooms[place.uuid]["user_count"] == 3

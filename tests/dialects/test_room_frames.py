"""The room dialect over real sockets: its frames exactly, and who sees nothing of them."""

import re
import time
from calendar import timegm
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from trio_websocket import ConnectionClosed

from tests.dialects.speech import DIALECTS, heard, text_of
from tests.rooms import open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.settings import Limits, Presence, Rooms
from trichat.store.health import StoreError
from trichat.store.rooms import CreateRoom

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def turned_away(client: Client) -> int:
    """The close code, and not a frame before it."""
    with pytest.raises(ConnectionClosed) as closed:
        await client.raw()
    assert closed.value.reason is not None
    return int(closed.value.reason.code)


def joined(who: Person) -> dict[str, str]:
    return {"type": "user_join", "user_id": who.uuid, "username": who.name}


async def test_room_4_5_6_who_does_not_come_in_sees_nothing_of_the_room(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await server.channel(ann, "secret", private=True)
    async with server.socket("room", ann, "secret") as inside:
        await inside.send({"message": "nobody else's"})
        await heard(inside, "room")
        for name in ("secret", room, room.upper()):
            async with server.socket("room", bob, name) as client:
                assert await turned_away(client) == 4003
        for name in (
            "00000000-0000-4000-8000-000000000000",
            "a" * 101,
            "a%2Fb",
            "%00",
            "%ff",
            "%C3x",
        ):
            async with server.socket("room", bob, name) as client:
                assert await turned_away(client) == 4000
        assert await heard(inside, "room") == []  # and nobody in it sees who knocked


async def test_room_4_what_cannot_be_stored_could_not_be_created(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await server.person("ann")
    stock = server.runtime.store.write

    async def broken(writes: Any) -> Any:
        if any(isinstance(write, CreateRoom) for write in writes):
            raise StoreError("disk full at /secret")
        return await stock(writes)

    with monkeypatch.context() as patch:
        patch.setattr(server.runtime.store, "write", broken)
        async with server.socket("room", ann, "fresh") as client:
            assert await turned_away(client) == 4000
    async with server.socket("room", ann, "fresh") as client:
        assert (await client.next())["type"] == "room_users_list"


async def test_room_4_a_user_makes_so_many_rooms_and_others_as_many(tmp_path: Path) -> None:
    assert (Rooms().max_created, Rooms().create_on_connect) == (100, True)
    settings = settings_for(tmp_path / "data", rooms=Rooms(max_created=1))
    async with open_chat_server(settings) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        for who, name in ((ann, "one"), (bob, "two")):
            async with server.socket("room", who, name) as client:
                await client.next()
                await client.send({"message": "so that it stays"})
                await heard(client, "room")
        async with server.socket("room", ann, "two") as client:  # it is there: none is made
            await client.next()
        async with server.socket("room", bob, "three") as client:
            assert await turned_away(client) == 4000


async def test_room_6_a_name_is_what_is_decoded_and_measured_in_code_points(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    longest = "\U0001f600" * 100
    for name in (longest, " a ", "a+b", "a%b", "general?token=x#y", "\u00e9", "e\u0301"):
        async with server.socket("room", ann, quote(name, safe="+")) as client:
            await heard(client, "room")
    async with server.socket("room", ann, quote(longest + "x")) as client:
        assert await turned_away(client) == 4000
    _, rooms = await server.rest(ann, "GET", "/channels/?limit=100")
    names = {room["name"] for room in rooms}
    assert {longest, " a ", "a+b", "a%b", "general?token=x#y", "\u00e9", "e\u0301"} <= names


async def test_room_7_history_is_told_in_the_very_frames_that_were_live(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with server.socket("room", ann, "hall") as client:
        await heard(client, "room")
        live = []
        for dialect, who in (("room", ann), ("conversations", bob), ("chats", bob)):
            async with server.socket(dialect, who, "hall") as speaker:
                await speaker.send(place.message(dialect, f"by {dialect}"))
                live.append(await client.until(message=f"by {dialect}"))
    assert [frame["sender_id"] for frame in live] == [ann.uuid, bob.uuid, bob.uuid]
    async with server.socket("room", bob, "hall") as later:
        users = {"type": "room_users_list", "users": [{"id": bob.uuid, "username": "bob"}]}
        assert await heard(later, "room") == [users, *live, joined(bob)]


async def test_room_7_all_14_each_user_present_is_listed_once_whatever_he_speaks(
    server: ChatServer,
) -> None:
    people = [await server.person(f"by-{dialect}") for dialect in DIALECTS]
    ann, absent = await server.person("ann"), await server.person("absent")
    place = await open_room(server, ann, "hall", *people, absent)
    async with server.socket("room", ann, "hall") as first:
        await heard(first, "room")
        async with AsyncExitStack() as sockets:
            for dialect, who in zip(DIALECTS, people, strict=True):
                socket = server.socket(dialect, who, "hall")
                await place.entered(await sockets.enter_async_context(socket), dialect)
            assert await heard(first, "room") == [joined(who) for who in people]
            async with server.socket("room", ann, "hall") as tab:
                shown = [{"id": who.uuid, "username": who.name} for who in (ann, *people)]
                listed = {"type": "room_users_list", "users": shown}
                assert await heard(tab, "room") == [listed]  # a second tab: no user_join


async def test_room_8_nobody_hears_it_who_is_elsewhere(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with (
        server.socket("room", ann, "hall") as sender,
        server.socket("room", ann, "hall") as tab,
        server.socket("room", ann, "cellar") as own,
        server.socket("room", bob, "Hall") as other,
    ):
        for client in (sender, tab, own, other):
            await heard(client, "room")
        await sender.send({"message": " x ", "room": "cellar", "message_id": 5})
        frame = await sender.next()
        assert frame["message"] == " x "
        assert await heard(tab, "room") == [frame]
        for client in (own, other):
            assert await heard(client, "room") == []


@pytest.mark.parametrize("bad", [{"message": ""}, {"message": 5}, {}, {"message": "x" * 10_001}])
async def test_room_10_what_is_an_object_never_counts(server: ChatServer, bad: Any) -> None:
    async with server.socket("room", await server.person("ann"), "hall") as client:
        await heard(client, "room")
        answers = [await client.request(bad) for _ in range(25)]
        assert answers == [answers[0]] * 25
        assert answers[0].keys() == {"error"}
        await client.send({"message": "still here"})
        assert (await client.next())["message"] == "still here"


@pytest.mark.parametrize("kind", ["chat.message", "chat.", "chat.read\ud800", "chat.nothing"])
async def test_room_10_frames_of_conversations_are_sent_to_their_address(
    server: ChatServer, kind: str
) -> None:
    """A known client dials `/ws/chat/<n>/` for them. It stays, and nothing is said in the room."""
    ann = await server.person("ann")
    async with server.socket("room", ann, "7") as client:
        await heard(client, "room")
        for frame in (
            {"type": kind},
            {"type": kind, "conversation_id": 7, "content": "hello"},
            {"type": kind, "message": "hello"},
        ):
            assert await client.request(frame) == {
                "error": "This address is a room's: frames of conversations go to /ws/chat/"
            }
        for near in ("chat", "Chat.message", "chats.x", " chat.x", "chat_message", 5, None):
            answer = await client.request({"type": near, "message": f"said with {near}"})
            assert answer["message"] == f"said with {near}"


@pytest.mark.parametrize("bad", ["{", "", "[]", "5", '"a"', "null", b"{}", b"\xff"])
async def test_room_10_the_tenth_of_a_kind_in_a_row_closes_1008(
    server: ChatServer, bad: str | bytes
) -> None:
    async with server.socket("room", await server.person("ann"), "hall") as client:
        await heard(client, "room")
        for _ in range(9):
            assert (await client.request(bad)).keys() == {"error"}
        await client.send(bad)
        assert await client.close_code() == 1008


async def test_room_10_a_good_frame_between_begins_the_count_anew(server: ChatServer) -> None:
    async with server.socket("room", await server.person("ann"), "hall") as client:
        await heard(client, "room")
        for _ in range(3):
            for _ in range(9):
                assert await client.request("[]") == {"error": "A message is a JSON object"}
            assert (await client.request({"message": "good"}))["message"] == "good"


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server's machine stands in a zone of its own."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.promise("room-11", "lobby-19")
@pytest.mark.parametrize("dialect", ["room", "lobby", "channels", "conversations"])
async def test_times_are_utc_wherever_the_server_stands(
    far_from_utc: None, server: ChatServer, dialect: str
) -> None:
    assert time.timezone == -9 * 3600
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    async with server.socket(dialect, ann, "hall") as client:
        await place.entered(client, dialect)
        await server.rest(ann, "POST", "/messages/", {"content": "x", "channel_id": place.uuid})
        frames = await heard(client, dialect)
        frame = next(frame for frame in frames if text_of(frame, dialect) == "x")
        stamp = frame["message"]["timestamp"] if dialect == "conversations" else frame["timestamp"]
        if dialect in ("room", "lobby"):
            assert TIME.fullmatch(stamp)
        moment = timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S"))
        assert abs(moment - time.time()) < 60


async def test_room_8_a_users_limit_is_told_to_him_alone(tmp_path: Path) -> None:
    limits = Limits(messages_per_minute=1)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        async with (
            server.socket("room", ann, "hall") as first,
            server.socket("room", bob, "hall") as second,
        ):
            for client in (first, second, first):
                await heard(client, "room")
            for client, text in ((first, "one"), (second, "two")):
                await client.send({"message": text})
                for listener in (first, second):
                    assert (await listener.next())["message"] == text
            refused = {"error": "Too many messages, try again later"}
            assert await first.request({"message": "three"}) == refused
            assert await heard(second, "room") == []

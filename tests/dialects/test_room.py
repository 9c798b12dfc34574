"""The room dialect over a real socket, promise by promise."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import trio
from trio_websocket import open_websocket_url

from tests.dialects.speech import heard
from tests.server import ChatServer, Client, open_chat_server, settings_for
from trichat.settings import Rooms


async def say(client: Client, text: str) -> None:
    await client.send({"message": text})
    assert (await client.until(type="chat_message"))["message"] == text


async def test_room_1_also_served_without_the_slash(server: ChatServer) -> None:
    ann = await server.person("ann")
    url = f"ws://{server.address}/ws/chat/general?token={ann.token}"
    async with open_websocket_url(url) as socket:
        client = Client(socket)
        assert (await client.next())["type"] == "room_users_list"


async def test_room_2_the_header_decides_over_the_query(server: ChatServer) -> None:
    ann = await server.person("ann")
    good, bad = {"authorization": f"Bearer {ann.token}"}, {"authorization": "Bearer nonsense"}
    async with server.socket("room", None, "general", good) as client:
        assert (await client.next())["type"] == "room_users_list"
    async with server.socket("room", "nonsense", "general", good) as client:
        assert (await client.next())["type"] == "room_users_list"
    async with server.socket("room", ann, "general", bad) as client:
        assert await client.close_code() == 4001


@pytest.mark.parametrize("room", ["general", "a" * 101])
async def test_room_3_a_bad_token_closes_4001_before_the_name_is_looked_at(
    server: ChatServer, room: str
) -> None:
    for token in (None, "", "nonsense"):
        async with server.socket("room", token, room) as client:
            with pytest.raises(AssertionError, match="no frame"):
                await first_frame(client)
            assert await client.close_code() == 4001


async def first_frame(client: Client) -> str:
    """The first frame; AssertionError when the connection ends without one."""
    try:
        return await client.raw()
    except Exception as error:
        raise AssertionError("no frame") from error


async def test_room_4_connecting_creates_a_public_room(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("room", ann, "fresh") as client:
        await client.next()
    status, rooms = await server.rest(bob, "GET", "/channels/")
    assert status == 200
    assert "fresh" in [room["name"] for room in rooms]
    # a visit: no membership comes of it
    status, mine = await server.rest(ann, "GET", "/channels/my")
    assert "fresh" not in [room["name"] for room in mine]


@pytest.mark.parametrize(
    "name", ["a" * 101, "%20", "a%07b", "00000000-0000-4000-8000-000000000000"]
)
async def test_room_4_a_name_that_cannot_be_is_4000(server: ChatServer, name: str) -> None:
    async with server.socket("room", await server.person("ann"), name) as client:
        assert await client.close_code() == 4000


async def test_room_4_so_many_rooms_per_user_and_none_where_creation_is_off(
    tmp_path: Path,
) -> None:
    async with open_chat_server(settings_for(tmp_path / "a", rooms=Rooms(max_created=2))) as server:
        ann = await server.person("ann")
        for name in ("one", "two", "one"):
            async with server.socket("room", ann, name) as client:
                await client.next()
                await client.send({"message": "so that it stays"})
                await heard(client, "room")
        async with server.socket("room", ann, "three") as client:
            assert await client.close_code() == 4000
    settings = settings_for(tmp_path / "b", rooms=Rooms(create_on_connect=False))
    async with open_chat_server(settings) as server:
        ann = await server.person("ann")
        async with server.socket("room", ann, "general") as client:  # made at registration
            await client.next()
        async with server.socket("room", ann, "other") as client:
            assert await client.close_code() == 4000


async def test_room_5_a_private_room_is_4003_for_who_is_not_admitted(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await server.channel(ann, "secret", private=True)
    for name in ("secret", room):
        async with server.socket("room", bob, name) as client:
            assert await client.close_code() == 4003
        async with server.socket("room", ann, name) as client:
            await client.next()


async def test_room_6_names_are_case_sensitive_and_percent_decoded(server: ChatServer) -> None:
    ann = await server.person("ann")
    async with server.socket("room", ann, "Caf%C3%A9%20%231") as client:
        await say(client, "hi")
    _, rooms = await server.rest(ann, "GET", "/channels/")
    assert "Café #1" in [room["name"] for room in rooms]
    async with server.socket("room", ann, "caf%C3%A9%20%231") as client:
        assert (await client.next())["type"] == "room_users_list"
        assert (await client.next())["type"] == "user_join"  # and no history before it


async def test_room_6_first_connects_at_once_create_one_room(server: ChatServer) -> None:
    people = [await server.person(f"user{number}") for number in range(8)]
    async with trio.open_nursery() as nursery:
        clients: list[Client] = []

        async def connect(index: int) -> None:
            clients.append(await server.connect(nursery, "room", people[index], "rush"))

        async with trio.open_nursery() as connecting:
            for index in range(len(people)):
                connecting.start_soon(connect, index)
        for client in clients:
            await client.next()
        await clients[0].send({"message": "one room"})
        for client in clients:
            assert (await client.until(type="chat_message"))["message"] == "one room"
            await client.close()
        nursery.cancel_scope.cancel()


async def test_room_7_users_then_history_then_live_with_ones_own_join_first(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("room", ann, "hall") as first:
        users = {"type": "room_users_list", "users": [{"id": ann.uuid, "username": "ann"}]}
        assert await first.next() == users
        assert await first.next() == {"type": "user_join", "user_id": ann.uuid, "username": "ann"}
        for number in range(53):
            await say(first, str(number))
        async with server.socket("room", bob, "hall") as second:
            both = [{"id": who.uuid, "username": who.name} for who in (ann, bob)]
            assert await second.next() == {"type": "room_users_list", "users": both}
            history = [await second.next() for _ in range(50)]
            assert [frame["message"] for frame in history] == [str(n) for n in range(3, 53)]
            joined = {"type": "user_join", "user_id": bob.uuid, "username": "bob"}
            assert await second.next() == joined
            assert await first.next() == joined


async def test_room_7_nothing_is_lost_or_doubled_between_history_and_live(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    total = 200
    async with server.socket("room", ann, "busy") as sender:
        await sender.next()

        async def send_all() -> None:
            for number in range(total):
                await sender.send({"message": str(number)})
                await sender.until(type="chat_message")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(send_all)
            for _ in range(10):
                async with server.socket("room", bob, "busy") as joiner:
                    seen: list[int] = []
                    while len(seen) < 20:
                        frame = await joiner.next()
                        if frame["type"] == "chat_message":
                            seen.append(int(frame["message"]))
                        if seen and seen[-1] == total - 1:
                            break
                    assert seen == list(range(seen[0], seen[0] + len(seen)))


async def test_room_8_11_one_frame_for_everyone_the_sender_too(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with (
        server.socket("room", ann, "hall") as first,
        server.socket("room", bob, "hall") as two,
    ):
        for client in (first, two, first):
            await heard(client, "room")
        await first.send({"message": "hi", "type": "whatever", "extra": [1]})
        for client in (first, two):
            frame = await client.next()
            stamp = frame.pop("timestamp")
            datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")
            assert frame == {
                "type": "chat_message",
                "message": "hi",
                "sender_username": "ann",
                "sender_id": ann.uuid,
            }


async def test_room_9_a_second_tab_is_silent_and_abrupt_loss_is_a_leave(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("room", ann, "hall") as watcher:
        await watcher.until(type="user_join", user_id=ann.uuid)
        async with trio.open_nursery() as nursery:
            tab = await server.connect(nursery, "room", bob, "hall")
            other = await server.connect(nursery, "room", bob, "hall")
            await other.next()
            assert await watcher.next() == {
                "type": "user_join", "user_id": bob.uuid, "username": "bob",
            }  # fmt: skip
            await tab.close()
            assert await heard(watcher, "room") == []  # they are still there
            await other.abort()  # lost without a close frame
            nursery.cancel_scope.cancel()
        assert await watcher.next() == {
            "type": "user_leave", "user_id": bob.uuid, "username": "bob",
        }  # fmt: skip


async def test_room_10_errors_stay_open_and_ten_bad_frames_in_a_row_close_1008(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    async with server.socket("room", ann, "hall") as client:
        await client.until(type="user_join")
        for frame in ({}, {"message": ""}, {"message": " \n"}, {"message": 5}, {"message": None}):
            assert (await client.request(frame)).keys() == {"error"}
        for bad in ("{", "[]", b"x", "5", "null", '"a"', "{}}", "", "[1]"):  # nine
            assert (await client.request(bad)).keys() == {"error"}
        assert (await client.request({"message": ""})).keys() == {
            "error"
        }  # an object: in a row no more
        for _ in range(9):
            assert (await client.request("nonsense")).keys() == {"error"}
        await say(client, "still open")
        for _ in range(9):
            await client.request("nonsense")
        await client.send("nonsense")
        assert await client.close_code() == 1008


async def test_room_7_so_many_messages_as_configured(tmp_path: Path) -> None:
    async with open_chat_server(settings_for(tmp_path / "data", rooms=Rooms(history=3))) as server:
        ann = await server.person("ann")
        async with server.socket("room", ann, "hall") as client:
            for number in range(5):
                await say(client, str(number))
            async with server.socket("room", ann, "hall") as later:
                frames = await heard(later, "room")
                assert [frame["type"] for frame in frames] == ["room_users_list"] + [
                    "chat_message"
                ] * 3  # a second tab has no user_join
                assert [frame["message"] for frame in frames[1:]] == ["2", "3", "4"]


async def test_room_9_everyone_in_the_room_is_told_and_nobody_elsewhere(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with (
        server.socket("room", ann, "hall") as first,
        server.socket("room", ann, "hall") as second,
        server.socket("room", ann, "elsewhere") as third,
    ):
        for client in (first, second, third):
            await heard(client, "room")
        async with server.socket("room", bob, "hall") as other:
            await heard(other, "room")
            joined = {"type": "user_join", "user_id": bob.uuid, "username": "bob"}
            for client in (first, second):
                assert await heard(client, "room") == [joined]
        left = {"type": "user_leave", "user_id": bob.uuid, "username": "bob"}
        for client in (first, second):
            assert await client.next() == left
        assert await heard(third, "room") == []


async def test_room_10_what_is_refused_is_stored_nowhere_and_told_to_nobody(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with (
        server.socket("room", ann, "hall") as first,
        server.socket("room", bob, "hall") as two,
    ):
        for client in (first, two, first):
            await heard(client, "room")
        wrong: list[Any] = [
            "{", "[]", "1", "\"x\"", "null", b"{}", {}, {"message": None}, {"message": 5},
            {"message": ["x"]}, {"message": ""}, {"message": "\u2003"}, {"text": "x"},
        ]  # fmt: skip
        for frame in wrong:
            answer = await first.request(frame)
            assert answer.keys() == {"error"}
            assert isinstance(answer["error"], str)
            assert answer["error"]
        assert await heard(two, "room") == []
    async with server.socket("room", ann, "hall") as later:
        types = [frame["type"] for frame in await heard(later, "room")]
        assert types == ["room_users_list", "user_join"]


async def test_room_12_swagger_ui(server: ChatServer) -> None:
    page = await server.page("/swagger/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "swagger-ui" in page.text

"""The lobby dialect over a real socket, promise by promise."""

from pathlib import Path

import pytest

from tests.dialects.lobbying import INVALID, create, error, join, notice, plain, send
from tests.dialects.speech import NO_SUCH
from tests.server import NEW_KEY, ChatServer, Client, open_chat_server, settings_for
from trichat.core.model import Role
from trichat.settings import Lobby


async def test_lobby_2_failure_is_401_before_the_upgrade(server: ChatServer) -> None:
    for path, headers in (
        ("/ws/chat", {}),
        ("/ws/chat?token=nonsense", {}),
        ("/ws/chat", {"authorization": "Bearer nonsense"}),
        ("/ws/chat", {"x-api-key": "nonsense"}),
    ):
        answer = await server.refusal(path, headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_lobby_2_a_header_an_api_key_or_the_query_opens(server: ChatServer) -> None:
    ann = await server.person("ann")
    status, made = await server.rest(ann, "POST", "/auth/keys", NEW_KEY)
    assert status == 200
    shown: list[tuple[str | None, dict[str, str]]] = [
        (None, {"authorization": f"Bearer {ann.token}"}),
        (None, {"x-api-key": made["key"]}),
        (ann.token, {}),
    ]
    for token, headers in shown:
        async with server.socket("lobby", token, headers=headers) as client:
            assert (await client.request({"type": "list_rooms"}))["type"] == "rooms_list"


async def test_lobby_2_revoking_a_key_closes_its_sockets(server: ChatServer) -> None:
    ann = await server.person("ann")
    _, made = await server.rest(ann, "POST", "/auth/keys", NEW_KEY)
    async with (
        server.socket("lobby", None, headers={"x-api-key": made["key"]}) as bot,
        server.socket("lobby", ann) as person,
    ):
        await bot.request({"type": "list_rooms"})
        status, _ = await server.rest(ann, "DELETE", f"/auth/keys/{made['id']}")
        assert status == 200
        assert await bot.close_code() == 1008
        assert (await person.request({"type": "list_rooms"}))["type"] == "rooms_list"
    assert (await server.refusal("/ws/chat", {"x-api-key": made["key"]})).status_code == 401


async def test_lobby_4_5_a_room_is_created_exactly_and_not_joined(server: ChatServer) -> None:
    async with server.socket("lobby", await server.person("ann")) as client:
        for seats, shown in ((None, 100), (2, 2), (1000, 1000)):
            room = await create(client, name="My Room", max_users=seats)
            assert room["created_at"] == room["updated_at"]
            assert room == {
                "id": room["id"],
                "name": "My Room",
                "type": "public",
                "max_users": shown,
                "user_count": 0,
                "users": {},
                "created_at": room["created_at"],
                "updated_at": room["updated_at"],
            }
        for name in ("x", "\U0001f600" * 100, " x "):
            assert (await create(client, name=name))["name"] == name


NO_SEATS: list[object] = [0, 1, 1001, -5, 2**70, True, False, 2.0, 50.5, "5", [5]]
NO_GUESTS: list[object] = [[5], [None], "x", {}, 5]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"name": "a"},
        {"type": "public"},
        {"name": "", "type": "public"},
        {"name": " ", "type": "public"},
        {"name": "x" * 101, "type": "public"},
        {"name": "\U0001f600" * 101, "type": "public"},
        {"name": "a\nb", "type": "public"},
        {"name": None, "type": "public"},
        {"name": "a", "type": ""},
        {"name": "a", "type": "Public"},
        {"name": "a", "type": "direct"},
        {"name": 5, "type": "public"},
        {"name": "a", "type": "secret"},
        {"name": "a", "type": None},
        *({"name": "a", "type": "public", "max_users": seats} for seats in NO_SEATS),
        *({"name": "a", "type": "public", "invite": who} for who in NO_GUESTS),
    ],
)
async def test_lobby_4_what_is_wrong_is_an_invalid_message(
    server: ChatServer, data: object
) -> None:
    async with server.socket("lobby", await server.person("ann")) as client:
        assert await client.request({"type": "create_room", "data": data}) == INVALID


async def test_lobby_7_rooms_of_every_dialect_private_ones_for_the_admitted(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    await server.channel(ann, "rest room")
    await server.channel(ann, "rest secret", private=True)
    async with server.socket("lobby", ann) as first, server.socket("lobby", bob) as second:
        await create(first, name="den")
        await create(first, name="hideout", type="private")
        await create(first, name="shared", type="private", invite=[bob.uuid])
        standing = ["general", "random", "announcements", "rest room"]

        async def names(client: Client, **frame: object) -> list[str]:
            answer = await client.request({"type": "list_rooms", **frame})
            assert answer["type"] == "rooms_list"
            return [room["name"] for room in answer["data"]]

        mine = [*standing, "rest secret", "den", "hideout", "shared"]
        for data in ({}, {"type": None}, {"type": ""}):
            assert await names(first, data=data) == mine
        assert await names(first) == mine
        assert await names(second) == [*standing, "den", "shared"]
        assert await names(second, data={"type": "private"}) == ["shared"]
        assert await names(second, data={"type": "public"}) == [*standing, "den"]
        assert await second.request({"type": "list_rooms", "data": {"type": "x"}}) == INVALID


async def test_lobby_6_8_9_joining_listing_and_leaving(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("lobby", ann) as first, server.socket("lobby", bob) as second:
        room = (await create(first))["id"]
        assert plain(await join(first, room)) == notice("join", ann, room)
        assert plain(await join(second, room)) == notice("join", bob, room)
        assert plain(await first.next()) == notice("join", bob, room)
        listed = (await first.request({"type": "list_rooms"}))["data"][-1]
        assert listed["user_count"] == 2
        assert list(listed["users"]) == [str(ann.id), str(bob.id)]
        user = listed["users"][str(bob.id)]
        assert user == {
            "id": bob.id, "uuid": bob.uuid, "email": "bob@example.com",
            "joined_at": user["joined_at"],
        }  # fmt: skip
        left = await second.request({"type": "leave_room", "data": {}})
        assert plain(left) == notice("leave", bob, room)
        assert plain(await first.next()) == notice("leave", bob, room)
        await second.send({"type": "leave_room"})  # without a room: no effect and no error
        assert (await second.request({"type": "list_rooms"}))["type"] == "rooms_list"


async def test_lobby_8_12_refusals_in_the_order_of_their_checks(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        server.socket("lobby", ann) as first,
        server.socket("lobby", bob) as second,
        server.socket("lobby", cy) as third,
    ):
        secret = (await create(first, type="private"))["id"]
        small = (await create(first, max_users=2))["id"]  # its owner has a seat always
        for data in (None, {}, {"room_id": ""}, {"room_id": 5}):
            assert await second.request({"type": "join_room", "data": data}) == INVALID
        assert await join(second, NO_SUCH) == error("room not found")
        assert await join(second, "no uuid") == error("room not found")
        assert await join(second, secret) == error("unauthorized")
        await join(second, small)
        assert await join(second, small) == error("user already in room")
        assert await join(third, small) == error("room is full")
        assert (await join(first, small))["type"] == "join"


async def test_lobby_8_a_second_tab_gets_the_join_frame_alone(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with (
        server.socket("lobby", ann) as watcher,
        server.socket("lobby", bob) as tab,
        server.socket("lobby", bob) as other,
    ):
        room = (await create(watcher, max_users=2))["id"]
        await join(watcher, room)
        await join(tab, room)
        await watcher.next()
        assert plain(await join(other, room)) == notice("join", bob, room)
        await send(other, room, "hi")
        for client in (watcher, tab, other):  # nobody was told of the second tab
            assert (await client.next())["content"] == "hi"
        left = await other.request({"type": "leave_room", "data": {}})
        assert plain(left) == notice("leave", bob, room)
        await send(tab, room, "still here")
        for client in (watcher, tab):
            assert (await client.next())["content"] == "still here"


async def test_lobby_9_joining_another_room_leaves_the_first(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("lobby", ann) as first, server.socket("lobby", bob) as second:
        one, two = (await create(first))["id"], (await create(first))["id"]
        await join(first, one)
        await join(second, one)
        await first.next()
        assert plain(await join(second, two)) == notice("join", bob, two)
        assert plain(await second.next()) == notice("leave", bob, one)
        assert plain(await first.next()) == notice("leave", bob, one)
        await second.close()  # a disconnect is a leave
        await join(first, two)
        assert await users_in(first, two) == [str(ann.id)]


async def users_in(client: Client, room: str) -> list[str]:
    await client.send({"type": "list_rooms"})
    rooms = (await client.until(type="rooms_list"))["data"]
    return next(list(entry["users"]) for entry in rooms if entry["id"] == room)


async def test_lobby_10_11_messages_and_who_may_send_them(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    root = await server.person("warden", role=Role.ADMIN)
    async with (
        server.socket("lobby", ann) as owner,
        server.socket("lobby", bob) as guest,
        server.socket("lobby", root) as admin,
    ):
        room = (await create(owner))["id"]
        other = (await create(owner))["id"]
        await send(guest, room, "x")
        assert await guest.next() == error("unauthorized")
        for client in (owner, guest, admin):
            await client.send({"type": "join_room", "data": {"room_id": room}})
            await client.until(type="join")
        for client, sent in ((owner, 2), (guest, 1), (admin, 0)):
            for _ in range(sent):
                await client.next()
        await send(guest, NO_SUCH, "x")
        assert await guest.next() == error("room not found")
        await send(guest, other, "x")
        assert await guest.next() == error("unauthorized")
        await send(guest, room, "x", "system")
        assert await guest.next() == error("unauthorized")
        for bad in ("", " ", "x" * 1001, "a\0", "\ud800"):
            await send(guest, room, bad)
            assert await guest.next() == INVALID
        await send(guest, room, "x", "loud")
        assert await guest.next() == INVALID
        for sender, client, type_ in (
            (bob, guest, "text"), (ann, owner, "system"), (root, admin, "system"),
        ):  # fmt: skip
            await send(client, room, "é" * 1000, type_)
            frames = [await listener.next() for listener in (owner, guest, admin)]
            assert frames[0] == frames[1] == frames[2]
            assert plain(frames[0]) == {
                "type": type_,
                "content": "é" * 1000,
                "user_id": sender.id,
                "user_uuid": sender.uuid,
                "user_email": sender.user.email,
                "room_id": room,
            }


@pytest.mark.parametrize(
    "frame", ["{", "[]", "5", '{"type":5}', '{"type":"nonsense","data":{}}', "{}", b"\x00"]
)
async def test_lobby_12_malformed_and_unknown_stay_open(server: ChatServer, frame: str) -> None:
    async with server.socket("lobby", await server.person("ann")) as client:
        assert await client.request(frame) == INVALID
        assert (await client.request({"type": "list_rooms"}))["type"] == "rooms_list"


async def test_lobby_12_13_thirty_accepted_sends_per_user_over_all_his_tabs(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as tab, server.socket("lobby", ann) as other:
        room = (await create(tab))["id"]
        await join(tab, room)
        await join(other, room)
        for number in range(30):
            client = (tab, other)[number % 2]
            await send(client, room, "")
            assert await client.next() == INVALID  # refused: does not count
            await send(client, room, f"{number}")
            for listener in (tab, other):
                assert (await listener.next())["content"] == f"{number}"
        await send(tab, room, "one more")
        assert await tab.next() == error("rate limit exceeded")
        await send(other, room, "one more")
        assert await other.next() == error("rate limit exceeded")


async def test_lobby_12_14_so_many_living_rooms_per_user(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", lobby=Lobby(max_rooms_per_user=2))
    async with open_chat_server(settings) as server:
        ann = await server.person("ann")  # the three first rooms are not made by lobby
        async with server.socket("lobby", ann) as client:
            await create(client)
            await create(client)
            third = {"type": "create_room", "data": {"name": "den", "type": "public"}}
            assert await client.request(third) == error("room limit exceeded")

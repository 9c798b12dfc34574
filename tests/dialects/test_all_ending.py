"""A room that nobody can reach ends: its name is free for who makes a room of it, and does not come
back by itself (all-24).
"""

from typing import Any

import pytest
import trio

from tests.dialects.speech import heard
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Person
from trichat.core.model import Role

ENDED = (4000, "room has ended")


async def leave(server: ChatServer, who: Person, room: str) -> tuple[int, Any]:
    return await server.rest(who, "DELETE", f"/channels/{room}/leave")


async def private(server: ChatServer, owner: Person, name: str, *members: Person) -> NamedRoom:
    uuid = await server.channel(owner, name, *members, private=True)
    return NamedRoom(uuid, await server.room_id(uuid), name)


async def end_of(server: ChatServer, who: Person, name: str) -> tuple[int, str]:
    """How a connection to this name ends."""
    async with server.socket("room", who, name) as client:
        return await client.closed()


async def test_all_24_a_private_room_ends_with_its_last_member(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    boss = await server.person("boss", role=Role.ADMIN)
    place = await private(server, ann, "plan", bob)
    await server.rest(ann, "POST", "/messages/", {"content": "kept", "channel_id": place.uuid})
    taken = {"name": "plan"}
    left = await leave(server, ann, place.uuid)
    assert left == (200, {"message": "Successfully left channel"})
    assert (await server.rest(ann, "POST", "/channels/", taken))[0] == 400  # bob is there
    assert (await leave(server, bob, place.uuid))[0] == 200

    assert await end_of(server, ann, "plan") == ENDED
    assert await end_of(server, ann, place.uuid) == (4000, "room not found")
    for path, body in (
        ("/channels/join", {"channel_id": place.uuid}),
        (f"/channels/{place.uuid}/add-user", {"user_id": bob.uuid}),
    ):
        assert (await server.rest(ann, "POST", path, body))[0] == 404
    assert (await leave(server, ann, place.uuid))[0] == 400
    for dialect, request, refused in (
        ("chats", {"action": "subscribe", "chat_ids": [place.uuid]}, "no access"),
        ("lobby", {"type": "join_room", "data": {"room_id": place.uuid}}, "room not found"),
        ("channels", {"type": "join_channel", "channel_id": place.uuid}, "access_denied"),
        ("conversations", {"type": "chat.get_messages", "conversation_id": place.number}, "error"),
    ):
        async with server.socket(dialect, ann) as client:
            await heard(client, dialect)
            assert refused in str(await client.request(request)), dialect

    status, anew = await server.rest(bob, "POST", "/channels/", taken)
    assert status == 200
    assert anew["id"] != place.uuid
    async with server.socket("room", ann, "plan") as client:  # the new one
        assert (await client.next())["type"] == "room_users_list"
    found = (await server.rest(boss, "GET", "/admin/channels?archived=true"))[1]
    assert [(each["id"], each["name"], each["member_count"]) for each in found] == [
        (place.uuid, "plan", 0)
    ]
    assert found[0]["archived_at"] is not None
    living = (await server.rest(boss, "GET", "/admin/channels?archived=false&search=PLA"))[1]
    assert [each["id"] for each in living] == [anew["id"]]
    assert (await server.rest(ann, "GET", "/admin/channels"))[0] == 403


async def test_all_24_a_name_that_ended_twice_is_still_barred(server: ChatServer) -> None:
    ann = await server.person("ann")
    for _ in range(2):
        place = await private(server, ann, "plan")
        await leave(server, ann, place.uuid)
        assert await end_of(server, ann, "plan") == ENDED
    async with server.socket("room", ann, "Plan") as client:  # names are exact
        assert (await client.next())["type"] == "room_users_list"


async def test_all_24_the_sockets_of_the_last_member_are_out_of_it(server: ChatServer) -> None:
    ann = await server.person("ann")
    place = await private(server, ann, "plan")
    async with (
        server.socket("room", ann, "plan") as room, server.socket("lobby", ann) as lobby,
        server.socket("chats", ann) as chats, server.socket("channels", ann) as channels,
    ):  # fmt: skip
        await heard(room, "room")
        for client, dialect in ((lobby, "lobby"), (chats, "chats"), (channels, "channels")):
            await place.entered(client, dialect)
            await heard(client, dialect)
        await leave(server, ann, place.uuid)
        assert (await room.closed())[0] == 4003
        assert (await lobby.next())["type"] == "leave"
        said = await lobby.request(place.message("lobby", "x"))
        assert said["data"] == {"message": "room not found"}
        said = await chats.request(place.message("chats", "x"))
        assert said["error"] == "no access"
    assert await end_of(server, ann, "plan") == ENDED


async def test_all_24_a_public_room_without_members_goes_on(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    await leave(server, ann, place.uuid)
    async with server.socket("room", bob, "hall") as client:
        assert (await client.next())["type"] == "room_users_list"
    assert (await server.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid}))[0] == 200


async def test_all_24_rooms_that_ended_do_not_count_in_the_lobby(server: ChatServer) -> None:
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as lobby:
        for _ in range(2):
            made = []
            for number in range(10):
                data = {"name": f"p{number}", "type": "private"}
                answer = await lobby.request({"type": "create_room", "data": data})
                made.append(answer["data"]["id"])
            answer = await lobby.request({"type": "create_room", "data": data})
            assert answer["data"] == {"message": "room limit exceeded"}
            for uuid in made:
                await leave(server, ann, uuid)
        answer = await lobby.request({"type": "list_rooms", "data": {"type": "private"}})
        assert answer["data"] == []


@pytest.mark.parametrize("first", range(2))
async def test_all_24_leaving_and_adding_at_once_agree(server: ChatServer, first: int) -> None:
    """Either the other was added before, and the room lives, or it has ended."""
    ann, bob = await server.person("ann"), await server.person("bob")
    for number in range(10):
        place = await private(server, ann, f"plan {number}")
        added: list[int] = []

        async def add(added: list[int] = added, uuid: str = place.uuid) -> None:
            path = f"/channels/{uuid}/add-user"
            added.append((await server.rest(ann, "POST", path, {"user_id": bob.uuid}))[0])

        async def go(uuid: str = place.uuid) -> None:
            assert (await leave(server, ann, uuid))[0] == 200

        async with trio.open_nursery() as nursery:
            for task in (add, go) if first else (go, add):
                nursery.start_soon(task)
        seen = await server.rest(bob, "GET", f"/channels/{place.uuid}")
        assert (added, seen[0]) in (([200], 200), ([404], 404))
        ended = await end_of(server, ann, f"plan%20{number}")
        assert ended == (ENDED if added == [404] else (4003, "room is private"))

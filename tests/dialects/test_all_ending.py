"""A room that nobody can reach ends: its name is free for who makes a room of it, and does not come
back by itself (all-24).
"""

from typing import Any

import pytest
import trio

from tests.dialects.speech import heard
from tests.house import House, Person
from tests.rooms import NamedRoom, open_room
from trichat.core.model import Role

ENDED = (4000, "room has ended")


async def leave(house: House, who: Person, room: str) -> tuple[int, Any]:
    return await house.rest(who, "DELETE", f"/channels/{room}/leave")


async def private(house: House, owner: Person, name: str, *members: Person) -> NamedRoom:
    uuid = await house.channel(owner, name, *members, private=True)
    return NamedRoom(uuid, await house.room_id(uuid), name)


async def end_of(house: House, who: Person, name: str) -> tuple[int, str]:
    """How a connection to this name ends."""
    async with house.socket("room", who, name) as client:
        return await client.closed()


async def test_all_24_a_private_room_ends_with_its_last_member(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    boss = await house.person("boss", role=Role.ADMIN)
    place = await private(house, ann, "plan", bob)
    await house.rest(ann, "POST", "/messages/", {"content": "kept", "channel_id": place.uuid})
    taken = {"name": "plan"}
    left = await leave(house, ann, place.uuid)
    assert left == (200, {"message": "Successfully left channel"})
    assert (await house.rest(ann, "POST", "/channels/", taken))[0] == 400  # bob is there
    assert (await leave(house, bob, place.uuid))[0] == 200

    assert await end_of(house, ann, "plan") == ENDED
    assert await end_of(house, ann, place.uuid) == (4000, "room not found")
    for path, body in (
        ("/channels/join", {"channel_id": place.uuid}),
        (f"/channels/{place.uuid}/add-user", {"user_id": bob.uuid}),
    ):
        assert (await house.rest(ann, "POST", path, body))[0] == 404
    assert (await leave(house, ann, place.uuid))[0] == 400
    for dialect, ask, refused in (
        ("chats", {"action": "subscribe", "chat_ids": [place.uuid]}, "no access"),
        ("lobby", {"type": "join_room", "data": {"room_id": place.uuid}}, "room not found"),
        ("channels", {"type": "join_channel", "channel_id": place.uuid}, "access_denied"),
        ("conversations", {"type": "chat.get_messages", "conversation_id": place.number}, "error"),
    ):
        async with house.socket(dialect, ann) as client:
            await heard(client, dialect)
            assert refused in str(await client.ask(ask)), dialect

    status, anew = await house.rest(bob, "POST", "/channels/", taken)
    assert status == 200
    assert anew["id"] != place.uuid
    async with house.socket("room", ann, "plan") as client:  # the new one
        assert (await client.next())["type"] == "room_users_list"
    found = (await house.rest(boss, "GET", "/admin/channels?archived=true"))[1]
    assert [(each["id"], each["name"], each["member_count"]) for each in found] == [
        (place.uuid, "plan", 0)
    ]
    assert found[0]["archived_at"] is not None
    living = (await house.rest(boss, "GET", "/admin/channels?archived=false&search=PLA"))[1]
    assert [each["id"] for each in living] == [anew["id"]]
    assert (await house.rest(ann, "GET", "/admin/channels"))[0] == 403


async def test_all_24_a_name_that_ended_twice_is_still_barred(house: House) -> None:
    ann = await house.person("ann")
    for _ in range(2):
        place = await private(house, ann, "plan")
        await leave(house, ann, place.uuid)
        assert await end_of(house, ann, "plan") == ENDED
    async with house.socket("room", ann, "Plan") as client:  # names are exact
        assert (await client.next())["type"] == "room_users_list"


async def test_all_24_the_sockets_of_the_last_member_are_out_of_it(house: House) -> None:
    ann = await house.person("ann")
    place = await private(house, ann, "plan")
    async with (
        house.socket("room", ann, "plan") as room, house.socket("lobby", ann) as lobby,
        house.socket("chats", ann) as chats, house.socket("channels", ann) as channels,
    ):  # fmt: skip
        await heard(room, "room")
        for client, dialect in ((lobby, "lobby"), (chats, "chats"), (channels, "channels")):
            await place.entered(client, dialect)
            await heard(client, dialect)
        await leave(house, ann, place.uuid)
        assert (await room.closed())[0] == 4003
        assert (await lobby.next())["type"] == "leave"
        said = await lobby.ask(place.message("lobby", "x"))
        assert said["data"] == {"message": "room not found"}
        said = await chats.ask(place.message("chats", "x"))
        assert said["error"] == "no access"
    assert await end_of(house, ann, "plan") == ENDED


async def test_all_24_a_public_room_without_members_goes_on(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    place = await open_room(house, ann, "hall")
    await leave(house, ann, place.uuid)
    async with house.socket("room", bob, "hall") as client:
        assert (await client.next())["type"] == "room_users_list"
    assert (await house.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid}))[0] == 200


async def test_all_24_rooms_that_ended_do_not_count_in_the_lobby(house: House) -> None:
    ann = await house.person("ann")
    async with house.socket("lobby", ann) as lobby:
        for _ in range(2):
            made = []
            for number in range(10):
                data = {"name": f"p{number}", "type": "private"}
                answer = await lobby.ask({"type": "create_room", "data": data})
                made.append(answer["data"]["id"])
            answer = await lobby.ask({"type": "create_room", "data": data})
            assert answer["data"] == {"message": "room limit exceeded"}
            for uuid in made:
                await leave(house, ann, uuid)
        answer = await lobby.ask({"type": "list_rooms", "data": {"type": "private"}})
        assert answer["data"] == []


@pytest.mark.parametrize("first", range(2))
async def test_all_24_leaving_and_adding_at_once_agree(house: House, first: int) -> None:
    """Either the other was added before, and the room lives, or it has ended."""
    ann, bob = await house.person("ann"), await house.person("bob")
    for number in range(10):
        place = await private(house, ann, f"plan {number}")
        added: list[int] = []

        async def add(added: list[int] = added, uuid: str = place.uuid) -> None:
            path = f"/channels/{uuid}/add-user"
            added.append((await house.rest(ann, "POST", path, {"user_id": bob.uuid}))[0])

        async def go(uuid: str = place.uuid) -> None:
            assert (await leave(house, ann, uuid))[0] == 200

        async with trio.open_nursery() as nursery:
            for task in (add, go) if first else (go, add):
                nursery.start_soon(task)
        seen = await house.rest(bob, "GET", f"/channels/{place.uuid}")
        assert (added, seen[0]) in (([200], 200), ([404], 404))
        ended = await end_of(house, ann, f"plan%20{number}")
        assert ended == (ENDED if added == [404] else (4003, "room is private"))

"""Rooms over all five dialects: their names, who may be in them, and who is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import DIALECTS, NO_SUCH, heard, text_of, texts
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.core.answers import Direct
from trichat.core.ids import is_uuid
from trichat.settings import Presence


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def direct(server: ChatServer, one: Person, other: Person) -> NamedRoom:
    """Their direct room."""
    opened = await server.runtime.room_factory.open_direct(one.user, other.id)
    assert isinstance(opened, Direct)
    return NamedRoom(opened.room.uuid, opened.room.id, opened.room.uuid)


async def test_all_6_everything_has_an_integer_id_and_a_uuid(server: ChatServer) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    _, said = await server.rest(
        ann, "POST", "/messages/", {"content": "x", "channel_id": place.uuid}
    )
    assert is_uuid(said["id"])
    assert is_uuid(place.uuid)
    message = await server.runtime.store.message(said["id"])
    assert message is not None
    numbers = (message.id, place.number, ann.id)
    assert all(type(number) is int for number in numbers)
    assert 0 < min(numbers) <= max(numbers) < 2**53
    shown: dict[str, Any] = {}
    for dialect in DIALECTS:
        async with server.socket(dialect, ann, "hall") as client:
            await place.entered(client, dialect)
            await server.rest(ann, "POST", "/messages/", {"content": "y", "channel_id": place.uuid})
            frames = await heard(client, dialect)
            shown[dialect] = next(frame for frame in frames if text_of(frame, dialect) == "y")
    assert shown["chats"]["chat_id"] == place.uuid
    assert shown["room"]["sender_id"] == ann.uuid
    assert shown["lobby"]["room_id"] == place.uuid
    assert is_uuid(shown["lobby"]["id"])
    assert (shown["lobby"]["user_uuid"], shown["lobby"]["user_id"]) == (ann.uuid, ann.id)
    assert is_uuid(shown["channels"]["data"]["id"])
    assert shown["channels"]["data"]["channelId"] == place.uuid
    assert shown["channels"]["data"]["userId"] == ann.uuid
    message = shown["conversations"]["message"]
    assert isinstance(message["id"], int)
    assert message["conversation_id"] == place.number
    assert message["sender"]["id"] == ann.id


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_7_a_room_is_reached_by_its_uuid_in_either_case(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    upper = NamedRoom(place.uuid.upper(), place.number, place.uuid.upper())
    async with server.socket(dialect, ann, upper.name) as client:
        if dialect == "channels":
            frame = {"type": "join_channel", "channel_id": upper.uuid}
            await heard(client, dialect)
            answer = await client.request(frame)
            assert (answer["type"], answer["channel_id"]) == ("channel_joined", upper.uuid)
        else:
            await upper.entered(client, dialect)
        body = {"content": "hi", "channel_id": upper.uuid}
        assert (await server.rest(ann, "POST", "/messages/", body))[0] == 200
        if dialect == "chats":
            pushed = {"from": "ann", "message": "hi", "chat_id": place.uuid}
            assert await heard(client, dialect) == [pushed]
            await client.send(upper.message(dialect, "x"))
            assert (await client.next())["status"] == "success"
        elif dialect == "lobby":
            assert (await client.next())["room_id"] == place.uuid
            await client.send(upper.message(dialect, "x"))
            assert (await client.next())["content"] == "x"
        else:
            assert texts(await heard(client, dialect), dialect) == ["hi"]


async def test_all_8_direct_rooms_are_known_to_chats_and_conversations_only(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    pair = await direct(server, ann, bob)
    async with (
        server.socket("chats", bob) as chats,
        server.socket("conversations", bob) as conversations,
        server.socket("channels", bob) as channels,
    ):
        await pair.entered(chats, "chats")
        await heard(conversations, "conversations")
        await heard(channels, "channels")
        async with server.socket("chats", ann) as sender:
            await sender.send(pair.message("chats", "@bob psst"))
            assert (await sender.next())["status"] == "success"
        assert texts(await heard(chats, "chats"), "chats") == ["@bob psst"]
        told = await heard(conversations, "conversations")
        assert texts(told, "conversations") == ["@bob psst"]
        assert await heard(channels, "channels") == []  # not even the mention
        for type_ in ("join_channel", "get_online_users", "typing_indicator"):
            frame = {"type": type_, "channel_id": pair.uuid, "is_typing": True}
            assert (await channels.request(frame))["error_code"] == "access_denied"
    async with server.socket("room", bob, pair.uuid) as room:
        assert await room.close_code() == 4000
    async with server.socket("room", bob, "ann%2C%20bob") as room:  # its title is no name
        assert texts(await heard(room, "room"), "room") == []


ADMITTED, STRANGER = "admitted", "stranger"


@pytest.mark.parametrize("kind", ["public", "private", "direct"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_10_who_may_be_in_which_room(server: ChatServer, dialect: str, kind: str) -> None:
    """Chats and conversations take membership; a visit takes it where the room is not public."""
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    if kind == "direct":
        place = await direct(server, ann, bob)
    else:
        place = await open_room(server, ann, "hall", bob, private=kind == "private")
    visits = {"public": {ADMITTED, STRANGER}, "private": {ADMITTED}, "direct": set()}[kind]
    reach = {ADMITTED} if dialect in ("chats", "conversations") else visits
    for who, standing in ((bob, ADMITTED), (cy, STRANGER)):
        assert await comes_in(server, dialect, who, place) == (standing in reach), standing
    room = await server.runtime.directory.find(place.uuid)
    assert room is not None
    assert await server.runtime.store.membership(room.id, cy.id) is None  # a visit leaves none


async def comes_in(server: ChatServer, dialect: str, who: Person, place: NamedRoom) -> bool:
    """Whether this user's socket gets in."""
    async with server.socket(dialect, who, place.name) as client:
        match dialect:
            case "chats":
                frame = {"action": "subscribe", "chat_ids": [place.uuid]}
                return bool((await client.request(frame))["results"][0]["status"] == "success")
            case "room":
                return "type" in await first_of(client)
            case "lobby":
                join = {"type": "join_room", "data": {"room_id": place.uuid}}
                return bool((await client.request(join))["type"] == "join")
            case "channels":
                await heard(client, dialect)
                answer = await client.request({"type": "join_channel", "channel_id": place.uuid})
                return bool(answer["type"] == "channel_joined")
        await heard(client, dialect)
        answer = await client.request(
            {"type": "chat.get_messages", "conversation_id": place.number}
        )
        return bool(answer["type"] == "chat.messages")


async def first_of(client: Client) -> Any:
    """The first frame; nothing when the server closes instead."""
    try:
        return await client.next()
    except Exception:
        return {}


async def test_all_10_membership_is_gained_in_five_ways_and_ends_in_two(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    store = server.runtime.store

    async def admitted(who: Person) -> set[str]:
        return {admission.room.uuid for admission in await store.admissions(who.id)}

    before = {who.name: await admitted(who) for who in (ann, bob, cy)}
    made = await server.channel(ann, "made")
    assert await admitted(ann) == before["ann"] | {made}
    await server.rest(bob, "POST", "/channels/join", {"channel_id": made})
    await server.rest(bob, "POST", f"/channels/{made}/add-user", {"user_id": cy.uuid})
    async with server.socket("lobby", ann) as lobby:
        data = {"name": "den", "type": "private", "invite": [bob.uuid]}
        invited = (await lobby.request({"type": "create_room", "data": data}))["data"]["id"]
    pair = await direct(server, cy, bob)
    assert await admitted(bob) == {made, invited, pair.uuid}
    assert await admitted(cy) == {made, pair.uuid}
    await server.rest(bob, "DELETE", f"/channels/{made}/leave")
    assert await admitted(bob) == {invited, pair.uuid}
    status, _ = await server.rest(bob, "DELETE", f"/channels/{pair.uuid}/leave")  # for ever
    assert (status, await admitted(bob)) == (400, {invited, pair.uuid})


async def test_all_13_one_name_space_for_rest_and_the_room_dialect(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("room", ann, "by%20room") as client:
        await heard(client, "room")
        taken = await server.rest(bob, "POST", "/channels/", {"name": "by room"})
        assert taken == (400, {"detail": "Channel name already exists"})
        await client.send({"message": "so that it stays"})
        await heard(client, "room")
    place = await open_room(server, bob, "by rest")
    async with server.socket("room", ann, "by%20rest") as client:  # that very room
        await heard(client, "room")
        body = {"content": "here", "channel_id": place.uuid}
        await server.rest(bob, "POST", "/messages/", body)
        assert texts(await heard(client, "room"), "room") == ["here"]
    for other in ("By Room", "by room "):  # exact
        assert (await server.rest(bob, "POST", "/channels/", {"name": other}))[0] == 200


async def test_all_13_lobby_names_are_labels_and_may_repeat(server: ChatServer) -> None:
    ann = await server.person("ann")
    async with server.socket("lobby", ann) as lobby:
        rooms = []
        for name in ("den", "den", NO_SUCH, "a/b"):
            data = {"name": name, "type": "public"}
            answer = await lobby.request({"type": "create_room", "data": data})
            assert answer["data"]["name"] == name
            rooms.append(answer["data"]["id"])
        assert len(set(rooms)) == 4
        async with server.socket("room", ann, "den") as other:  # not a room of the lobby
            await heard(other, "room")
            async with server.socket("room", ann, rooms[0]) as client:  # reached by UUID
                await heard(client, "room")
                await lobby.send({"type": "join_room", "data": {"room_id": rooms[0]}})
                await client.send({"message": "hi"})
                assert texts(await heard(client, "room"), "room") == ["hi"]
                assert texts(await heard(other, "room"), "room") == []


async def test_all_13_a_name_with_a_slash_is_reached_by_uuid_only(server: ChatServer) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "a/b")
    async with server.socket("room", ann, place.uuid) as client:
        await heard(client, "room")
    async with server.socket("room", ann, "a%2Fb") as client:
        assert await client.close_code() == 4000


@pytest.mark.parametrize(
    "name", ["", " ", "\u2003", "x" * 101, "a\nb", "a\0b", "a\x7fb", "a\u0085b", NO_SUCH, "\ud800"]
)
async def test_all_13_one_rule_for_names(server: ChatServer, name: str) -> None:
    ann = await server.person("ann")
    assert (await server.rest(ann, "POST", "/channels/", {"name": name}))[0] == 422
    if name != NO_SUCH:
        async with server.socket("lobby", ann) as lobby:
            data = {"name": name, "type": "public"}
            answer = await lobby.request({"type": "create_room", "data": data})
            assert answer["data"] == {"message": "invalid message"}
    longest = "\U0001f600" * 100
    assert (await server.rest(ann, "POST", "/channels/", {"name": longest}))[0] == 200


@pytest.mark.parametrize("first", DIALECTS)
@pytest.mark.parametrize("last", DIALECTS)
async def test_all_14_present_is_who_would_get_the_next_message_over_all_dialects(
    server: ChatServer, first: str, last: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with server.socket("room", ann, "hall") as watcher:
        await heard(watcher, "room")
        edge = {"user_id": bob.uuid, "username": "bob"}
        async with server.socket(last, bob, "hall") as second:
            async with server.socket(first, bob, "hall") as client:
                already = last not in ("chats", "lobby")  # in by connecting
                if already:
                    await heard(second, last)
                await place.entered(client, first)
                joined = [{"type": "user_join", **edge}]
                assert await heard(watcher, "room") == joined
                if not already:
                    await place.entered(second, last)
                assert await heard(watcher, "room") == []
                assert await present(server, ann) == {str(ann.id), str(bob.id)}
            assert await heard(watcher, "room") == []
        assert await heard(watcher, "room") == [{"type": "user_leave", **edge}]
        assert await present(server, ann) == {str(ann.id)}


async def present(server: ChatServer, who: Person) -> set[str]:
    """Who is in the hall, as the lobby lists it."""
    async with server.socket("lobby", who) as lobby:
        rooms = (await lobby.request({"type": "list_rooms"}))["data"]
        room = next(room for room in rooms if room["name"] == "hall")
        assert room["user_count"] == len(room["users"])
        return set(room["users"])

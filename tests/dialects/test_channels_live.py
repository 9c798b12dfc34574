"""Channels over real sockets: what REST does to a message is pushed, exactly and in order."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.dialects.speech import heard
from tests.dialects.test_channels_rooms import at, join, leave, say, told
from tests.rooms import NamedRoom, open_room
from tests.server import NEW_KEY, ChatServer, Client, Person, open_chat_server, settings_for
from trichat.core.model import Role
from trichat.settings import Presence
from trichat.store.health import StoreError


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def react(server: ChatServer, who: Person, message: str, emoji: str) -> Any:
    body = {"message_id": message, "emoji": emoji}
    return await server.rest(who, "POST", "/messages/reactions", body)


def reacted(who: Person, message: str, emoji: str, action: str) -> dict[str, Any]:
    data = {"emoji": emoji, "user_id": who.uuid, "username": who.name, "action": action}
    return {"type": "message_reaction", "message_id": message, "data": data}


async def types(client: Client) -> list[str]:
    return [frame["type"] for frame in await told(client)]


# -- reactions


async def test_channels_11_a_removal_is_pushed_however_it_was_asked_for(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as author, at(server, bob) as client, at(server, cy) as outsider:
        message = (await say(server, ann, place.uuid, "hi"))["id"]
        for how in ("id", "moment", "switch"):
            await react(server, bob, message, "👍")
            _, shown = await server.rest(ann, "GET", f"/messages/{message}")
            (reaction,) = shown["reactions"]
            moment = round(datetime.fromisoformat(reaction["created_at"]).timestamp() * 1000)
            match how:
                case "id":
                    path = f"/messages/reactions/{reaction['id']}"
                    done = await server.rest(bob, "DELETE", path)
                case "moment":
                    path = f"/messages/reactions/temp_{moment + 40}"
                    done = await server.rest(bob, "DELETE", path)
                case _:
                    done = await react(server, bob, message, "👍")
            assert done == (200, {"message": "Reaction removed", "action": "remove"})
        pushed = [reacted(bob, message, "👍", action) for action in ("add", "remove")] * 3
        for listener in (author, client):
            assert (await told(listener))[1:] == pushed
        assert await told(outsider) == []


async def test_channels_11_what_is_refused_is_pushed_to_nobody(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob)
    message = (await say(server, ann, place.uuid, "hi"))["id"]
    await react(server, ann, message, "👍")
    _, shown = await server.rest(ann, "GET", f"/messages/{message}")
    (reaction,) = shown["reactions"]
    async with at(server, ann) as client, at(server, bob) as other:
        path = f"/messages/reactions/{reaction['id']}"
        assert (await server.rest(bob, "DELETE", path))[0] == 404  # another's
        assert (await react(server, cy, message, "x"))[0] == 403
        assert (await react(server, bob, message, ""))[0] == 422
        for listener in (client, other):
            assert await told(listener) == []


async def test_channels_11_two_switches_at_once_are_told_one_after_the_other(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    message = (await say(server, ann, place.uuid, "hi"))["id"]
    async with at(server, ann) as author, at(server, bob) as client:
        async with trio.open_nursery() as nursery:
            for _ in range(6):
                nursery.start_soon(react, server, bob, message, "👍")
        frames = await told(author)
        assert frames == [reacted(bob, message, "👍", on) for on in ("add", "remove")] * 3
        assert await told(client) == frames


# -- edits and deletions


async def test_channels_20_authors_members_and_visitors_are_told_and_no_others(
    server: ChatServer,
) -> None:
    ann, bob, cy, dee = [await server.person(name) for name in ("ann", "bob", "cy", "dee")]
    place = await open_room(server, ann, "hall", bob)
    async with (
        at(server, ann) as author, at(server, bob) as member, at(server, bob) as left,
        at(server, cy) as visitor, at(server, dee) as outsider,
    ):  # fmt: skip
        await leave(left, place.uuid)
        await join(visitor, place.uuid)
        for client in (author, member):
            await told(client)
        said = await say(server, ann, place.uuid, "one")
        _, edited = await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": "two"})
        await server.rest(ann, "DELETE", f"/messages/{said['id']}")
        frames = [
            {"type": "new_message", "data": said},
            {"type": "message_edited", "data": edited},
            {
                "type": "message_deleted", "message_id": said["id"], "channel_id": place.uuid,
                "deleted_by": "ann",
            },
        ]  # fmt: skip
        for client in (author, member, visitor):
            assert await told(client) == frames
        for client in (left, outsider):
            assert await told(client) == []


# -- mentions


async def mentioned(
    server: ChatServer, who: Person, text: str, dialect: str, place: NamedRoom
) -> None:
    """Said in another dialect."""
    async with server.socket(dialect, who, place.name) as sender:
        await place.entered(sender, dialect)
        await sender.send(place.message(dialect, text))
        await heard(sender, dialect)


@pytest.mark.parametrize("dialect", ["chats", "room", "lobby", "conversations"])
async def test_channels_10_13_what_other_dialects_say_is_pushed_alike(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as client:
        await mentioned(server, ann, "see @bob", dialect, place)
        pushed, mention = await told(client)
        _, (stored,) = await server.rest(bob, "GET", f"/messages/channel/{place.uuid}")
        assert pushed == {"type": "new_message", "data": stored}
        assert mention == {
            "type": "mention_notification",
            "data": {
                "message_id": stored["id"], "channel_id": place.uuid, "content": "see @bob",
                "from_user_id": ann.uuid, "from_username": "ann",
            },
        }  # fmt: skip


async def test_channels_13_19_a_direct_room_notifies_nobody_here(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with server.socket("conversations", ann) as direct, at(server, bob) as client:
        start = {"type": "chat.start_conversation", "receiver_id": bob.id}
        number = (await direct.request(start))["conversation"]["id"]
        said = {"type": "chat.message", "conversation_id": number, "content": "psst @bob"}
        assert (await direct.request(said))["type"] == "chat.message"
        assert await told(client) == []  # neither the room, nor the message, nor the mention


async def test_channels_13_an_edit_notifies_whom_the_former_text_did_not_name(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as author, at(server, bob) as client:
        said = await say(server, ann, place.uuid, "hi")
        for text in ("@bob", "@bob!", "never mind", "and again @bob"):
            await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": text})
        assert await types(client) == [
            "new_message", "message_edited", "mention_notification", "message_edited",
            "message_edited", "message_edited", "mention_notification",
        ]  # fmt: skip
        assert await types(author) == ["new_message"] + ["message_edited"] * 4


async def test_channels_13_only_whole_names_are_mentions(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as client:
        for text in ("mail@bob", "@bobby", "@ bob", "bob", "@_bob", "`@bob`"):
            await say(server, ann, place.uuid, text)
        assert await types(client) == ["new_message"] * 6
        for text in ("mail@bob, (@bob)", "@Bob", "> @bob: hello\n\nwell"):  # the last is a reply
            await say(server, ann, place.uuid, text)
            assert await types(client) == ["new_message", "mention_notification"]


async def test_all_21_the_longest_name_is_told_in_every_dialect(server: ChatServer) -> None:
    ann, bob, bobby = [await server.person(name) for name in ("ann", "bob", "bob-by.lee")]
    place = await open_room(server, ann, "hall", bob, bobby)
    async with at(server, bob) as client, at(server, bobby) as other:
        for dialect in ("chats", "room", "lobby", "conversations"):
            await mentioned(server, ann, "hi @bob-by.lee!", dialect, place)
            assert await types(client) == ["new_message"]
            assert await types(other) == ["new_message", "mention_notification"]


async def test_all_21_fifty_are_told_of_one_message(server: ChatServer) -> None:
    ann = await server.person("ann")
    people = [await server.person(f"m{number}") for number in range(51)]
    place = await open_room(server, ann, "hall", *people)
    text = " ".join(f"@{each.name}" for each in people)
    async with at(server, people[49]) as last, at(server, people[50]) as further:
        said = await say(server, ann, place.uuid, text)
        assert said["mentions"] == [each.name for each in people[:50]]
        assert said["mention_count"] == 50
        assert await types(last) == ["new_message", "mention_notification"]
        assert await types(further) == ["new_message"]


async def test_channels_7_10_what_else_conversations_say_is_not_told_here(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    message = await say(server, ann, place.uuid, "hi")
    stored = await server.runtime.store.message(message["id"])
    assert stored is not None
    async with (
        at(server, ann) as author, at(server, bob) as reader,
        server.socket("conversations", bob) as conversations,
    ):  # fmt: skip
        for frame in (
            {"type": "chat.typing", "receiver_id": ann.id, "is_typing": True},
            {"type": "chat.delivered", "message_id": stored.id},
            {"type": "chat.read", "conversation_id": place.number},
        ):
            await conversations.send(frame)
        assert await heard(conversations, "conversations") == []
        for client in (author, reader):
            assert await told(client) == []


# -- new channels


async def test_channels_20_channels_of_other_dialects_are_announced(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as creator, at(server, ann) as tab, at(server, bob) as other:
        async with server.socket("room", ann, "walk-in") as room:
            await heard(room, "room")
        async with server.socket("lobby", ann) as lobby:
            data = {"name": "label", "type": "public"}
            made = await lobby.request({"type": "create_room", "data": data})
        _, listed = await server.rest(bob, "GET", "/channels/")
        walk_in, label = listed[-2:]
        assert (walk_in["name"], label["id"]) == ("walk-in", made["data"]["id"])
        assert await told(other) == [
            {"type": "channel_created", "data": walk_in},
            {"type": "channel_created", "data": label},
        ]
        for client in (creator, tab):
            assert await told(client) == []
        async with server.socket("room", bob, "walk-in") as room:  # there already
            await heard(room, "room")
        for client in (creator, tab, other):
            assert await told(client) == []


async def test_channels_20_what_rest_refuses_is_announced_to_nobody(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    await server.channel(ann, "news")
    async with at(server, ann) as client, at(server, bob) as other:
        for name, status in (("news", 400), ("", 422)):
            assert (await server.rest(bob, "POST", "/channels/", {"name": name}))[0] == status
        for listener in (client, other):
            assert await told(listener) == []


# -- nothing


async def test_channels_10_11_20_what_cannot_be_stored_is_pushed_to_nobody(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    said = await say(server, ann, place.uuid, "@bob")

    async def fail(*_: object) -> None:
        raise StoreError("disk I/O error at /secret/place")

    async with at(server, ann) as author, at(server, bob) as other:
        with monkeypatch.context() as patch:
            patch.setattr(server.runtime.store, "write", fail)
            for method, path, body in (
                ("POST", "/messages/", {"content": "@bob", "channel_id": place.uuid}),
                ("PUT", f"/messages/{said['id']}", {"content": "new"}),
                ("POST", "/messages/reactions", {"message_id": said["id"], "emoji": "x"}),
                ("DELETE", f"/messages/{said['id']}", None),
                ("POST", "/channels/", {"name": "new"}),
                ("DELETE", f"/channels/{place.uuid}/leave", None),
            ):
                status, answer = await server.rest(ann, method, path, body)
                assert (status, "secret" in str(answer)) == (503, False)
        for client in (author, other):
            assert await told(client) == []
    assert (await server.rest(ann, "GET", f"/messages/channel/{place.uuid}"))[1] == [said]


async def test_channels_2_20_accounts_and_ranks_have_no_frames(server: ChatServer) -> None:
    chief = await server.person("chief", role=Role.SUPER_ADMIN)
    ann = await server.person("ann")
    place = await open_room(server, chief, "hall", ann)
    async with at(server, ann) as client, at(server, chief) as other:
        bob = await server.person("bob")  # registers
        login = {"username": "ann", "password": "Secret1x"}
        role = {"user_id": ann.uuid, "role": "MODERATOR"}
        body = {"user_id": bob.uuid}
        for by, method, path, sent in (
            (None, "POST", "/auth/login", login),
            (ann, "PUT", f"/users/{ann.uuid}", {"username": "anna"}),
            (chief, "POST", f"/admin/users/{ann.uuid}/roles", role),
            (chief, "DELETE", f"/admin/users/{ann.uuid}/roles", role),
            (chief, "POST", f"/admin/users/{bob.uuid}/suspend", body),
            (chief, "POST", f"/admin/users/{bob.uuid}/unban", None),
            (ann, "GET", f"/messages/channel/{place.uuid}", None),
            (ann, "POST", "/auth/keys", NEW_KEY),
        ):
            status, answer = await server.rest(by, method, path, sent)
            assert status == 200, answer
        for listener in (client, other):
            assert await told(listener) == []


# -- times


def moment(text: str) -> datetime:
    assert text[-1] == "Z"
    return datetime.fromisoformat(text)


async def test_channels_17_times_are_of_the_present_and_one_date_is_one_string(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    began = datetime.now(UTC) - timedelta(milliseconds=1)
    async with server.socket("channels", ann) as client:
        greeting = await client.next()
        said = await say(server, ann, place.uuid, "hi")
        pushed = await client.next()
        await react(server, ann, said["id"], "👍")
        reaction = await client.next()
        _, edited = await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": "ho"})
        changed = await client.next()
        pong = await client.request({"type": "ping"})
    _, stored = await server.rest(ann, "GET", f"/messages/{said['id']}")
    assert pushed["timestamp"] == said["created_at"] == stored["created_at"]
    assert changed["data"]["created_at"] == said["created_at"]
    assert changed["timestamp"] == edited["updated_at"] == stored["updated_at"]
    assert reaction["timestamp"] == stored["reactions"][0]["created_at"]
    frames = (greeting, pushed, reaction, changed, pong)
    ended = datetime.now(UTC) + timedelta(seconds=1)  # a room's times never repeat
    assert all(began <= moment(frame["timestamp"]) <= ended for frame in frames)

"""Conversations over real sockets: who follows what, how much is told, and what is not."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.dialects.speech import heard, texts
from tests.rooms import open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.core.commands import Join
from trichat.settings import Conversations, Limits

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UNKNOWN = 2**40


@asynccontextmanager
async def at(server: ChatServer, who: Person) -> AsyncIterator[Client]:
    """Connected, and following: the first answer says so."""
    async with server.socket("conversations", who) as client:
        assert await told(client) == []
        yield client


async def told(client: Client) -> list[Any]:
    return await heard(client, "conversations")


async def start(client: Client, other: Person) -> int:
    answer = await client.request({"type": "chat.start_conversation", "receiver_id": other.id})
    assert answer["type"] == "chat.conversation_started", answer
    number: int = answer["conversation"]["id"]
    return number


async def say(client: Client, number: int, text: str) -> dict[str, Any]:
    await client.send({"type": "chat.message", "conversation_id": number, "content": text})
    message: dict[str, Any] = (await client.until(type="chat.message"))["message"]
    return message


def is_error(frame: dict[str, Any]) -> bool:
    return frame.keys() == {"type", "message"} and frame["type"] == "error"


async def test_conversations_1_2_nothing_unsolicited_on_connect(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, bob) as other:
        number = await start(other, ann)
        await say(other, number, "waiting for you")
    async with server.socket("conversations", ann) as client:
        assert await told(client) == []  # neither history nor presence nor a greeting


# The documented keys, and ours beside them.
LISTED = {"id", "participants", "last_message", "has_unread", "uuid", "kind", "name"}


async def test_conversations_5_the_frame_exactly(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as client:
        number = await start(client, bob)
        await client.send({"type": "chat.message", "conversation_id": number, "content": "x"})
        frame = await client.next()
        message = frame["message"]
        assert TIME.fullmatch(message["timestamp"])
        assert frame == {
            "type": "chat.message",
            "message": {
                "id": message["id"],
                "conversation_id": number,
                "sender": {"id": ann.id, "username": "ann"},
                "content": "x",
                "timestamp": message["timestamp"],
                "is_system": False,
                "attachment": None,
            },
        }
        assert all(type(value) is int for value in (number, message["id"], ann.id))
        asked = {"type": "chat.get_messages", "conversation_id": number}
        assert (await client.request(asked))["messages"] == [{**message, "status": "sent"}]


async def test_conversations_6_typing_is_not_stored_not_echoed_and_not_bridged(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with (
        at(server, ann) as sender, at(server, ann) as tab, at(server, bob) as receiver,
        at(server, bob) as other, server.socket("channels", bob) as channels,
        server.socket("channels", ann) as typist,
    ):  # fmt: skip
        await heard(channels, "channels")
        await heard(typist, "channels")
        before = len(await server.runtime.store.log(place.number, 0, -1))
        await sender.send({"type": "chat.typing", "receiver_id": bob.id, "is_typing": True})
        assert await told(sender) == []
        typing = {"type": "chat.typing", "sender_id": ann.id, "is_typing": True}
        assert await told(receiver) == [typing]
        assert await told(other) == [typing]
        assert await told(tab) == []
        frames = await heard(channels, "channels")
        assert [frame for frame in frames if frame["type"] == "typing_indicator"] == []
        frame = {"type": "typing_indicator", "channel_id": place.uuid, "is_typing": True}
        await typist.send(frame)
        await heard(typist, "channels")
        assert await told(receiver) == []
        assert len(await server.runtime.store.log(place.number, 0, -1)) == before


async def test_conversations_7_everyone_else_is_told_and_nobody_of_the_readers(
    server: ChatServer,
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob, cy)
    async with AsyncExitStack() as sockets:
        reader, tab, first, second = [
            await sockets.enter_async_context(at(server, who)) for who in (bob, bob, ann, cy)
        ]
        told_of = {"type": "chat.read", "conversation_id": place.number, "reader_id": bob.id}
        for _ in range(2):  # also when nothing was unread
            await reader.send({"type": "chat.read", "conversation_id": place.number})
            assert await told(reader) == []
            assert await told(tab) == []
            for client in (first, second):
                assert await told(client) == [told_of]
        stranger = await sockets.enter_async_context(at(server, await server.person("dee")))
        for number in (place.number, UNKNOWN):
            frame = {"type": "chat.read", "conversation_id": number}
            assert is_error(await stranger.request(frame))


async def test_conversations_8_at_most_fifty_without_oneself(server: ChatServer) -> None:
    ann = await server.person("ann_x")
    for number in range(52):
        await server.runtime.accounts.register(f"x{number:02}", None, "a secret of hers")
    async with at(server, ann) as client:
        answer = await client.request({"type": "chat.search_user", "keyword": "X"})
        names = [one["username"] for one in answer["results"]]
        assert len(names) == 50
        assert "ann_x" not in names
        for blank in ("", "  ", "\u2003"):
            answer = await client.request({"type": "chat.search_user", "keyword": blank})
            assert answer == {"type": "chat.search_results", "results": []}


async def test_conversations_9_the_answer_exactly_and_the_others_sockets_follow(
    server: ChatServer,
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        at(server, ann) as first, at(server, ann) as own, at(server, bob) as second,
        at(server, bob) as tab, at(server, cy) as stranger,
    ):  # fmt: skip
        answer = await first.request({"type": "chat.start_conversation", "receiver_id": bob.id})
        number = answer["conversation"]["id"]
        people = [{"id": ann.id, "username": "ann"}, {"id": bob.id, "username": "bob"}]
        assert answer == {
            "type": "chat.conversation_started",
            "conversation": {
                "id": number,
                "participants": people,
                "uuid": answer["conversation"]["uuid"],
                "kind": "direct",
                "name": None,
            },
        }
        for client in (own, second, tab, stranger):  # told to the requester
            assert await told(client) == []
        await say(first, number, "psst")
        for client in (own, second, tab):
            assert texts(await told(client), "conversations") == ["psst"]
        assert await told(stranger) == []
        for wrong in (ann.id, UNKNOWN, 0, -1, 2**70):
            frame = {"type": "chat.start_conversation", "receiver_id": wrong}
            assert is_error(await first.request(frame))


async def test_conversations_10_all_rooms_one_is_a_member_of_and_200_participants(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    public = await open_room(server, bob, "public", ann)
    private = await open_room(server, bob, "private", ann, private=True)
    others = await open_room(server, bob, "of others")
    runtime = server.runtime
    room = await runtime.directory.find(public.uuid)
    assert room is not None
    for number in range(210):
        made = await runtime.accounts.register(f"x{number:03}", None, "a secret of theirs")
        user = getattr(made, "user", None)
        assert user is not None
        await join(server, public.uuid, user)
    async with at(server, ann) as client:
        direct = await start(client, bob)
        await say(client, private.number, "newest")
        answer = await client.request({"type": "chat.get_conversations"})
        listed = {one["id"]: one for one in answer["conversations"]}
        assert next(iter(listed)) == private.number
        assert {public.number, private.number, direct} <= set(listed)
        assert others.number not in listed
        for one in listed.values():
            assert one.keys() == LISTED
            assert all(who.keys() == {"user__id", "user__username"} for who in one["participants"])
            assert ann.id in [who["user__id"] for who in one["participants"]]
        assert len(listed[public.number]["participants"]) == 200
        assert listed[private.number]["last_message"]["content"] == "newest"
        assert listed[public.number]["last_message"] is None


async def join(server: ChatServer, uuid: str, user: Any) -> None:
    room = await server.runtime.directory.find(uuid)
    assert room is not None
    await server.runtime.directory.request(room, Join(), user)


async def test_conversations_11_a_history_larger_than_the_outbox_is_paced(
    tmp_path: Path,
) -> None:
    """It is not counted against the bound, and what is live meanwhile is neither lost nor mixed."""
    limits = Limits(text=10_000, frame_bytes=131_072, outbox_bytes=131_072)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        place = await open_room(server, ann, "hall", bob)
        filler = "\U0001f600" * 9_000
        async with at(server, ann) as author:
            for number in range(40):  # 1.4 MB: ten times the bound
                await say(author, place.number, f"{number} {filler}")
            async with at(server, bob) as client:
                asked = {"type": "chat.get_messages", "conversation_id": place.number}
                await client.send(asked)
                await client.send(asked)
                await say(author, place.number, "live")
                seen = []
                for _ in range(3):
                    frame = await client.next()
                    seen.append(frame["type"])
                    if frame["type"] == "chat.messages":
                        numbers = [one["content"].partition(" ")[0] for one in frame["messages"]]
                        assert numbers[:40] == [str(number) for number in range(40)]
                assert sorted(seen) == ["chat.message", "chat.messages", "chat.messages"]


async def test_conversations_11_the_newest_are_kept(tmp_path: Path) -> None:
    most = Conversations(max_history=5)
    async with open_chat_server(settings_for(tmp_path / "data", conversations=most)) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        async with at(server, ann) as client:
            number = await start(client, bob)
            for text in range(8):
                await say(client, number, str(text))
            asked = {"type": "chat.get_messages", "conversation_id": number}
            for more in ({}, {"limit": 100}):
                answer = await client.request({**asked, **more})
                kept = [one["content"] for one in answer["messages"]]
                assert kept == ["3", "4", "5", "6", "7"]
            for wrong in ({"limit": 0}, {"limit": -1}, {"limit": "5"}, {"before_id": "x"}):
                assert is_error(await client.request({**asked, **wrong}))


async def test_conversations_12_every_socket_of_a_user_is_in_his_group(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with AsyncExitStack() as sockets:
        author = await sockets.enter_async_context(at(server, ann))
        tabs = [await sockets.enter_async_context(at(server, bob)) for _ in range(4)]
        await say(author, place.number, "one")
        await author.send({"type": "chat.typing", "receiver_id": bob.id, "is_typing": True})
        await told(author)
        for tab in tabs:
            types = [frame["type"] for frame in await told(tab)]
            assert types == ["chat.message", "chat.typing"]


async def test_conversations_13_marks_are_told_to_the_author_once_newly_read(
    server: ChatServer,
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob)
    async with (
        at(server, ann) as author, at(server, ann) as tab, at(server, bob) as reader,
        at(server, cy) as stranger,
    ):  # fmt: skip
        ids = [(await say(author, place.number, text))["id"] for text in ("one", "two")]
        await told(tab)
        await told(reader)
        await reader.send({"type": "chat.delivered", "message_id": ids[1]})
        await told(reader)
        status = {"type": "chat.message_status", "message_id": ids[1], "status": "delivered"}
        for client in (author, tab):
            assert await told(client) == [status]
        for sender in (stranger, author):  # no participant; one's own message
            answer = await sender.request({"type": "chat.delivered", "message_id": ids[0]})
            assert is_error(answer)
        assert is_error(await reader.request({"type": "chat.delivered", "message_id": UNKNOWN}))
        mine = (await say(reader, place.number, "mine"))["id"]
        for client in (author, tab):
            assert texts(await told(client), "conversations") == ["mine"]
        await reader.send({"type": "chat.read", "conversation_id": place.number})
        await told(reader)
        seen = [{"type": "chat.message_status", "message_id": id_, "status": "seen"} for id_ in ids]
        read = {"type": "chat.read", "conversation_id": place.number, "reader_id": bob.id}
        for client in (author, tab):
            assert await told(client) == [read, *seen]  # not the reader's own
        await reader.send({"type": "chat.read", "conversation_id": place.number})
        await told(reader)
        assert await told(author) == [read]  # newly read: none
        assert mine not in ids


async def test_conversations_13_of_many_newly_read_the_newest_hundred(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as author:
        ids = [(await say(author, place.number, str(number)))["id"] for number in range(105)]
        async with at(server, bob) as reader:
            await reader.send({"type": "chat.read", "conversation_id": place.number})
            await told(reader)
        frames = await told(author)
        statuses = [f["message_id"] for f in frames if f["type"] == "chat.message_status"]
        assert statuses == ids[5:]


@pytest.mark.parametrize("dialect", ["chats", "room", "lobby", "rest"])
async def test_conversations_4_what_is_said_elsewhere_comes_as_a_message_too(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as client:
        if dialect == "rest":
            body = {"content": "hi", "channel_id": place.uuid}
            await server.rest(ann, "POST", "/messages/", body)
        else:
            async with server.socket(dialect, ann, "hall") as sender:
                await place.entered(sender, dialect)
                await sender.send(place.message(dialect, "hi"))
                await heard(sender, dialect)
        with trio.fail_after(10):
            message = (await client.next())["message"]
        assert message["sender"] == {"id": ann.id, "username": "ann"}
        assert (message["conversation_id"], message["content"]) == (place.number, "hi")
        assert await told(client) == []

"""Conversations over real sockets: what is said, typed, read and listed, and who hears of it."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.dialects.speech import heard, texts
from tests.dialects.test_conversations_house import at, say, start, told
from tests.rooms import open_room
from tests.server import ChatServer, Person
from tests.wire.scripted import Gate, open_bench
from trichat.store.health import StoreError


def read(number: int, who: Person) -> dict[str, Any]:
    return {"type": "chat.read", "conversation_id": number, "reader_id": who.id}


def status(message: int, word: str) -> dict[str, Any]:
    return {"type": "chat.message_status", "message_id": message, "status": word}


def person(who: Person) -> dict[str, Any]:
    return {"id": who.id, "username": who.name}


async def unread(client: Any) -> dict[int, bool]:
    answer = await client.request({"type": "chat.get_conversations"})
    return {one["id"]: one["has_unread"] for one in answer["conversations"]}


# -- messages


async def test_conversations_4_every_socket_of_many_participants_hears_it_once(
    server: ChatServer,
) -> None:
    ann, bob, cy, dee = [await server.person(name) for name in ("ann", "bob", "cy", "dee")]
    place = await open_room(server, ann, "hall", bob, cy)
    async with AsyncExitStack() as sockets:
        clients = [
            await sockets.enter_async_context(at(server, who)) for who in (ann, ann, bob, bob, cy)
        ]
        stranger = await sockets.enter_async_context(at(server, dee))
        said = [await say(clients[0], place.number, text) for text in ("one", "two")]
        pushed = [{"type": "chat.message", "message": message} for message in said]
        for client in clients[1:]:
            assert await told(client) == pushed
        assert await told(clients[0]) == []  # it has them already: no answer beside the echo
        assert await told(stranger) == []
        assert said[0]["id"] < said[1]["id"]
        assert said[0]["timestamp"] < said[1]["timestamp"]


async def test_conversations_4_a_message_is_stored_before_it_is_heard(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as client, at(server, bob) as peer:
        number = await start(client, bob)
        gate = Gate(server.runtime.store, "write")
        await client.send({"type": "chat.message", "conversation_id": number, "content": "x"})
        await gate.reached.wait()
        assert await told(peer) == []
        gate.opened.set()
        heard_of = (await peer.next())["message"]
        stored = await server.runtime.store.message_by_id(heard_of["id"])
        assert stored is not None
        assert (stored.text, stored.author.id, stored.room.id) == ("x", ann.id, number)


async def test_conversations_3_4_what_cannot_be_stored_is_heard_by_nobody(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    failed = {"type": "error", "message": "The request could not be carried out"}
    async with at(server, ann) as client, at(server, bob) as peer:
        number = await start(client, bob)

        async def fail(*_: object) -> None:
            raise StoreError("disk I/O error at /secret/place")

        with monkeypatch.context() as patch:
            patch.setattr(server.runtime.store, "write", fail)
            for frame in (
                {"type": "chat.message", "conversation_id": number, "content": "x"},
                {"type": "chat.read", "conversation_id": number},
            ):
                assert await client.request(frame) == failed
        assert await told(peer) == []
        asked = {"type": "chat.get_messages", "conversation_id": number}
        assert (await client.request(asked))["messages"] == []  # it stays open


async def test_conversations_3_nothing_else_that_others_do_is_told(server: ChatServer) -> None:
    """Not what the document has no frame for, nor what goes on in other dialects."""
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as client:
        async with (
            server.socket("channels", ann) as channels, server.socket("room", cy, "hall") as room,
            server.socket("lobby", ann) as lobby, at(server, ann) as peer,
        ):  # fmt: skip
            for visitor, dialect in ((room, "room"), (lobby, "lobby")):
                await place.entered(visitor, dialect)
            await server.rest(cy, "POST", "/channels/join", {"channel_id": place.uuid})
            body = {"content": "one", "channel_id": place.uuid}
            _, said = await server.rest(ann, "POST", "/messages/", body)
            reaction = {"message_id": said["id"], "emoji": "👍"}
            await server.rest(ann, "POST", "/messages/reactions", reaction)
            await server.rest(ann, "PUT", f"/messages/{said['id']}", {"content": "@bob"})
            await server.rest(ann, "DELETE", f"/messages/{said['id']}")
            await server.rest(cy, "DELETE", f"/channels/{place.uuid}/leave")
            await server.channel(ann, "new")
            typing = {"type": "typing_indicator", "channel_id": place.uuid, "is_typing": True}
            await channels.send(typing)
            await heard(channels, "channels")
            await told(peer)
        frames = await told(client)
        assert [frame["type"] for frame in frames] == ["chat.message"]


# -- typing


async def test_conversations_6_who_shares_nothing_hears_nothing(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    nobody = {"type": "error", "message": "User not found"}
    async with at(server, ann) as client, at(server, bob) as peer, at(server, cy) as stranger:
        await start(client, bob)
        for receiver in (cy.id, ann.id, 0, -1, 2**40, 2**70):
            frame = {"type": "chat.typing", "receiver_id": receiver, "is_typing": True}
            assert await client.request(frame) == nobody
        for listener in (peer, stranger):
            assert await told(listener) == []
        for on in (True, True, False, False):  # as often as it is said
            frame = {"type": "chat.typing", "receiver_id": bob.id, "is_typing": on}
            await client.send(frame)
            assert await told(client) == []
            typing = {"type": "chat.typing", "sender_id": ann.id, "is_typing": on}
            assert await told(peer) == [typing]
        assert await told(stranger) == []


async def test_conversations_6_the_server_ends_no_typing(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Neither with the time that clients count, nor with the typist's connection."""
    async with open_bench(tmp_path) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        await bench.runtime.room_factory.open_direct(ann, bob.id)
        typist, receiver = bench.connect("conversations", ann), bench.connect("conversations", bob)
        receiver.says({"type": "chat.search_user", "keyword": ""})
        await receiver.text(0)
        typist.says({"type": "chat.typing", "receiver_id": bob.id, "is_typing": True})
        typing = {"type": "chat.typing", "sender_id": ann.id, "is_typing": True}
        assert await receiver.text(1) == typing
        await trio.sleep(50)
        typist.hears_close()
        await typist.ended.wait()
        await trio.sleep(5)
        assert receiver.texts[1:] == [typing]


# -- marks


async def test_conversations_7_each_reads_for_himself_and_up_to_now(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob, cy)
    async with (
        at(server, ann) as author, at(server, bob) as reader, at(server, cy) as third,
        at(server, cy) as tab,
    ):  # fmt: skip
        ids = [(await say(author, place.number, text))["id"] for text in ("one", "two")]
        for client in (reader, third, tab):
            await told(client)
        await reader.send({"type": "chat.read", "conversation_id": place.number})
        assert await told(reader) == []
        for client in (third, tab):  # of what became of a message its author alone is told
            assert await told(client) == [read(place.number, bob)]
        seen = [status(id_, "seen") for id_ in ids]
        assert await told(author) == [read(place.number, bob), *seen]
        assert (await unread(reader))[place.number] is False
        assert (await unread(third))[place.number] is True
        assert (await unread(author))[place.number] is False  # one's own are not unread
        await third.send({"type": "chat.read", "conversation_id": place.number})
        assert await told(third) == []
        assert await told(author) == [read(place.number, cy)]  # they were seen already
        assert await told(reader) == [read(place.number, cy)]
        await say(author, place.number, "three")
        await told(reader)
        assert (await unread(reader))[place.number] is True


async def test_conversations_13_delivered_is_told_to_the_author_alone(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    place = await open_room(server, ann, "hall", bob, cy)
    async with (
        at(server, ann) as author, at(server, bob) as receiver, at(server, bob) as tab,
        at(server, cy) as third,
    ):  # fmt: skip
        body = {"content": "over REST", "channel_id": place.uuid}
        await server.rest(ann, "POST", "/messages/", body)
        number = (await author.next())["message"]["id"]
        for client in (receiver, tab, third):
            await told(client)
        await receiver.send({"type": "chat.delivered", "message_id": number})
        assert await told(receiver) == []
        assert await told(author) == [status(number, "delivered")]
        for client in (tab, third):
            assert await told(client) == []
        (stored,) = (await server.rest(ann, "GET", f"/messages/channel/{place.uuid}"))[1]
        await server.rest(ann, "DELETE", f"/messages/{stored['id']}")
        gone = await receiver.request({"type": "chat.delivered", "message_id": number})
        assert gone == {"type": "error", "message": "Message not found"}
        await receiver.send({"type": "chat.read", "conversation_id": place.number})
        assert await told(receiver) == []
        assert await told(author) == [read(place.number, bob)]  # and no status of what is gone


# -- users and conversations


async def test_conversations_8_the_answer_exactly_and_to_the_asker_alone(
    server: ChatServer,
) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bobby", "a_bob")]
    async with at(server, ann) as client, at(server, ann) as tab, at(server, bob) as other:
        answer = await client.request({"type": "chat.search_user", "keyword": "BOB"})
        assert answer == {"type": "chat.search_results", "results": [person(cy), person(bob)]}
        for keyword, found in (
            ("_BOB", [cy]), (" bob", []), ("bob ", []), ("bobby", [bob]), ("ann", []), ("\0", []),
            ("\ud800", []), ("x" * 5000, []), ("'", []), ("\\", []),
        ):  # fmt: skip
            answer = await client.request({"type": "chat.search_user", "keyword": keyword})
            results = [person(who) for who in found]
            assert answer == {"type": "chat.search_results", "results": results}
        for listener in (tab, other):
            assert await told(listener) == []


async def test_conversations_9_the_same_one_for_both_and_ever(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as client, server.socket("channels", bob) as channels:
        await heard(channels, "channels")
        number = await start(client, bob)
        await say(client, number, "psst")
        assert await heard(channels, "channels") == []
    async with at(server, bob) as client, at(server, ann) as peer:
        for _ in range(2):
            answer = await client.request(
                {"type": "chat.start_conversation", "receiver_id": ann.id}
            )
            assert answer["conversation"]["id"] == number
            people = answer["conversation"]["participants"]
            assert sorted(who["id"] for who in people) == [ann.id, bob.id]
        assert await told(peer) == []  # that it was asked for again is nobody's news
        listed = await client.request({"type": "chat.get_conversations"})
        assert [one["id"] for one in listed["conversations"]] == [number]


async def test_conversations_10_the_last_message_as_it_is_now(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, bob) as client, at(server, ann) as author:

        async def last() -> Any:
            (one,) = (await client.request({"type": "chat.get_conversations"}))["conversations"]
            assert one["participants"] == [
                {"user__id": who.id, "user__username": who.name} for who in (ann, bob)
            ]
            return one["last_message"]

        assert await last() is None
        first, second = [await say(author, place.number, text) for text in ("one", "two")]
        await told(client)
        assert await last() == second
        _, page = await server.rest(ann, "GET", f"/messages/channel/{place.uuid}")
        await server.rest(ann, "PUT", f"/messages/{page[1]['id']}", {"content": "new"})
        assert await last() == {**second, "content": "new"}
        await server.rest(ann, "DELETE", f"/messages/{page[1]['id']}")
        assert await last() == first
        await server.rest(ann, "DELETE", f"/messages/{page[0]['id']}")
        assert await last() is None
        assert await told(client) == []  # edits and deletions push nothing here


async def test_conversations_11_pages_of_a_history(
    server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as client, at(server, ann) as tab:
        number = await start(client, bob)
        asked = {"type": "chat.get_messages", "conversation_id": number}
        assert await client.request(asked) == {"type": "chat.messages", "messages": []}
        said = [await say(client, number, text) for text in ("one", "two", "three")]
        assert texts(await told(tab), "conversations") == ["one", "two", "three"]
        said = [{**one, "status": "sent"} for one in said]
        pages: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
            ({}, said), ({"limit": None, "before_id": None}, said), ({"limit": 1}, said[2:]),
            ({"limit": 3}, said), ({"limit": 2**60}, said), ({"before_id": said[0]["id"]}, []),
            ({"before_id": said[2]["id"]}, said[:2]), ({"before_id": 2**60}, said),
            ({"before_id": said[2]["id"], "limit": 1}, said[1:2]), ({"before_id": 0}, []),
            ({"before_id": 2**70}, said), ({"before_id": -(2**70)}, []), ({"limit": 2**70}, said),
        ]  # fmt: skip
        for page, found in pages:
            answer = await client.request({**asked, **page})
            assert answer == {"type": "chat.messages", "messages": found}, page
        assert await told(tab) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]

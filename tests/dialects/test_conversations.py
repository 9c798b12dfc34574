"""The conversations dialect over a real socket, promise by promise."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from tests.server import ChatServer, Client, Person

UNKNOWN = 2**40


@asynccontextmanager
async def at(server: ChatServer, who: Person) -> AsyncIterator[Client]:
    """Connected, and following: the first answer says so."""
    async with server.socket("conversations", who) as client:
        await client.request({"type": "chat.search_user", "keyword": ""})
        yield client


async def start(client: Client, other: Person) -> int:
    answer = await client.request({"type": "chat.start_conversation", "receiver_id": other.id})
    assert answer["type"] == "chat.conversation_started", answer
    number: int = answer["conversation"]["id"]
    return number


async def quiet(client: Client) -> None:
    """Nothing else was there to be read."""
    answer = await client.request({"type": "chat.search_user", "keyword": ""})
    assert answer == {"type": "chat.search_results", "results": []}


def is_error(frame: dict[str, Any]) -> bool:
    return frame.keys() == {"type", "message"} and frame["type"] == "error"


@pytest.mark.parametrize("token", [None, "", "nonsense"])
async def test_conversations_2_a_bad_token_closes_4001(
    server: ChatServer, token: str | None
) -> None:
    async with server.socket("conversations", token) as client:
        assert await client.close_code() == 4001


async def test_conversations_3_errors_stay_open(server: ChatServer) -> None:
    async with at(server, await server.person("ann")) as client:
        frames: list[Any] = [
            "{", "[]", "5", b"\x00", {}, {"type": 5}, {"type": "nonsense"},
            {"type": "chat.message"}, {"type": "chat.message", "conversation_id": "1"},
            {"type": "chat.message", "conversation_id": True, "content": "x"},
            {"type": "chat.message", "conversation_id": 1.0, "content": "x"},
            {"type": "chat.message", "conversation_id": UNKNOWN, "content": "x"},
            {"type": "chat.typing", "receiver_id": 1}, {"type": "chat.read"},
            {"type": "chat.search_user"}, {"type": "chat.start_conversation"},
            {"type": "chat.get_messages", "conversation_id": None},
            {"type": "chat.get_messages", "conversation_id": -1},
            {"type": "chat.get_messages", "conversation_id": 2**80},
        ]  # fmt: skip
        for frame in frames:
            assert is_error(await client.request(frame)), frame
        await quiet(client)


async def test_conversations_4_5_a_message_reaches_every_socket_once(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with (
        at(server, ann) as tab, at(server, ann) as other, at(server, bob) as peer,
        at(server, cy) as stranger,
    ):  # fmt: skip
        number = await start(tab, bob)
        await tab.send({"type": "chat.message", "conversation_id": number, "content": " hi\n"})
        frames = [await client.next() for client in (tab, other, peer)]
        assert frames[0] == frames[1] == frames[2]
        message = frames[0].pop("message")
        assert frames[0] == {"type": "chat.message"}
        stamp = message.pop("timestamp")
        assert len(stamp) == len("2025-07-07T12:34:56.789Z")
        assert isinstance(message.pop("id"), int)
        assert message == {
            "conversation_id": number,
            "sender": {"id": ann.id, "username": "ann"},
            "content": " hi\n",
            "is_system": False,
            "attachment": None,
        }
        for client in (tab, other, peer, stranger):
            await quiet(client)
        for content in ("", " \n", "a\0", "x" * 10_001):
            frame = {"type": "chat.message", "conversation_id": number, "content": content}
            assert is_error(await tab.request(frame))
        frame = {"type": "chat.message", "conversation_id": number, "content": "x"}
        assert is_error(await stranger.request(frame))
        history = await tab.request({"type": "chat.get_messages", "conversation_id": number})
        assert [one["content"] for one in history["messages"]] == [" hi\n"]


async def test_conversations_6_typing_reaches_who_shares_a_conversation(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with at(server, ann) as first, at(server, bob) as second, at(server, cy):
        await start(first, bob)
        for on in (True, False):
            await first.send({"type": "chat.typing", "receiver_id": bob.id, "is_typing": on})
            told = {"type": "chat.typing", "sender_id": ann.id, "is_typing": on}
            assert await second.next() == told
        await quiet(first)
        errors = [
            await first.request({"type": "chat.typing", "receiver_id": id_, "is_typing": True})
            for id_ in (cy.id, UNKNOWN, ann.id)
        ]
        assert is_error(errors[0])
        assert errors[0] == errors[1] == errors[2]


async def test_conversations_7_13_read_and_delivered(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as author, at(server, bob) as reader, at(server, bob) as tab:
        number = await start(author, bob)
        ids = []
        for text in ("one", "two"):
            await author.send({"type": "chat.message", "conversation_id": number, "content": text})
            ids.append((await author.next())["message"]["id"])
            for client in (reader, tab):
                await client.next()
        await reader.send({"type": "chat.delivered", "message_id": ids[0]})
        status = {"type": "chat.message_status", "message_id": ids[0], "status": "delivered"}
        assert await author.next() == status
        await reader.send({"type": "chat.read", "conversation_id": number})
        told = {"type": "chat.read", "conversation_id": number, "reader_id": bob.id}
        assert await author.next() == told
        for id_ in ids:
            seen = {"type": "chat.message_status", "message_id": id_, "status": "seen"}
            assert await author.next() == seen
        await reader.send({"type": "chat.read", "conversation_id": number})
        assert await author.next() == told  # also when nothing was unread
        for client in (author, reader, tab):
            await quiet(client)
        own = await author.request({"type": "chat.delivered", "message_id": ids[0]})
        assert is_error(own)
        assert is_error(await author.request({"type": "chat.delivered", "message_id": UNKNOWN}))


async def test_conversations_8_search_is_a_substring_without_case(server: ChatServer) -> None:
    ann, *_ = [await server.person(name) for name in ("ann", "Joanna", "hANNes", "a_n", "bob")]
    async with at(server, ann) as client:

        async def names(keyword: str) -> list[str]:
            answer = await client.request({"type": "chat.search_user", "keyword": keyword})
            assert answer["type"] == "chat.search_results"
            assert all(one.keys() == {"id", "username"} for one in answer["results"])
            return sorted(one["username"] for one in answer["results"])

        assert await names("aNN") == ["Joanna", "hANNes"]
        assert await names("_") == ["a_n"]
        assert await names("%") == []
        for nobody in (" ", "\0", "\ud800", "ann\udfff"):
            assert await names(nobody) == []


async def test_conversations_9_one_conversation_per_pair_also_under_a_race(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as first, at(server, bob) as second:
        answers: list[dict[str, Any]] = []

        async def begin(client: Client, other: Person) -> None:
            frame = {"type": "chat.start_conversation", "receiver_id": other.id}
            answers.append(await client.request(frame))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(begin, first, bob)
            nursery.start_soon(begin, second, ann)
        numbers = {answer["conversation"]["id"] for answer in answers}
        assert len(numbers) == 1
        people = answers[0]["conversation"]["participants"]
        assert sorted(person["username"] for person in people) == ["ann", "bob"]
        reference = {"type": "chat.start_conversation", "user_id": bob.id}
        assert (await first.request(reference))["conversation"]["id"] in numbers
        for wrong in (ann.id, UNKNOWN, 0, -5):
            frame = {"type": "chat.start_conversation", "receiver_id": wrong}
            assert is_error(await first.request(frame))
        await second.send(
            {"type": "chat.message", "conversation_id": numbers.pop(), "content": "follows"}
        )
        assert (await first.next())["message"]["content"] == "follows"


async def test_conversations_10_the_list_has_its_odd_keys(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with at(server, bob) as client, at(server, cy) as other:
        one, two = await start(client, ann), await start(client, cy)
        await other.send({"type": "chat.message", "conversation_id": two, "content": "new"})
        await client.until(type="chat.message")
        answer = await client.request({"type": "chat.get_conversations"})
        assert answer.keys() == {"type", "conversations"}
        newest, oldest = answer["conversations"]
        assert [newest["id"], oldest["id"]] == [two, one]
        assert oldest == {
            "id": one,
            "participants": [
                {"user__id": bob.id, "user__username": "bob"},
                {"user__id": ann.id, "user__username": "ann"},
            ],
            "last_message": None,
            "has_unread": False,
            "uuid": oldest["uuid"],
            "kind": "direct",
            "name": None,
        }
        assert newest["last_message"]["content"] == "new"
        assert newest["has_unread"] is True
        await client.send({"type": "chat.read", "conversation_id": two})
        answer = await client.request({"type": "chat.get_conversations"})
        assert answer["conversations"][0]["has_unread"] is False


async def test_conversations_11_all_messages_oldest_first(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    async with at(server, ann) as client, at(server, cy) as stranger:
        number = await start(client, bob)
        for text in range(120):
            frame = {"type": "chat.message", "conversation_id": number, "content": str(text)}
            await client.request(frame)
        request = {"type": "chat.get_messages", "conversation_id": number}
        answer = await client.request(request)
        assert answer.keys() == {"type", "messages"}
        assert [one["content"] for one in answer["messages"]] == [str(n) for n in range(120)]
        page = (await client.request({**request, "limit": 2}))["messages"]
        assert [one["content"] for one in page] == ["118", "119"]
        older = (await client.request({**request, "limit": 2, "before_id": page[0]["id"]}))[
            "messages"
        ]
        assert [one["content"] for one in older] == ["116", "117"]
        for before, last in ((2**63, ["119"]), (2**53, ["119"]), (0, []), (-(2**63) - 1, [])):
            newest = (await client.request({**request, "limit": 1, "before_id": before}))[
                "messages"
            ]
            assert [one["content"] for one in newest] == last
        unknown = await stranger.request({**request, "conversation_id": UNKNOWN})
        assert is_error(unknown)
        assert await stranger.request(request) == unknown  # not to be told from what does not exist

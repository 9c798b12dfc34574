"""Text in all five dialects and REST: kept exactly, refused in each dialect's own words."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import DIALECTS, heard, text_of, texts
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.settings import Limits, Lobby

SPEAKING = ("chats", "room", "lobby", "conversations")  # channels speaks over REST

KEPT = [
    "  leading, trailing \t\r\n ",
    "<script>alert('x')</script> &amp; \"quoted\" \\ /",
    "**unclosed *markdown `code ~~~ [link](javascript:x)",
    "\u202e\u200b\ufeff invisible \u0301",
    "e\u0301 is not \u00e9",  # nothing is normalised
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0010ffff \ufffe",
    "line\u2028separator \x01\x1f\x7f controls but NUL",
    "\u200b.\u3164",
    "\x1c",  # a control character is no white space and shows, if nothing good
]
BLANK = [
    "",
    " ",
    "\t\r\n",
    "\u00a0\u2003\u3000\u2028\x85",
    "\u200b",
    "\u3164",
    "\u00ad \ufeff",
    "\u2060\ufe0f\U000e0001",
]
UNCLEAN = ["\0", "a\0b", "\ud800", "a\udfffb", "\udc00\ud800"]


def refusal(dialect: str, why: str) -> dict[str, Any]:
    """What each dialect answers to a text that may not be. why: blank, long or unclean."""
    plain = {
        "blank": "The message is empty",
        "long": "The message is too long",
        "unclean": "The message holds characters that cannot be stored",
    }[why]
    chats = "Message cannot be empty" if why == "blank" else "Couldn't send message"
    answers: dict[str, dict[str, Any]] = {
        "chats": {"action": "message_response", "status": "error", "error": chats},
        "room": {"error": plain},
        "lobby": {"type": "error", "data": {"message": "invalid message"}},
        "conversations": {"type": "error", "message": plain},
    }
    return answers[dialect]


class Everyone:
    """One user's socket in each dialect, all in one room."""

    def __init__(self, server: ChatServer, who: Person, place: NamedRoom) -> None:
        self.server = server
        self.who = who
        self.place = place
        self.clients: dict[str, Client] = {}

    async def come(self, sockets: AsyncExitStack) -> None:
        for dialect in DIALECTS:
            socket = self.server.socket(dialect, self.who, self.place.name)
            client = self.clients[dialect] = await sockets.enter_async_context(socket)
            await self.place.entered(client, dialect)
        for dialect in DIALECTS:
            await heard(self.clients[dialect], dialect)

    async def all_hear(self, text: str) -> None:
        for dialect, client in self.clients.items():
            frame = await client.next()
            while (said := text_of(frame, dialect)) is None:
                frame = await client.next()
            assert said == text, dialect


async def everyone(server: ChatServer, sockets: AsyncExitStack) -> Everyone:
    ann = await server.person("ann")
    all_five = Everyone(server, ann, await open_room(server, ann, "hall"))
    await all_five.come(sockets)
    return all_five


@pytest.mark.parametrize("dialect", [*SPEAKING, "rest"])
async def test_all_9_text_is_stored_and_returned_exactly_as_sent(
    server: ChatServer, dialect: str
) -> None:
    async with AsyncExitStack() as sockets:
        five = await everyone(server, sockets)
        for text in KEPT:
            if dialect == "rest":
                body = {"content": text, "channel_id": five.place.uuid}
                status, said = await server.rest(five.who, "POST", "/messages/", body)
                assert (status, said["content"]) == (200, text)
            else:
                await five.clients[dialect].send(five.place.message(dialect, text))
            await five.all_hear(text)
        _, stored = await server.rest(five.who, "GET", f"/messages/channel/{five.place.uuid}")
        assert [message["content"] for message in stored] == KEPT
        asked = {"type": "chat.get_messages", "conversation_id": five.place.number}
        answer = await five.clients["conversations"].request(asked)
        assert [message["content"] for message in answer["messages"]] == KEPT
        async with server.socket("room", five.who, "hall") as later:
            assert texts(await heard(later, "room"), "room") == KEPT


@pytest.mark.parametrize("dialect", SPEAKING)
async def test_all_9_blank_and_unclean_texts_are_refused_and_stored_nowhere(
    server: ChatServer, dialect: str
) -> None:
    async with AsyncExitStack() as sockets:
        five = await everyone(server, sockets)
        for why, wrong in (("blank", BLANK), ("unclean", UNCLEAN)):
            for text in wrong:
                answer = await five.clients[dialect].request(five.place.message(dialect, text))
                assert answer == refusal(dialect, why), ascii(text)
        for other, client in five.clients.items():
            assert texts(await heard(client, other), other) == []
        _, stored = await server.rest(five.who, "GET", f"/messages/channel/{five.place.uuid}")
        assert stored == []


async def test_all_9_rest_refuses_them_with_422(server: ChatServer) -> None:
    ann = await server.person("ann")
    room = await server.channel(ann, "room")
    _, made = await server.rest(ann, "POST", "/messages/", {"content": "x", "channel_id": room})
    for text in (*BLANK, *UNCLEAN, "x" * 2001):
        body = {"content": text, "channel_id": room}
        assert (await server.rest(ann, "POST", "/messages/", body))[0] == 422
        edit = await server.rest(ann, "PUT", f"/messages/{made['id']}", {"content": text})
        assert edit[0] == 422


@pytest.mark.parametrize(("dialect", "limit"), [
    ("chats", 10_000), ("room", 10_000), ("lobby", 1000), ("conversations", 10_000),
])  # fmt: skip
async def test_all_12_the_longest_text_comes_in_fully_escaped_and_one_more_does_not(
    server: ChatServer, dialect: str, limit: int
) -> None:
    async with AsyncExitStack() as sockets:
        five = await everyone(server, sockets)
        longest = "\U0001f600" * limit  # two escapes of six bytes each
        client = five.clients[dialect]
        raw = json.dumps(five.place.message(dialect, longest))
        assert raw.count("\\u") == 2 * limit
        await client.send(raw)
        await five.all_hear(longest)  # what comes in by one dialect goes out by all
        await heard(client, dialect)
        answer = await client.request(five.place.message(dialect, longest + "x"))
        assert answer == refusal(dialect, "long")


async def test_all_12_rest_takes_2000_and_limits_bind_only_what_comes_in(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    longest = "\U0001f600" * 2000
    async with server.socket("lobby", ann) as lobby, server.socket("room", ann, "hall") as room:
        await place.entered(lobby, "lobby")
        await heard(room, "room")
        body = {"content": longest, "channel_id": place.uuid}
        status, said = await server.rest(ann, "POST", "/messages/", body)
        assert status == 200
        assert (await lobby.next())["content"] == longest  # lobby's own limit is 1000
        longer = "y" * 10_000
        await room.send({"message": longer})
        assert (await lobby.next())["content"] == longer
        body = {"content": longest + "x"}
        assert (await server.rest(ann, "PUT", f"/messages/{said['id']}", body))[0] == 422
        _, stored = await server.rest(ann, "GET", f"/messages/channel/{place.uuid}")
        assert [message["content"] for message in stored] == [longest, longer]


async def test_conversations_8_a_keyword_that_no_name_can_hold_finds_nobody(
    server: ChatServer,
) -> None:
    await server.person("bob")
    async with server.socket("conversations", await server.person("ann")) as client:
        for keyword in UNCLEAN:
            asked = {"type": "chat.search_user", "keyword": keyword}
            assert await client.request(asked) == {"type": "chat.search_results", "results": []}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_12_a_frame_of_the_limit_comes_in(server: ChatServer, dialect: str) -> None:
    """It is no JSON: what each dialect says to that, and not what it says of a large frame."""
    limit = server.runtime.settings.limits.frame_bytes
    async with server.socket(dialect, await server.person("ann"), "hall") as client:
        await heard(client, dialect)
        for frame in ("x" * limit, b"x" * limit):
            if dialect != "chats":
                answer = await client.request(frame)
                assert "error" in str(answer)
        if dialect == "chats":
            await client.send("x" * limit)
            assert await client.close_code() == 1007


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_12_a_frame_beyond_the_limit_closes_1009(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    limit = server.runtime.settings.limits.frame_bytes
    async with server.socket(dialect, ann, "hall") as client:
        await heard(client, dialect)
        await client.send("x" * (limit + 1))
        assert await client.close_code() == 1009


async def test_all_12_the_limit_is_the_operators(tmp_path: Path) -> None:
    limits = Limits(text=5)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        ann = await server.person("ann")
        place = await open_room(server, ann, "hall")
        for dialect in ("chats", "room", "conversations"):
            async with server.socket(dialect, ann, "hall") as client:
                await place.entered(client, dialect)
                await client.send(place.message(dialect, "\U0001f600" * 5))
                assert texts(await heard(client, dialect), dialect) == ["\U0001f600" * 5]
                answer = await client.request(place.message(dialect, "123456"))
                assert answer == refusal(dialect, "long")


@pytest.mark.parametrize("dialect", SPEAKING)
async def test_lobby_13_an_operators_limit_binds_the_user_over_all_dialects(
    tmp_path: Path, dialect: str
) -> None:
    limits, lobby = Limits(messages_per_minute=2), Lobby(max_messages_per_min=10)
    settings = settings_for(tmp_path / "data", limits=limits, lobby=lobby)
    words = {
        "chats": {
            "action": "message_response",
            "status": "error",
            "error": "Couldn't send message",
        },
        "room": {"error": "Too many messages, try again later"},
        "lobby": {"type": "error", "data": {"message": "rate limit exceeded"}},
        "conversations": {"type": "error", "message": "Too many messages, try again later"},
    }
    async with open_chat_server(settings) as server:
        ann = await server.person("ann")
        place = await open_room(server, ann, "hall")
        async with server.socket(dialect, ann, "hall") as client:
            await place.entered(client, dialect)
            for _ in range(2):
                await client.send(place.message(dialect, "x"))
                assert texts(await heard(client, dialect), dialect) == ["x"]
            assert await client.request(place.message(dialect, "x")) == words[dialect]
        body = {"content": "x", "channel_id": place.uuid}
        assert (await server.rest(ann, "POST", "/messages/", body))[0] == 429

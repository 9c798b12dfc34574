"""A message sent by a client of one API reaches the members on every other (all-7, all-8)."""

from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path

import pytest
import trio

from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.settings import Lobby

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")


class Five:
    """One user per dialect, all members of one room."""

    def __init__(
        self, server: ChatServer, people: dict[str, Person], room: str, number: int
    ) -> None:
        self.server = server
        self.people = people
        self.room = room
        self.number = number
        self.sockets: dict[str, Client] = {}

    async def join(self, nursery: trio.Nursery, dialect: str) -> None:
        """Connect and be in the room: nothing said from now on is missed."""
        person = self.people[dialect]
        socket = await self.server.connect(nursery, dialect, person, room="five")
        self.sockets[dialect] = socket
        match dialect:
            case "chats":
                answer = await socket.request({"action": "subscribe", "chat_ids": [self.room]})
                assert answer["results"] == [{"chat_id": self.room, "status": "success"}]
            case "room":
                await socket.until(type="user_join", user_id=person.uuid)
            case "lobby":
                await socket.send({"type": "join_room", "data": {"room_id": self.room}})
                await socket.until(type="join", user_uuid=person.uuid)
            case "channels":
                await socket.until(type="connection_established")
            case "conversations":
                await socket.request({"type": "chat.get_conversations"})

    async def leave(self, dialect: str) -> None:
        await self.sockets.pop(dialect).close()

    async def say(self, dialect: str, text: str) -> None:
        socket = self.sockets[dialect]
        match dialect:
            case "chats":
                await socket.send({"action": "message", "chat_id": self.room, "text": text})
            case "room":
                await socket.send({"message": text})
            case "lobby":
                data = {"type": "text", "content": text, "room_id": self.room}
                await socket.send({"type": "send_message", "data": data})
            case "channels":
                body = {"content": text, "channel_id": self.room}
                status, _ = await self.server.rest(self.people[dialect], "POST", "/messages/", body)
                assert status == 200
            case "conversations":
                frame = {"type": "chat.message", "conversation_id": self.number}
                await socket.send({**frame, "content": text})

    async def hear(self, dialect: str) -> tuple[str, str]:
        """The next message in the dialect's own frame: (who, what)."""
        socket = self.sockets[dialect]
        match dialect:
            case "chats":
                while "from" not in (frame := await socket.next()):
                    pass
                assert frame == {
                    "from": frame["from"], "message": frame["message"], "chat_id": self.room,
                }  # fmt: skip
                return frame["from"], frame["message"]
            case "room":
                frame = await socket.until(type="chat_message")
                return frame["sender_username"], frame["message"]
            case "lobby":
                frame = await socket.until(type="text")
                assert frame["room_id"] == self.room
                return frame["user_email"].removesuffix("@example.com"), frame["content"]
            case "channels":
                data = (await socket.until(type="new_message"))["data"]
                assert data["channelId"] == data["channel_id"] == self.room
                return data["user"]["username"], data["content"]
            case _:
                message = (await socket.until(type="chat.message"))["message"]
                assert message["conversation_id"] == self.number
                return message["sender"]["username"], message["content"]


@pytest.fixture
async def five(tmp_path: Path) -> AsyncIterator[Five]:
    settings = settings_for(tmp_path / "data", lobby=Lobby(max_messages_per_min=10_000))
    async with open_chat_server(settings) as server:
        yield await furnish(server)


async def furnish(server: ChatServer) -> Five:
    """Five members of one room."""
    people = {dialect: await server.person(f"{dialect}_user") for dialect in DIALECTS}
    owner, *others = people.values()
    room = await server.channel(owner, "five", *others)
    return Five(server, people, room, await server.room_id(room))


@pytest.mark.promise("all-7", "all-8")
async def test_all_five_hear_all_five_in_one_order_for_every_order_of_joining(five: Five) -> None:
    for order in permutations(DIALECTS):
        async with trio.open_nursery() as nursery:
            for dialect in order:
                await five.join(nursery, dialect)
            for index, dialect in enumerate(order):
                text = f"{dialect}: {'-'.join(order)}"
                await five.say(dialect, text)
                for listener in DIALECTS:
                    assert await five.hear(listener) == (f"{dialect}_user", text)
                again = order[(index + 1) % len(order)]
                await five.leave(again)
                await five.join(nursery, again)
            for dialect in order:
                await five.leave(dialect)
            nursery.cancel_scope.cancel()


@pytest.mark.promise("all-7")
async def test_messages_sent_at_once_are_heard_in_the_same_order_by_all(five: Five) -> None:
    heard: dict[str, list[tuple[str, str]]] = {dialect: [] for dialect in DIALECTS}
    each = 20

    async def say_all(dialect: str) -> None:
        for number in range(each):
            await five.say(dialect, f"{dialect} {number}")

    async def hear_all(dialect: str) -> None:
        for _ in range(each * len(DIALECTS)):
            heard[dialect].append(await five.hear(dialect))

    async with trio.open_nursery() as sockets:
        for dialect in DIALECTS:
            await five.join(sockets, dialect)
        async with trio.open_nursery() as nursery:
            for dialect in DIALECTS:
                nursery.start_soon(say_all, dialect)
                nursery.start_soon(hear_all, dialect)
        for dialect in DIALECTS:
            await five.leave(dialect)
        sockets.cancel_scope.cancel()

    first = heard["chats"]
    assert len(set(first)) == each * len(DIALECTS)
    assert all(order == first for order in heard.values())
    for dialect in DIALECTS:  # and each sender's own in the order they sent them
        mine = [text for _, text in first if text.startswith(f"{dialect} ")]
        assert mine == [f"{dialect} {number}" for number in range(each)]

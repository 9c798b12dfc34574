"""A fault costs who asked one clear error in his dialect's words, and nobody else anything."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest

from tests.house import Client, House, Person
from trichat.core import commands, roomstate
from trichat.core.roomstate import Draft
from trichat.runtime.rooms import RoomActor
from trichat.store.sqlite import SqliteStore

DIALECTS = ("chats", "room", "lobby", "conversations")

# What each dialect says when the server failed over a message.
FAILED: dict[str, Any] = {
    "chats": {
        "action": "message_response", "status": "error", "error": "Couldn't send message",
    },
    "room": {"error": "The message could not be sent"},
    "lobby": {"type": "error", "data": {"message": "invalid message"}},
    "conversations": {"type": "error", "message": "The request could not be carried out"},
}  # fmt: skip


class Hall:
    """One room with a listener in every dialect, and a bystander in another room."""

    def __init__(self, house: House, room: str, number: int) -> None:
        self.house = house
        self.room = room
        self.number = number
        self.clients: dict[str, Client] = {}

    def message(self, dialect: str, text: str) -> dict[str, Any]:
        frames: dict[str, dict[str, Any]] = {
            "chats": {"action": "message", "chat_id": self.room, "text": text},
            "room": {"message": text},
            "lobby": {
                "type": "send_message",
                "data": {"type": "text", "content": text, "room_id": self.room},
            },
            "conversations": {
                "type": "chat.message", "conversation_id": self.number, "content": text,
            },
        }  # fmt: skip
        return frames[dialect]

    async def all_hear(self, text: str, *, sender: str) -> None:
        """Everyone's next frame is this message; who sent it over chats has his answer first."""
        for dialect, client in self.clients.items():
            frame = await client.next()
            if dialect == sender == "chats":
                assert frame == {"action": "message_response", "status": "success"}
                frame = await client.next()
            assert text in str(frame), (dialect, frame)
            assert "error" not in str(frame)

    async def works(self) -> None:
        """Each says something and all hear it."""
        for dialect in DIALECTS:
            await self.clients[dialect].send(self.message(dialect, f"{dialect} works"))
            await self.all_hear(f"{dialect} works", sender=dialect)

    async def history(self, who: Person) -> list[str]:
        _, messages = await self.house.rest(who, "GET", f"/messages/channel/{self.room}?limit=100")
        return [message["content"] for message in messages]


@pytest.fixture
async def ann(house: House) -> Person:
    return await house.person("ann")


@pytest.fixture
async def hall(house: House, ann: Person) -> AsyncIterator[Hall]:
    room = await house.channel(ann, "hall")
    hall = Hall(house, room, await house.room_id(room))
    async with AsyncExitStack() as sockets:
        for dialect in DIALECTS:
            client = await sockets.enter_async_context(house.socket(dialect, ann, "hall"))
            hall.clients[dialect] = client
        clients = hall.clients
        await clients["conversations"].ask({"type": "chat.search_user", "keyword": ""})
        await clients["chats"].ask({"action": "subscribe", "chat_ids": [room]})
        await clients["room"].next()
        await clients["lobby"].ask({"type": "join_room", "data": {"room_id": room}})
        await clients["room"].send({})  # a round trip: what came before has been read
        while "error" not in await clients["room"].next():
            pass
        yield hall


@contextmanager
def a_rule_that_raises(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Saying 'poison' raises out of decide."""
    say = roomstate._RULES[commands.Say]

    def poisoned(draft: Draft, command: Any, by: Any, at: int) -> Any:
        if command.text == "poison":
            raise RuntimeError("a bug in a rule")
        return say(draft, command, by, at)

    with monkeypatch.context() as patch:
        patch.setitem(roomstate._RULES, commands.Say, poisoned)
        yield


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_rule_that_raises_refuses_that_one_command(
    hall: Hall, ann: Person, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = hall.clients[dialect]
    with a_rule_that_raises(monkeypatch):
        await client.send(hall.message(dialect, "poison"))
        assert await client.next() == FAILED[dialect]
        await hall.works()
    assert await hall.history(ann) == [f"{dialect} works" for dialect in DIALECTS]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_actor_that_raises_goes_on_with_the_same_inbox_and_audience(
    hall: Hall, ann: Person, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hall.works()

    async def broken(self: RoomActor, *args: Any) -> Any:
        raise RuntimeError("a bug in the loop")

    client = hall.clients[dialect]
    with monkeypatch.context() as patch:
        patch.setattr(RoomActor, "_commit", broken)
        await client.send(hall.message(dialect, "lost"))
        assert await client.next() == FAILED[dialect]
    await hall.works()
    assert await hall.history(ann) == [f"{dialect} works" for dialect in DIALECTS] * 2


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("all-7", "chats-9")
async def test_a_full_disk_is_told_and_nothing_is_half_stored(
    hall: Hall, ann: Person, dialect: str
) -> None:
    await hall.works()
    store = hall.house.runtime.store
    assert isinstance(store, SqliteStore)
    writer = store._writer
    pages, limit = writer.pragma("page_count"), writer.pragma("max_page_count")
    writer.pragma("max_page_count", pages)  # a real SQLITE_FULL from here on
    client = hall.clients[dialect]
    told = 0
    while not told:
        await client.send(hall.message(dialect, "x" * 900))
        frame = await client.next()
        if frame == FAILED[dialect]:
            told += 1
        else:  # what still fitted was delivered to all
            if dialect == "chats":
                await client.next()
            for other in DIALECTS:
                if other != dialect:
                    await hall.clients[other].next()
    writer.pragma("max_page_count", limit)
    before = await hall.history(ann)
    await hall.works()
    assert await hall.history(ann) == before + [f"{dialect} works" for dialect in DIALECTS]


BAD: dict[str, tuple[str, Any]] = {
    "chats": ('{"action":"nonsense"}', {"error": "Unknown action", "status": "error"}),
    "room": ("{", {"error": "Invalid JSON"}),
    "lobby": ("{", {"type": "error", "data": {"message": "invalid message"}}),
    "conversations": ("{", {"type": "error", "message": "Invalid JSON"}),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("all-3")
async def test_a_bad_frame_disturbs_nobody(hall: Hall, ann: Person, dialect: str) -> None:
    frame, answer = BAD[dialect]
    assert await hall.clients[dialect].ask(frame) == answer
    await hall.works()


@pytest.mark.promise("lobby-13")
async def test_a_message_that_is_not_stored_does_not_count_against_the_allowance(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = hall.clients["lobby"]
    with a_rule_that_raises(monkeypatch):
        for _ in range(40):
            assert await client.ask(hall.message("lobby", "poison")) == FAILED["lobby"]
    await hall.works()

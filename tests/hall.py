"""One room with a listener in every dialect, and what each says when the server failed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.house import Client, House, Person

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
    """One room with a listener in every dialect."""

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


@asynccontextmanager
async def open_hall(house: House, ann: Person) -> AsyncIterator[Hall]:
    """Everyone in it is Ann."""
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

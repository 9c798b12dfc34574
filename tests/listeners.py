"""Who listens to one room in every dialect, and what each hears when the server failed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from attrs import field, frozen

from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person

DIALECTS = ("chats", "room", "lobby", "conversations")  # channels says nothing by its socket

# What each dialect says when the server failed over a message.
FAILED: dict[str, Any] = {
    "chats": {
        "action": "message_response", "status": "error", "error": "Couldn't send message",
    },
    "room": {"error": "The message could not be sent"},
    "lobby": {"type": "error", "data": {"message": "invalid message"}},
    "conversations": {"type": "error", "message": "The request could not be carried out"},
}  # fmt: skip


@frozen
class Listeners:
    """clients: one of each dialect in which a socket may speak, all in this room."""

    server: ChatServer
    room: NamedRoom
    clients: dict[str, Client] = field(factory=dict)

    async def all_hear(self, text: str, *, sender: str) -> None:
        """Everyone's next frame is this message; chats gives its sender an answer first."""
        for dialect, client in self.clients.items():
            frame = await client.next()
            if dialect == sender == "chats":
                assert frame == {"action": "message_response", "status": "success"}
                frame = await client.next()
            assert text in str(frame), (dialect, frame)
            assert "error" not in str(frame)

    async def say(self, dialect: str, text: str) -> None:
        """A message of this dialect's client, of which nothing is heard yet."""
        await self.clients[dialect].send(self.room.message(dialect, text))

    async def all_work(self) -> None:
        """Each says something and all hear it."""
        for dialect in DIALECTS:
            await self.say(dialect, f"{dialect} works")
            await self.all_hear(f"{dialect} works", sender=dialect)

    async def history(self, who: Person) -> list[str]:
        """The room's texts, as REST gives them."""
        path = f"/messages/channel/{self.room.uuid}?limit=100"
        _, messages = await self.server.rest(who, "GET", path)
        return [message["content"] for message in messages]


@asynccontextmanager
async def listening(server: ChatServer, who: Person) -> AsyncIterator[Listeners]:
    """All of them are sockets of this user, in a new room of theirs."""
    room = await open_room(server, who, "hall")
    listeners = Listeners(server, room)
    clients = listeners.clients
    async with AsyncExitStack() as sockets:
        for dialect in DIALECTS:
            client = await sockets.enter_async_context(server.socket(dialect, who, room.name))
            clients[dialect] = client
        await clients["conversations"].request({"type": "chat.search_user", "keyword": ""})
        await clients["chats"].request({"action": "subscribe", "chat_ids": [room.uuid]})
        await clients["room"].next()
        await clients["lobby"].request({"type": "join_room", "data": {"room_id": room.uuid}})
        await clients["room"].send({})  # a round trip: what came before has been read
        while "error" not in await clients["room"].next():
            pass
        yield listeners

"""A room that tests speak in, whichever dialect they speak."""

from typing import Any

from attrs import frozen

from tests.dialects.speech import heard
from tests.server import ChatServer, Client, Person


@frozen
class NamedRoom:
    """A room by all its names: each dialect calls it by one of them."""

    uuid: str
    number: int
    name: str

    async def entered(self, client: Client, dialect: str) -> list[Any]:
        """The socket is in it from now on: what it was told on the way."""
        match dialect:
            case "chats":
                frame = {"action": "subscribe", "chat_ids": [self.uuid]}
                answer = await client.request(frame)
                assert answer["results"] == [{"chat_id": self.uuid, "status": "success"}]
            case "lobby":
                await client.send({"type": "join_room", "data": {"room_id": self.uuid}})
        return await heard(client, dialect)

    def message(self, dialect: str, text: object) -> dict[str, Any]:
        """A message to it; channels has none."""
        frames: dict[str, dict[str, Any]] = {
            "chats": {"action": "message", "chat_id": self.uuid, "text": text},
            "room": {"message": text},
            "lobby": {
                "type": "send_message",
                "data": {"type": "text", "content": text, "room_id": self.uuid},
            },
            "conversations": {
                "type": "chat.message",
                "conversation_id": self.number,
                "content": text,
            },
        }
        return frames[dialect]


async def open_room(
    server: ChatServer, owner: Person, name: str, *members: Person, **kind: bool
) -> NamedRoom:
    """The owner makes it over REST, and adds the members."""
    uuid = await server.channel(owner, name, *members, **kind)
    return NamedRoom(uuid, await server.room_id(uuid), name)

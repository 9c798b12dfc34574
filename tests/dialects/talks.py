"""Two people, a room, and one of them who goes and comes again with their cursor."""

from typing import Any

from tests.dialects.keeping import Keeper
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person


async def talking(server: ChatServer, **kind: bool) -> tuple[Person, Person, NamedRoom]:
    ann, bob = await server.person("ann"), await server.person("bob")
    return ann, bob, await open_room(server, ann, "hall", bob, **kind)


async def say(server: ChatServer, by: Person, place: NamedRoom, *said: str) -> list[str]:
    ids = []
    for text in said:
        body = {"content": text, "channel_id": place.uuid}
        status, answer = await server.rest(by, "POST", "/messages/", body)
        assert status == 200, answer
        ids.append(answer["id"])
    return ids


async def come(client: Client, place: NamedRoom, keeper: Keeper) -> list[Any]:
    """Into the room, as this dialect does; what was told on the way."""
    frames = await place.entered(client, keeper.dialect)
    return [frame for frame in map(keeper.take, frames) if frame]


async def stay(
    server: ChatServer, by: Person, place: NamedRoom, keeper: Keeper, *, resume: str | None = None
) -> list[Any]:
    """Connect, come in, and go without a word."""
    asked = keeper.cursor if resume is None else resume
    name = place.uuid if keeper.dialect == "room" else ""
    async with server.socket(keeper.dialect, by, name, resume=asked) as client:
        frames = await come(client, place, keeper)
        await client.abort()
    return frames

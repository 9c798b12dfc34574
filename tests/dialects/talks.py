"""Two people, a room, and one of them who goes and comes again with his cursor."""

from typing import Any

from tests.dialects.keeping import Keeper
from tests.house import Client, House, Person
from tests.rooms import NamedRoom, open_room


async def talking(house: House, **kind: bool) -> tuple[Person, Person, NamedRoom]:
    ann, bob = await house.person("ann"), await house.person("bob")
    return ann, bob, await open_room(house, ann, "hall", bob, **kind)


async def say(house: House, by: Person, place: NamedRoom, *said: str) -> list[str]:
    ids = []
    for text in said:
        body = {"content": text, "channel_id": place.uuid}
        status, answer = await house.rest(by, "POST", "/messages/", body)
        assert status == 200, answer
        ids.append(answer["id"])
    return ids


async def come(client: Client, place: NamedRoom, keeper: Keeper) -> list[Any]:
    """Into the room, as this dialect does; what was told on the way."""
    frames = await place.entered(client, keeper.dialect)
    return [frame for frame in map(keeper.take, frames) if frame]


async def stay(
    house: House, by: Person, place: NamedRoom, keeper: Keeper, *, resume: str | None = None
) -> list[Any]:
    """Connect, come in, and go without a word."""
    asked = keeper.cursor if resume is None else resume
    name = place.uuid if keeper.dialect == "room" else ""
    async with house.socket(keeper.dialect, by, name, resume=asked) as client:
        frames = await come(client, place, keeper)
        await client.abort()
    return frames

"""Who and what is there when the story begins."""

from typing import Protocol

from tests.simulation.clients.surroundings import Person, Place
from trichat.core.commands import Add
from trichat.core.model import Kind, Role, Room, User
from trichat.runtime.clock import new_uuid
from trichat.runtime.server import Runtime
from trichat.store.roles import SetRole
from trichat.store.users import CreateUser, Registered

WANDERER = 6  # who comes and goes as a member
BARRED = 5  # who may be barred


class _World(Protocol):
    people: list[Person]
    places: list[Place]

    def clock(self) -> int: ...


async def found(world: _World, runtime: Runtime, people: int) -> None:
    """People, a public and a private channel, a lobby room with and one without members, and a
    direct room.
    """
    users = [await _user(world, runtime, f"p{number}") for number in range(people)]
    await runtime.storage.submit(SetRole(users[0].id, Role.SUPER_ADMIN, world.clock()))
    world.people += [
        Person(user, runtime.accounts.token(user), wanders=user is users[WANDERER])
        for user in users
    ]
    hall = await _made(runtime.room_factory.open_channel(users[0], "hall", None, private=False))
    await _place(world, runtime, hall, [*users[:6], users[WANDERER]])
    cellar = await _made(runtime.room_factory.open_channel(users[1], "cellar", None, private=True))
    await _place(world, runtime, cellar, [*users[1:5], users[WANDERER]])
    corner = await _made(
        runtime.room_factory.open_lobby_room(users[2], "corner", Kind.PUBLIC, None, ())
    )
    await _place(world, runtime, corner, users[2:3])
    direct = await runtime.room_factory.open_direct(users[3], users[4].id)
    assert hasattr(direct, "room")
    await _place(world, runtime, direct.room, users[3:5])


async def _user(world: _World, runtime: Runtime, name: str) -> User:
    made = await runtime.storage.submit(
        CreateUser(new_uuid(), name, f"{name}@example.com", None, None, world.clock())
    )
    assert isinstance(made, Registered)
    return made.user


async def _made(making: object) -> Room:
    room = await making  # type: ignore[misc]
    assert isinstance(room, Room)
    return room


async def _place(world: _World, runtime: Runtime, room: Room, members: list[User]) -> None:
    for user in members[1:] if room.kind is not Kind.DIRECT else []:
        outcome = await runtime.directory.request(room, Add(user), members[0])
        assert hasattr(outcome, "events"), outcome
    world.places.append(
        Place(
            room.uuid,
            room.id,
            room.title,
            room.kind is not Kind.PUBLIC,
            frozenset(user.uuid for user in members),
            room.kind is Kind.DIRECT,
        )
    )

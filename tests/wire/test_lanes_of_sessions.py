"""The lanes of sessions in their ordinary life: they are clear whenever nothing waits."""

import pytest

from tests.dialects.speech import DIALECTS, Hall, hall, heard, texts
from tests.house import Client, House, Person
from trichat.core.answers import Done
from trichat.core.commands import Say
from trichat.runtime.listener import Batch
from trichat.wire.session import Session


async def say(house: House, place: Hall, by: Person, text: str) -> None:
    room = await house.runtime.directory.find(place.uuid)
    assert room is not None
    assert isinstance(await house.runtime.directory.ask(room, Say(text), by.user), Done)


async def told_by_lane(house: House, place: Hall, by: Person, client: Client, dialect: str) -> bool:
    """Whether what somebody else says goes to Bob by his lane; he hears it either way."""
    bob = await house.runtime.store.user_by_name("bob")
    assert bob is not None
    (session,) = house.runtime.connections.of(bob.id)
    assert isinstance(session, Session)
    was, puts = session.put, []

    def put(batch: Batch) -> None:
        puts.append(batch)
        was(batch)

    session.put = put
    await say(house, place, by, "said")
    assert texts(await heard(client, dialect), dialect) == ["said"]
    session.put = was
    return not puts


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_who_listens_is_told_by_his_lane(house: House, ann: Person, dialect: str) -> None:
    bob = await house.person("bob")
    place = await hall(house, ann, "hall", bob)
    await say(house, place, ann, "before")
    async with house.socket(dialect, bob, place.name) as client:
        await place.entered(client, dialect)
        if dialect == "room":  # the first event behind its history
            assert not await told_by_lane(house, place, ann, client, dialect)
        assert await told_by_lane(house, place, ann, client, dialect)
        if dialect != "channels":
            await client.send(place.message(dialect, "his own"))
            if dialect != "room":  # there `heard` is refused itself
                await client.send(place.message(dialect, ""))
            await heard(client, dialect)
            assert await told_by_lane(house, place, ann, client, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_who_resumes_is_not(house: House, ann: Person, dialect: str) -> None:
    """Each frame of an event tells him where it stands."""
    bob = await house.person("bob")
    place = await hall(house, ann, "hall", bob)
    async with house.socket(dialect, bob, place.name, resume="1") as client:
        await place.entered(client, dialect)
        for _ in range(2):
            assert not await told_by_lane(house, place, ann, client, dialect)

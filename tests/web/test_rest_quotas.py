"""Each user's share of rooms and of bytes (all-25)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.conftest import Answer, Caller, Service, configured, serving
from tests.web.test_rest_reactions import HeldClock
from trichat.core.model import Role, Room
from trichat.core.refusals import RateLimited, TooManyRooms
from trichat.store.roles import SetRole

pytestmark = pytest.mark.promise("all-25")

HOURLY = (429, "Too many channels, try again later")
LIVING = (429, "You have made as many channels as you may")
LIMITED = (429, "Too many messages, try again later")
HOUR = 3_600_000


async def make(who: Caller, name: str, **fields: object) -> Answer:
    return await who.post("channels/", {"name": name, **fields})


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def timed(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Service]:
    async with serving(tmp_path, clock=clock) as running:
        yield running


async def test_fifty_rooms_an_hour(timed: Service, clock: HeldClock) -> None:
    ann, bob = await timed.people("ann", "bob")
    for number in range(50):
        assert (await make(ann, f"room {number}")).status == 200
        clock.now += 1000
    refused = await make(ann, "one more")
    assert refused.is_refused(*HOURLY)
    assert refused.headers["Retry-After"] == str(3600 - 50)
    assert (await make(bob, "one more")).status == 200
    clock.now += HOUR - 50_000 - 1
    assert (await make(ann, "yet one more")).is_refused(*HOURLY)
    clock.now += 1
    assert (await make(ann, "yet one more")).status == 200  # the first is an hour old
    assert (await make(ann, "and another")).is_refused(*HOURLY)


async def test_the_rooms_that_the_first_user_finds_are_not_theirs(service: Service) -> None:
    ann = await service.register("ann")
    assert len((await ann.get("channels/my")).value) == 3
    for number in range(50):
        assert (await make(ann, f"room {number}")).status == 200
    assert (await make(ann, "one more")).is_refused(*HOURLY)


async def test_what_was_made_and_left_was_made(timed: Service) -> None:
    """Nobody makes rooms for ever by leaving them."""
    ann = await timed.register("ann")
    for number in range(50):
        made = await make(ann, f"room {number}", is_private=True)
        assert (await ann.delete(f"channels/{made.value['id']}/leave")).status == 200
    assert (await make(ann, "one more")).is_refused(*HOURLY)


async def test_a_refused_making_does_not_count(service: Service) -> None:
    ann = await service.register("ann")
    assert (await make(ann, "tea")).status == 200
    for _ in range(60):
        assert (await make(ann, "tea")).status == 400
        assert (await make(ann, " ")).status == 422
    assert (await make(ann, "coffee")).status == 200


async def test_a_hundred_living_rooms(tmp_path: Path) -> None:
    settings = configured(rooms={"max_created_per_hour": 0})
    async with serving(tmp_path, settings) as service:
        ann = await service.register("ann")
        rooms = [
            (await make(ann, f"room {number}", is_private=True)).value["id"]
            for number in range(100)
        ]
        refused = await make(ann, "one more")
        assert refused.is_refused(*LIVING)
        assert int(refused.headers["Retry-After"]) > 0
        room_factory, me = service.runtime.room_factory, await service.account(ann)
        assert await room_factory.room_named("by name", me) == TooManyRooms()
        await ann.delete(f"channels/{rooms[0]}/leave")  # it has ended
        assert isinstance(await room_factory.room_named("by name", me), Room)
        assert (await make(ann, "one more")).is_refused(*LIVING)  # counted together


async def test_an_hour_counts_both_ways_of_making_together(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(rooms={"max_created_per_hour": 2})) as service:
        ann = await service.register("ann")
        room_factory, me = service.runtime.room_factory, await service.account(ann)
        assert isinstance(await room_factory.room_named("by name", me), Room)
        assert (await make(ann, "by rest")).status == 200
        assert isinstance(await room_factory.room_named("another", me), RateLimited)
        assert (await make(ann, "another")).is_refused(*HOURLY)


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 200), (Role.MODERATOR, 429)])
async def test_administrators_make_as_many_as_they_like(
    tmp_path: Path, role: Role, status: int
) -> None:
    settings = configured(rooms={"max_created_per_hour": 1, "max_created": 1})
    async with serving(tmp_path, settings) as service:
        ann = await service.register("ann")
        await service.runtime.storage.submit(SetRole((await service.account(ann)).id, role, 1))
        assert (await make(ann, "one")).status == 200
        assert (await make(ann, "two")).status == status


# -- bytes


async def test_no_bytes_are_counted_unless_it_is_asked_for(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    for _ in range(100):
        await ann.say(tea, "x" * 2000)


async def test_so_many_bytes_of_texts_and_edits(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(limits={"bytes_per_hour": 10})) as service:
        ann, bob = await service.people("ann", "bob")
        tea = await ann.channel("tea")
        await bob.post("channels/join", {"channel_id": tea})
        said = await ann.say(tea, "ééé")  # six bytes
        body = {"content": "12345", "channel_id": tea}
        refused = await ann.post("messages/", body)
        assert refused.is_refused(*LIMITED)
        assert 3590 < int(refused.headers["Retry-After"]) <= 3600
        edit = f"messages/{said['id']}"
        assert (await ann.put(edit, {"content": "12345"})).is_refused(*LIMITED)
        assert (await bob.put(edit, {"content": "12345"})).status == 403  # costs nothing
        assert (await ann.put(edit, {"content": "1234"})).status == 200
        assert (await ann.post("messages/", {**body, "content": "1"})).is_refused(*LIMITED)
        assert (await bob.post("messages/", {**body, "content": "1234567890"})).status == 200

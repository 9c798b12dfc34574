"""Channels over REST: channels-rest 5, channels-19, channels-22, all-8, all-13."""

from typing import Any

import pytest
import trio

from tests.web.conftest import Answer, Caller, Service
from tests.web.test_rest_auth import USER_KEYS, suspend
from trichat.core.model import Kind, Room

pytestmark = pytest.mark.promise("rest-5")

CHANNEL_KEYS = {
    "id", "name", "description", "is_private", "created_at", "createdAt", "updated_at", "updatedAt",
}  # fmt: skip
UNKNOWN = "0190a6d2-0000-7000-8000-000000000000"
NOT_FOUND = (404, "Channel not found")
DENIED = (403, "Access denied to channel")
NO_IDS = (UNKNOWN, "x", "5", "%00", "a%2Fb", "%F0%9F%92%A9", "x" * 500)


async def names(caller: Caller, path: str) -> list[str]:
    return [channel["name"] for channel in (await caller.get(path)).value]


async def test_creating(service: Service) -> None:
    ann = await service.register("ann")
    made = await ann.post("channels/", {"name": "tea", "description": "hot"})
    assert made.status == 200
    channel = made.value
    assert set(channel) == CHANNEL_KEYS
    assert (channel["name"], channel["description"]) == ("tea", "hot")
    assert channel["is_private"] is False
    assert channel["created_at"] == channel["createdAt"] == channel["updatedAt"]
    full = (await ann.get(f"channels/{channel['id']}")).value
    assert full == {**channel, "members": [ann.user], "member_count": 1}
    assert (await ann.get(f"channels/{channel['id'].upper()}")).value == full


@pytest.mark.parametrize("description", [None, "", " kept ", "x" * 2000])
async def test_a_description_is_kept_as_sent(service: Service, description: str | None) -> None:
    ann = await service.register("ann")
    made = await ann.post("channels/", {"name": "tea", "description": description})
    assert made.value["description"] == description


@pytest.mark.parametrize("name", ["x" * 100, "🫖" * 100, "a/b", "Tea  time ", "ünïcode", "5"])
async def test_names_that_may_be(service: Service, name: str) -> None:
    ann = await service.register("ann")
    made = await ann.post("channels/", {"name": name})
    assert made.value["name"] == name


@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        ("name", "", "value_error"),
        ("name", "\u2003", "value_error"),
        ("name", "x" * 101, "value_error"),
        ("name", "a\tb", "value_error"),
        ("name", "a\0b", "value_error"),
        ("name", UNKNOWN, "value_error"),
        ("name", 5, "string_type"),
        ("name", None, "string_type"),
        ("name", {}, "string_type"),
        ("description", 5, "string_type"),
        ("description", "x" * 2001, "value_error"),
        ("description", "\0", "value_error"),
        ("is_private", "yes", "bool_type"),
        ("is_private", 1, "bool_type"),
        ("is_private", None, "bool_type"),
    ],
)
async def test_a_field_is_wrong(service: Service, field: str, value: Any, type_: str) -> None:
    ann = await service.register("ann")
    answer = await ann.post("channels/", {"name": "tea", field: value})
    assert answer.problems() == [(type_, ["body", field])]
    assert answer.detail[0]["input"] == value
    assert len((await ann.get("channels/")).value) == 3


@pytest.mark.promise("all-13")
async def test_a_name_is_used_once(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    await ann.channel("tea")
    again = await bob.post("channels/", {"name": "tea"})
    assert again.is_refused(400, "Channel name already exists")
    await bob.channel("Tea")
    await ann.channel("den", is_private=True)
    taken = await bob.post("channels/", {"name": "den"})
    assert taken.is_refused(400, "Channel name already exists")


async def test_two_creations_at_once_make_one_channel(service: Service) -> None:
    people = await service.people("ann", "bob", "cat", "dan")
    answers: list[Answer] = []

    async def create(caller: Caller) -> None:
        answers.append(await caller.post("channels/", {"name": "tea"}))

    async with trio.open_nursery() as nursery:
        for caller in people:
            nursery.start_soon(create, caller)
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400]
    assert (await names(people[0], "channels/")).count("tea") == 1
    mine = [await names(caller, "channels/my") for caller in people]
    assert sum(channels.count("tea") for channels in mine) == 1


async def test_lists(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    await ann.channel("tea")
    await bob.channel("milk")
    listed = (await bob.get("channels/")).value
    assert [channel["name"] for channel in listed][-2:] == ["tea", "milk"]
    assert all(set(channel) == CHANNEL_KEYS for channel in listed)
    (mine,) = (await bob.get("channels/my")).value
    assert set(mine) == CHANNEL_KEYS | {"members", "member_count"}
    assert mine["members"] == [bob.user]


async def test_channels_22_my_channels_stand_in_order_of_joining(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    first, second, third = [await ann.channel(name) for name in ("one", "two", "three")]
    for channel in (third, first, second):
        await bob.post("channels/join", {"channel_id": channel})
    await ann.say(first, "what was said last moves nothing")
    assert await names(bob, "channels/my") == ["three", "one", "two"]
    await bob.delete(f"channels/{third}/leave")
    await bob.post("channels/join", {"channel_id": third})
    assert await names(bob, "channels/my") == ["one", "two", "three"]


async def test_one_is_for_its_members(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    assert (await bob.get(f"channels/{tea}")).is_refused(*DENIED)
    for other in NO_IDS:
        answer = await bob.get(f"channels/{other}")
        assert answer.status == 404
        assert answer.detail in ("Channel not found", "Not Found")


@pytest.mark.promise("channels-16", "all-10")
async def test_joining(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    joined = await bob.post("channels/join", {"channel_id": tea})
    assert (joined.status, joined.value) == (200, {"message": "Successfully joined channel"})
    full = (await bob.get(f"channels/{tea}")).value
    assert full["members"] == [ann.user, bob.user]
    assert full["member_count"] == 2
    again = await bob.post("channels/join", {"channel_id": tea})
    assert again.is_refused(400, "Already a member of this channel")
    for other in NO_IDS:
        assert (await bob.post("channels/join", {"channel_id": other})).is_refused(*NOT_FOUND)
    assert (await bob.post("channels/join", {})).problems() == [("missing", ["body", "channel_id"])]
    wrong = await bob.post("channels/join", {"channel_id": 1})
    assert wrong.problems() == [("string_type", ["body", "channel_id"])]


async def test_two_joins_at_once_make_one_membership(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    statuses: list[int] = []

    async def join() -> None:
        statuses.append((await bob.post("channels/join", {"channel_id": tea})).status)

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(join)
    assert sorted(statuses) == [200, 400, 400, 400]


@pytest.mark.promise("channels-16", "all-10")
async def test_leaving(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    left = await bob.delete(f"channels/{tea}/leave")
    assert (left.status, left.value) == (200, {"message": "Successfully left channel"})
    assert (await bob.get(f"channels/{tea}")).is_refused(*DENIED)
    for other in (tea, UNKNOWN, "x"):
        answer = await bob.delete(f"channels/{other}/leave")
        assert answer.is_refused(400, "Not a member of this channel")
    assert (await ann.delete(f"channels/{tea}/leave")).status == 200


@pytest.mark.promise("channels-16", "all-10")
async def test_adding(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    tea = await ann.channel("tea")
    added = await bob.post(f"channels/{tea}/add-user", {"user_id": cat.id})
    assert added.value == {"message": "Successfully added cat to channel"}
    assert (await cat.get(f"channels/{tea}")).value["members"] == [ann.user, cat.user]
    again = await ann.post(f"channels/{tea}/add-user", {"user_id": cat.id.upper()})
    assert again.is_refused(400, "User is already a member of this channel")
    for other in (UNKNOWN, "cat", "3"):
        answer = await ann.post(f"channels/{tea}/add-user", {"user_id": other})
        assert answer.is_refused(404, "User not found")
    for other in (UNKNOWN, "x"):
        answer = await ann.post(f"channels/{other}/add-user", {"user_id": UNKNOWN})
        assert answer.is_refused(*NOT_FOUND)
    for body in ({}, {"user_id": ""}, {"user_id": None}):
        answer = await ann.post(f"channels/{tea}/add-user", body)
        assert answer.is_refused(422, "user_id is required")
    wrong = await ann.post(f"channels/{tea}/add-user", {"user_id": 5})
    assert wrong.problems() == [("string_type", ["body", "user_id"])]


async def test_who_may_be_added(service: Service, tmp_path: Any) -> None:
    ann, *_ = await service.people("ann", "Zed", "bob", "Cat", "dan")
    suspend(tmp_path, "dan")
    users = (await ann.get("channels/users/available")).value
    assert [user["username"] for user in users] == ["bob", "Cat", "Zed"]
    assert all(set(user) == USER_KEYS for user in users)


async def test_channels_19_a_private_channel_is_unknown_to_others(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    made = await ann.post("channels/", {"name": "den", "is_private": True})
    assert made.value["is_private"] is True
    den = made.value["id"]
    head = await service.head(den)
    assert "den" in await names(ann, "channels/")
    assert "den" not in await names(bob, "channels/")
    for caller, channel in ((bob, den), (bob, UNKNOWN)):
        assert (await caller.get(f"channels/{channel}")).is_refused(*NOT_FOUND)
        assert (await caller.post("channels/join", {"channel_id": channel})).is_refused(*NOT_FOUND)
        for user in (bob.id, cat.id, ann.id, UNKNOWN):
            added = await caller.post(f"channels/{channel}/add-user", {"user_id": user})
            assert added.is_refused(*NOT_FOUND)
        left = await caller.delete(f"channels/{channel}/leave")
        assert left.is_refused(400, "Not a member of this channel")
    assert await service.head(den) == head
    assert (await ann.post(f"channels/{den}/add-user", {"user_id": bob.id})).status == 200
    assert (await bob.post(f"channels/{den}/add-user", {"user_id": cat.id})).status == 200
    assert "den" in await names(cat, "channels/")
    await bob.delete(f"channels/{den}/leave")
    assert (await bob.get(f"channels/{den}")).is_refused(*NOT_FOUND)
    assert (await bob.post("channels/join", {"channel_id": den})).is_refused(*NOT_FOUND)


async def test_all_8_direct_rooms_are_unknown_here(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    room = await service.direct_room(bob, cat)
    head = await service.head(room)
    for caller in (ann, bob):
        assert len((await caller.get("channels/")).value) == 3
        assert (await caller.get(f"channels/{room}")).is_refused(*NOT_FOUND)
        assert (await caller.post("channels/join", {"channel_id": room})).is_refused(*NOT_FOUND)
        added = await caller.post(f"channels/{room}/add-user", {"user_id": ann.id})
        assert added.is_refused(*NOT_FOUND)
        left = await caller.delete(f"channels/{room}/leave")
        assert left.is_refused(400, "Not a member of this channel")
    assert (await bob.get("channels/my")).value == []
    assert await service.head(room) == head


async def test_lobby_21_a_room_of_the_lobby_has_seats(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    room_factory = service.runtime.room_factory
    room = await room_factory.open_lobby_room(
        await service.account(ann), "hall", Kind.PUBLIC, 2, ()
    )
    assert isinstance(room, Room)
    assert "hall" in await names(bob, "channels/")
    assert (await bob.post("channels/join", {"channel_id": room.uuid})).status == 200
    joined = await cat.post("channels/join", {"channel_id": room.uuid})
    assert joined.is_refused(400, "Channel is full")
    added = await ann.post(f"channels/{room.uuid}/add-user", {"user_id": cat.id})
    assert added.is_refused(400, "Channel is full")

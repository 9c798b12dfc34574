"""Reactions over REST (channels-11)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.conftest import Caller, Service, serving
from tests.web.test_rest_channels import UNKNOWN

pytestmark = pytest.mark.promise("channels-11", "rest-6")

ADDED = {"message": "Reaction added", "action": "add"}
REMOVED = {"message": "Reaction removed", "action": "remove"}
NOT_FOUND = (404, "Reaction not found")
REACTION_KEYS = {
    "id", "emoji", "user_id", "userId", "message_id", "messageId", "created_at", "createdAt",
    "user",
}  # fmt: skip


class HeldClock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def timed(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Service]:
    async with serving(tmp_path, clock=clock) as running:
        yield running


async def reactions(caller: Caller, message: str) -> list[dict[str, Any]]:
    return list((await caller.get(f"messages/{message}")).value["reactions"])


async def remove(caller: Caller, reaction: object) -> Any:
    return await caller.delete(f"messages/reactions/{reaction}")


async def test_a_switch(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = (await ann.say(tea, "hello"))["id"]
    assert (await bob.react(message, "👍")).value == ADDED
    assert (await ann.react(message, "👍")).value == ADDED
    assert (await bob.react(message, "🎉")).value == ADDED
    held = await reactions(ann, message)
    assert [(r["user"]["username"], r["emoji"]) for r in held] == [
        ("bob", "👍"), ("ann", "👍"), ("bob", "🎉"),
    ]  # fmt: skip
    assert all(set(reaction) == REACTION_KEYS for reaction in held)
    assert held[0]["user_id"] == held[0]["userId"] == bob.id
    assert held[0]["message_id"] == held[0]["messageId"] == message
    assert held[0]["created_at"] == held[0]["createdAt"]
    assert (await bob.react(message.upper(), "👍")).value == REMOVED
    assert [r["user"]["username"] for r in await reactions(ann, message)] == ["ann", "bob"]


async def test_two_switches_at_once_are_one_after_the_other(service: Service) -> None:
    ann = await service.register("ann")
    message = (await ann.say(await ann.channel("tea"), "hello"))["id"]
    for times in (2, 5):
        actions: list[str] = []

        async def toggle(actions: list[str] = actions) -> None:
            actions.append((await ann.react(message, "👍")).value["action"])

        async with trio.open_nursery() as nursery:
            for _ in range(times):
                nursery.start_soon(toggle)
        assert actions.count("add") - actions.count("remove") == times % 2
    assert len(await reactions(ann, message)) == 1


async def test_an_emoji_is_a_short_text(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = (await ann.say(tea, "hello"))["id"]
    for emoji in (":tea:", "any text", "x" * 100, "👨‍👩‍👧"):
        assert (await ann.react(message, emoji)).value == ADDED
    head = await service.head(tea)
    bad: list[tuple[object, str]] = [
        ("", "value_error"), ("x" * 101, "value_error"), ("\0", "value_error"), (5, "string_type"),
    ]  # fmt: skip
    for value, type_ in bad:
        body = {"message_id": message, "emoji": value}
        answer = await ann.post("messages/reactions", body)
        assert answer.problems() == [(type_, ["body", "emoji"])]
    assert (await ann.post("messages/reactions", {})).problems() == [
        ("missing", ["body", "message_id"]),
        ("missing", ["body", "emoji"]),
    ]
    assert await service.head(tea) == head


async def test_only_members_react(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    message = (await ann.say(tea, "hello"))["id"]
    assert (await bob.react(message, "x")).is_refused(403, "Access denied to message")
    for other in (UNKNOWN, "x"):
        assert (await bob.react(other, "x")).is_refused(404, "Message not found")
    assert await reactions(ann, message) == []


async def test_removing_one_s_own(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = (await ann.say(tea, "hello"))["id"]
    await ann.react(message, "👍")
    (reaction,) = await reactions(ann, message)
    for caller, other in ((bob, reaction["id"]), (ann, UNKNOWN), (ann, "x"), (ann, message)):
        assert (await remove(caller, other)).is_refused(*NOT_FOUND)
    assert len(await reactions(ann, message)) == 1
    answer = await remove(ann, reaction["id"].upper())
    assert (answer.status, answer.value) == (200, REMOVED)
    assert await reactions(ann, message) == []
    assert (await remove(ann, reaction["id"])).is_refused(*NOT_FOUND)


async def test_two_removals_at_once_remove_once(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = (await ann.say(tea, "hello"))["id"]
    await ann.react(message, "👍")
    (reaction,) = await reactions(ann, message)
    head = await service.head(tea)
    statuses: list[int] = []

    async def once() -> None:
        statuses.append((await remove(ann, reaction["id"])).status)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(once)
        nursery.start_soon(once)
    assert sorted(statuses) == [200, 404]
    assert await service.head(tea) == head + 1


async def test_who_left_removes_nothing(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    for channel in (tea, den):
        await ann.post(f"channels/{channel}/add-user", {"user_id": bob.id})
        message = (await ann.say(channel, "hello"))["id"]
        await bob.react(message, "👍")
    own = [
        (await bob.get(f"messages/channel/{c}")).value[0]["reactions"][0]["id"] for c in (tea, den)
    ]
    for channel in (tea, den):
        await bob.delete(f"channels/{channel}/leave")
    assert (await remove(bob, own[0])).is_refused(403, "Access denied to message")
    assert (await remove(bob, own[1])).is_refused(*NOT_FOUND)


async def test_by_the_moment_it_came(timed: Service, clock: HeldClock) -> None:
    ann, bob = await timed.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = (await ann.say(tea, "hello"))["id"]
    start = clock.now
    for seconds, emoji in ((10, "a"), (80, "b"), (160, "c")):
        clock.now = start + seconds * 1000
        await ann.react(message, emoji)
        await bob.react(message, emoji)
    near_b = f"temp_{start + 81_300}"  # by a clock that is fast; a and c are over a minute away
    assert (await remove(ann, near_b)).value == REMOVED
    left = [(r["user"]["username"], r["emoji"]) for r in await reactions(ann, message)]
    assert left == [("ann", "a"), ("bob", "a"), ("bob", "b"), ("ann", "c"), ("bob", "c")]
    assert (await remove(ann, near_b)).is_refused(*NOT_FOUND)
    assert (await remove(ann, f"temp_{start + 220_000}")).value == REMOVED


async def test_a_minute_and_no_more(timed: Service, clock: HeldClock) -> None:
    ann = await timed.register("ann")
    message = (await ann.say(await ann.channel("tea"), "hello"))["id"]
    clock.now += 1000
    await ann.react(message, "a")
    assert (await remove(ann, f"temp_{clock.now + 60_001}")).is_refused(*NOT_FOUND)
    assert (await remove(ann, f"temp_{clock.now - 60_001}")).is_refused(*NOT_FOUND)
    assert (await remove(ann, f"temp_{clock.now - 60_000}")).value == REMOVED


@pytest.mark.parametrize(("apart", "status"), [(1, 404), (60_000, 404), (60_001, 200)])
async def test_never_a_guess(timed: Service, clock: HeldClock, apart: int, status: int) -> None:
    ann = await timed.register("ann")
    tea = await ann.channel("tea")
    messages = [(await ann.say(tea, text))["id"] for text in ("one", "two")]
    clock.now += 1000
    first = clock.now
    await ann.react(messages[0], "a")
    clock.now += apart
    await ann.react(messages[1], "b")
    answer = await remove(ann, f"temp_{first}")
    assert answer.status == status
    left = [reaction["emoji"] for one in messages for reaction in await reactions(ann, one)]
    assert left == (["a", "b"] if status == 404 else ["b"])


async def test_a_moment_is_a_number(service: Service) -> None:
    ann = await service.register("ann")
    for moment in ("", "x", "-5", "1.5", "9" * 16, "9" * 15, "0", "%D9%A1"):
        assert (await remove(ann, f"temp_{moment}")).is_refused(*NOT_FOUND)

"""Reactions over REST (channels-11)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.conftest import Caller, Service, configured, serving
from tests.web.test_rest_channels import UNKNOWN
from trichat.runtime.clock import new_uuid

pytestmark = pytest.mark.promise("channels-11", "rest-6")

ADDED = {"message": "Reaction added", "action": "add"}
REMOVED = {"message": "Reaction removed", "action": "remove"}
NO_EMOJI = (400, "An emoji has 1 to 32 characters, not all of them blank")
TOO_MANY = (400, "A message bears at most 50 different reactions, 20 of one user")
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


async def plant(service: Service, message: str, whose: Caller, emojis: list[str]) -> None:
    """Reactions as a database may hold them, past the rules of today."""
    query = (
        "INSERT INTO reactions (uuid, message_id, user_id, emoji, created_at)"
        " SELECT ?, messages.id, users.id, ?, ? FROM messages, users"
        " WHERE messages.uuid = ? AND users.uuid = ?"
    )
    planted = [(new_uuid(), emoji, at, message, whose.id) for at, emoji in enumerate(emojis)]
    store = service.store
    await store._write_in(lambda: store._writer.executemany(query, planted))


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
    for emoji in (":tea:", "any text", "x" * 32, "👨‍👩‍👧"):
        assert (await ann.react(message, emoji)).value == ADDED
    head = await service.head(tea)
    bad: list[tuple[object, str]] = [("", "value_error"), ("\0", "value_error"), (5, "string_type")]
    for value, type_ in bad:
        body = {"message_id": message, "emoji": value}
        answer = await ann.post("messages/reactions", body)
        assert answer.problems() == [(type_, ["body", "emoji"])]
    assert (await ann.post("messages/reactions", {})).problems() == [
        ("missing", ["body", "message_id"]),
        ("missing", ["body", "emoji"]),
    ]
    for value in ("x" * 33, "x" * 50_000, " ", "\u200d"):
        assert (await ann.react(message, value)).is_refused(*NO_EMOJI)
    assert await service.head(tea) == head


@pytest.mark.promise("all-23")
async def test_a_user_s_twenty_first_reaction_is_refused_and_no_taking_back(
    service: Service,
) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = (await ann.say(tea, "hello"))["id"]
    for number in range(20):
        assert (await ann.react(message, chr(0x1F400 + number))).value == ADDED
    head = await service.head(tea)
    assert (await ann.react(message, "+")).is_refused(*TOO_MANY)
    assert await service.head(tea) == head
    assert (await bob.react(message, "+")).value == ADDED
    assert (await ann.react(message, chr(0x1F400))).value == REMOVED
    assert (await ann.react(message, "+")).value == ADDED


@pytest.mark.promise("all-23")
async def test_a_message_s_fifty_first_emoji_is_refused(service: Service) -> None:
    people = await service.people("ann", "bob", "cat")
    tea = await people[0].channel("tea")
    for other in people[1:]:
        await other.post("channels/join", {"channel_id": tea})
    message = (await people[0].say(tea, "hello"))["id"]
    for number in range(50):
        reacting = people[number % 3]
        assert (await reacting.react(message, chr(0x1F400 + number))).value == ADDED
    assert (await people[2].react(message, "+")).is_refused(*TOO_MANY)
    assert (await people[2].react(message, chr(0x1F400))).value == ADDED
    shown = (await people[0].get(f"messages/{message}")).value
    assert shown["reaction_counts"] == {chr(0x1F400): 2} | {
        chr(0x1F401 + number): 1 for number in range(49)
    }


@pytest.mark.promise("all-23")
async def test_what_older_bounds_let_through_is_taken_back(
    service: Service,
) -> None:
    """A database may hold more, and longer, than is taken now."""
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = (await ann.say(tea, "hello"))["id"]
    held = [str(number) * 90 for number in range(10, 70)]
    await plant(service, message, ann, held)
    assert (await ann.react(message, "+")).is_refused(*TOO_MANY)
    for emoji in held[:30]:
        assert (await ann.react(message, emoji)).value == REMOVED
    for reaction in (await ann.get(f"messages/{message}/reactions")).value:
        assert (await remove(ann, reaction["id"])).value == REMOVED
    assert (await ann.get(f"messages/{message}")).value["reaction_counts"] == {}


@pytest.mark.promise("all-23")
async def test_the_newest_200_are_shown_all_are_counted_the_rest_is_in_pages(
    service: Service,
) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message, other = [(await ann.say(tea, text))["id"] for text in ("hello", "there")]
    emojis = [f"{number:03}" for number in range(449)]
    await plant(service, message, ann, emojis)
    await plant(service, other, ann, ["elsewhere"])
    everything = dict.fromkeys(emojis, 1)
    (shown, _), one = (
        (await bob.get(f"messages/channel/{tea}")).value,
        (await bob.get(f"messages/{message}")).value,
    )
    edited = (await ann.put(f"messages/{message}", {"content": "anew"})).value
    for at in (shown, one, edited):
        assert [reaction["emoji"] for reaction in at["reactions"]] == emojis[-200:]
        assert at["reaction_counts"] == everything

    pages: list[list[dict[str, Any]]] = []
    before = ""
    while not pages or pages[-1]:
        page = (await bob.get(f"messages/{message}/reactions?limit=150{before}")).value
        pages.append(page)
        if page:
            before = f"&before={page[-1]['id'].upper()}"
    assert [len(page) for page in pages] == [150, 150, 149, 0]
    assert [r["emoji"] for page in pages for r in page] == emojis[::-1]
    assert pages[0][0] == one["reactions"][-1]


@pytest.mark.promise("all-23")
async def test_pages_of_reactions_are_for_members_and_bounded(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    message, hidden = [(await ann.say(at, "hello"))["id"] for at in (tea, den)]
    await ann.react(message, "+")
    at, gone = f"messages/{message}/reactions", (404, "Message not found")
    assert [each["emoji"] for each in (await ann.get(at)).value] == ["+"]
    assert (await bob.get(at)).is_refused(403, "Access denied to message")
    for other in (UNKNOWN, "x", hidden):
        assert (await bob.get(f"messages/{other}/reactions")).is_refused(*gone)
    for before in (UNKNOWN, "x"):
        assert (await ann.get(f"{at}?before={before}")).is_refused(*NOT_FOUND)
    for query in ("limit=0", "limit=201", "before=" + "x" * 37):
        assert (await ann.get(f"{at}?{query}")).status == 422


@pytest.mark.promise("all-23")
async def test_the_bounds_of_reactions_are_settings(tmp_path: Path) -> None:
    settings = configured(limits={"emojis_per_message": 3, "reactions_per_user": 2})
    too_many = (400, "A message bears at most 3 different reactions, 2 of one user")
    async with serving(tmp_path, settings) as service:
        ann, bob = await service.people("ann", "bob")
        tea = await ann.channel("tea")
        await bob.post("channels/join", {"channel_id": tea})
        message = (await ann.say(tea, "hello"))["id"]
        for who, emoji in ((ann, "a"), (ann, "b"), (bob, "c")):
            assert (await who.react(message, emoji)).value == ADDED
        assert (await ann.react(message, "c")).is_refused(*too_many)
        assert (await bob.react(message, "d")).is_refused(*too_many)


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

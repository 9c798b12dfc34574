"""What one request or one connection costs does not grow with what is stored (all-23)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.linked import linked
from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench
from trichat.core import commands as c
from trichat.core.model import Room, User
from trichat.dialects.lobby import Lobby
from trichat.runtime.rests import LONGEST_REST
from trichat.settings import Limits, Settings
from trichat.wire import direct, lists
from trichat.wire.departure import ROOMS_AT_ONCE
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Text
from trichat.wire.lists import PAGE

pytestmark = pytest.mark.promise("all-23")

GOING_AWAY, FAILED = 1001, 1011
LONG = "x" * 10_000


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def told(bench: Bench, room: Room, by: User, count: int) -> None:
    for number in range(count):
        await bench.runtime.directory.request(room, c.Say(f"{number} {LONG}"), by)


async def talking(bench: Bench) -> tuple[User, User, Room]:
    """Ann and Bob, in a room in which three long messages were said."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    await bench.runtime.directory.request(room, c.Add(bob), ann)
    await told(bench, room, ann, 3)
    return ann, bob, room


def payload(link: ScriptedLink) -> bytes:
    """Of the messages in fragments that the peer has read."""
    return b"".join(part[_head(part) :] for part in link.wire if part[0] in (0x01, 0x00, 0x80))


def _head(part: bytes) -> int:
    return {126: 4, 127: 10}.get(part[1], 2)


GET = {"type": "chat.get_messages", "conversation_id": 1}
LISTS = [
    ("lobby", {"type": "list_rooms"}, "data"),
    ("conversations", {"type": "chat.get_conversations"}, "conversations"),
]


@pytest.mark.promise("conversations-11")
async def test_a_long_history_is_one_message_in_fragments(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    await told(bench, room, ann, 30)
    link = bench.connect("conversations", ann)
    link.says({**GET, "conversation_id": room.id})
    await wait_all_tasks_blocked()
    answer = json.loads(payload(link))
    assert [one["content"].split()[0] for one in answer["messages"]] == [*map(str, range(30))]
    assert max(map(len, link.wire)) < 150_000


async def test_a_history_has_the_newest_texts_that_have_room(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    settings = Settings(limits=Limits(history_bytes=35_000))
    async with open_bench(tmp_path, settings) as bench:
        ann = await bench.user("ann")
        room = await bench.room(ann)
        await told(bench, room, ann, 10)
        link = bench.connect("conversations", ann)
        link.says({**GET, "conversation_id": room.id})
        (answer,) = [await link.text(0)]
        assert [one["content"].split()[0] for one in answer["messages"]] == ["7", "8", "9"]
        entering = bench.connect("room", ann)  # and so is the one that a room begins with
        await wait_all_tasks_blocked()
        shown = [frame for frame in entering.texts if frame["type"] == "chat_message"]
        assert [one["message"].split()[0] for one in shown] == ["7", "8", "9"]


async def test_of_one_user_one_page_is_read_at_a_time_and_others_wait_for_none(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob, room = await talking(bench)
    gate = Gate(bench.runtime.store, "history_page")
    links = [bench.connect("conversations", ann) for _ in range(3)]
    links.append(bench.connect("conversations", bob))
    for link in links:
        link.says({**GET, "conversation_id": room.id})
    await wait_all_tasks_blocked()
    assert len(bench.runtime.shares) == 2  # theirs, whose pages wait for the disk
    other = bench.connect("chats", ann)  # what is short waits for nobody
    other.says({"action": "message", "chat_id": room.uuid, "text": "x"})
    assert (await other.text(0))["status"] == "success"
    gate.opened.set()
    await wait_all_tasks_blocked()
    assert [len(link.texts[-1]["messages"]) for link in links] == [3] * 4
    assert len(bench.runtime.shares) == 0


async def test_a_drain_lets_a_long_answer_end(autojump_clock: MockClock, bench: Bench) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    await told(bench, room, ann, 30)
    link = bench.connect("conversations", ann)
    await wait_all_tasks_blocked()
    link.stuck = True
    link.says({**GET, "conversation_id": room.id})
    await wait_all_tasks_blocked()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.runtime.drain)
        await trio.sleep(1)
        assert link.closed is None
        link.reads_again()
    assert len(json.loads(payload(link))["messages"]) == 30
    assert link.closed == GOING_AWAY


async def test_a_drain_waits_for_nobody_who_does_not_take_it(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    await told(bench, room, ann, 30)
    link = bench.connect("conversations", ann)
    await wait_all_tasks_blocked()
    link.stuck = True
    link.says({**GET, "conversation_id": room.id})
    await wait_all_tasks_blocked()
    began = trio.current_time()
    await bench.runtime.drain()
    await link.ended.wait()
    assert trio.current_time() - began < 10
    assert link.closed == GOING_AWAY


async def test_a_history_that_breaks_off_ends_the_connection(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    await told(bench, room, ann, 30)
    read = bench.runtime.store.history_page
    pages = 0

    async def history_page(*args: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise RuntimeError("the disk")
        return await read(*args)

    monkeypatch.setattr(bench.runtime.store, "history_page", history_page)
    link = bench.connect("conversations", ann)
    link.says({**GET, "conversation_id": room.id})
    await link.ended.wait()
    assert link.closed == FAILED
    assert payload(link).startswith(b'{"type":"chat.messages"')
    assert link.texts == []


@pytest.mark.parametrize(("dialect", "request_", "key"), LISTS)
async def test_a_list_has_the_newest_rooms_that_have_room(
    tmp_path: Path, autojump_clock: MockClock, dialect: str, request_: Any, key: str
) -> None:
    most = PAGE + 3
    settings = Settings(limits=Limits(rooms_listed=most, subscriptions=10_000))
    async with open_bench(tmp_path, settings) as bench:
        ann = await bench.user("ann")
        rooms = [await bench.room(ann, f"room {number}") for number in range(most + 2)]
        link = bench.connect(dialect, ann)
        link.says(request_)
        listed = [one["id"] for one in (await link.text(0))[key]]
        newest = rooms[-most:]
        if dialect == "lobby":
            assert listed == [room.uuid for room in newest]
        else:
            assert listed == [room.id for room in reversed(newest)]


@pytest.mark.promise("lobby-7", "conversations-10")
@pytest.mark.parametrize(("dialect", "request_", "key"), LISTS)
async def test_a_long_list_is_one_message_in_fragments(
    autojump_clock: MockClock, bench: Bench, dialect: str, request_: Any, key: str
) -> None:
    ann = await bench.user("ann")
    for number in range(2 * PAGE + 1):
        await bench.room(ann, f"{number} {'🙂' * 90}")
    link = bench.connect(dialect, ann)
    link.says(request_)
    await wait_all_tasks_blocked()
    assert len(json.loads(payload(link))[key]) == 2 * PAGE + 1
    assert max(map(len, link.wire)) < 150_000


async def test_rooms_full_of_people_are_listed_a_few_at_a_time(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PEOPLE", 4)
    users = [await bench.user(name) for name in ("ann", "bob", "eve")]
    rooms = [await bench.room(users[0], f"room {number}") for number in range(5)]
    for user in users:
        link = bench.connect("chats", user)
        for room in rooms[1:]:
            await bench.runtime.directory.request(room, c.Join(), user)
        link.says({"action": "subscribe", "chat_ids": [room.uuid for room in rooms[1:]]})
    link = bench.connect("lobby", users[0])
    await wait_all_tasks_blocked()
    answer, sizes = Lobby.answer, []

    def counted(lobby: Lobby, request: Any, made: Any, *args: Any) -> Any:
        sizes.append([len(view.present) for view in made.views])
        return answer(lobby, request, made, *args)

    monkeypatch.setattr(Lobby, "answer", counted)
    link.says({"type": "list_rooms"})
    listed = (await link.text(0))["data"]
    assert sizes == [[], [0, 3, 3], [3, 3]]  # the first is of the frame around them
    assert [one["id"] for one in listed] == [room.uuid for room in rooms]
    assert [len(one["users"]) for one in listed] == [0, 3, 3, 3, 3]


async def test_of_one_user_one_search_is_made_at_a_time(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may take a look at all names, and others wait for the same readers."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    search, searching, went_on = bench.runtime.store.search_names, [], trio.Event()

    async def search_names(*args: Any, **kwargs: Any) -> Any:
        searching.append(kwargs["without"])
        await went_on.wait()
        return await search(*args, **kwargs)

    monkeypatch.setattr(bench.runtime.store, "search_names", search_names)
    links = [bench.connect("conversations", user) for user in (ann, ann, ann, bob)]
    for link in links:
        link.says({"type": "chat.search_user", "keyword": "n"})
    await wait_all_tasks_blocked()
    assert sorted(searching) == [ann.id, bob.id]
    went_on.set()
    found = [[one["username"] for one in (await link.text(0))["results"]] for link in links]
    assert found == [[], [], [], ["ann"]]


async def test_who_is_in_many_rooms_comes_in_some_at_a_time(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """And is in none that they left meanwhile, and in every one that they came into."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    rooms = [await bench.room(ann, f"room {number}") for number in range(2 * ROOMS_AT_ONCE + 5)]
    late = await bench.room(bob, "late")
    turns, runtime = bench.runtime.turns, bench.runtime
    counts: list[int] = []
    take = turns.take

    async def watched() -> None:
        await take()
        [session] = runtime.connections.of(ann.id)
        counts.append(len(getattr(session, "subscriptions", ())))
        if len(counts) == 1:
            runtime.connections.expelled(ann.id, rooms[-1])
            runtime.connections.admitted(ann.id, late)

    turns.take = watched  # type: ignore[method-assign]
    link = bench.connect("channels", ann)
    await link.text(0)
    await wait_all_tasks_blocked()
    assert counts == [ROOMS_AT_ONCE, 2 * ROOMS_AT_ONCE + 1]
    [session] = runtime.connections.of(ann.id)
    wanted = {room.id for room in [*rooms[:-1], late]}
    assert set(getattr(session, "subscriptions", ())) == wanted
    del turns.take


@pytest.mark.parametrize(("longest", "turns"), [(0.0, range(25, 60)), (1000.0, range(1))])
async def test_the_messages_of_one_read_leave_others_their_turns(
    monkeypatch: pytest.MonkeyPatch, longest: float, turns: range
) -> None:
    """Once they have been worked on for longer than that."""
    monkeypatch.setattr(direct, "YIELD_AFTER", longest)
    monkeypatch.setattr(direct, "MESSAGES_PER_LOOK", 1)
    others = 0

    async def work() -> None:
        nonlocal others
        while True:
            others += 1
            await trio.lowlevel.checkpoint()

    with trio.fail_after(20):
        async with linked(LinkLimits()) as (link, peer), trio.open_nursery() as nursery:
            await peer.send(b"".join(peer.text(str(number)) for number in range(50)))
            await link.receive()
            nursery.start_soon(work)
            await trio.lowlevel.checkpoint()
            before = others
            for number in range(1, 50):
                assert await link.receive() == Text(str(number))
            assert others - before in turns
            nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("count", "paused"), [(50, False), (5000, True)])
async def test_who_sends_more_than_is_read_pauses(
    monkeypatch: pytest.MonkeyPatch, count: int, paused: bool
) -> None:
    """For as long as their messages took, as far as that was work."""
    monkeypatch.setattr(direct, "YIELD_AFTER", 0.0)
    pauses: list[tuple[float, int]] = []

    async def pause(seconds: float, messages: int) -> None:
        pauses.append((seconds, messages))
        await trio.lowlevel.checkpoint()

    with trio.fail_after(20):
        async with linked(LinkLimits()) as (link, peer), trio.open_nursery() as nursery:
            wire = b"".join(peer.text(str(number)) for number in range(count))
            nursery.start_soon(peer.send, wire)
            await wait_all_tasks_blocked(0.01)  # it has arrived
            for number in range(count):
                assert await link.receive(pause) == Text(str(number))
                if number == 100:
                    await trio.sleep(2 * direct.MAX_COUNTED)  # as if others were waited for
    assert bool(pauses) == paused
    if paused:
        assert max(seconds for seconds, _ in pauses) <= direct.MAX_COUNTED
        assert count / 2 < sum(messages for _, messages in pauses) < count


async def test_what_one_connection_did_the_others_of_its_user_rest_for(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob, room = await talking(bench)
    flooder, *readers = (bench.connect("conversations", user) for user in (ann, ann, bob))
    await wait_all_tasks_blocked()
    began = trio.current_time()
    await flooder.pause(3600, 1)
    bench.runtime.rests.charge(ann.id, 3600)
    took = []
    for link in (readers[1], readers[0]):
        link.says({**GET, "conversation_id": room.id})
        assert len((await link.text(0))["messages"]) == 3
        took.append(trio.current_time() - began)
    assert took == [pytest.approx(LONGEST_REST), pytest.approx(2 * LONGEST_REST)]


async def test_who_talks_as_fast_as_their_room_takes_it_is_charged_with_nothing(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """And who does other things in between with their part of it."""
    ann = await bench.user("ann")
    room = await bench.room(ann)
    link = bench.connect("chats", ann)
    for others, waits in ((0, 0.0), (1, LONGEST_REST)):
        for number in range(3):
            link.says({"action": "message", "chat_id": room.uuid, "text": f"{number}"})
        for _ in range(others):
            link.says({"action": "nonsense"})
        await wait_all_tasks_blocked()
        began = trio.current_time()
        await link.pause(3600, 3 + others)
        assert trio.current_time() - began == pytest.approx(waits)

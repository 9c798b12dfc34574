"""Sessions that end by the hundred do so some at a time; nothing of them stays behind."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.rounds import Rounds, rounds
from tests.wire.scripted import Bench, ScriptedLink, lost, open_bench
from trichat.core.model import Room, User
from trichat.runtime.feed import Feed
from trichat.runtime.yieldlimiter import PIECES_PER_ROUND
from trichat.settings import Limits, Settings
from trichat.wire.departure import ROOMS_AT_ONCE
from trichat.wire.session import Session

CROWD = 60
ROOMS = 2 * ROOMS_AT_ONCE + 5


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, Settings()) as bench:
        yield bench


async def crowd(bench: Bench, user: User) -> list[ScriptedLink]:
    links = [bench.connect("channels", user) for _ in range(CROWD)]
    for link in links:
        await link.text(0)
    await wait_all_tasks_blocked()
    return links


def counted(counting: Rounds, stock: Callable[..., object]) -> Callable[..., object]:
    def counts(*args: object, **options: object) -> object:
        counting.happened()
        return stock(*args, **options)

    return counts


async def test_a_crowd_that_is_lost_at_once_goes_some_at_a_time(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    await bench.room(ann)
    links = await crowd(bench, ann)
    stays = bench.connect("chats", bob)
    await wait_all_tasks_blocked()
    connections = bench.runtime.connections
    with rounds() as counting:
        monkeypatch.setattr(connections, "disconnect", counted(counting, connections.disconnect))
        for link in links:
            link.hears(lost())
        stays.says({"action": "subscribe", "chat_ids": []})
        answer = await stays.text(0)
        left_when_answered = len(connections.of(ann.id))
        while connections.of(ann.id):
            await trio.lowlevel.checkpoint()
    assert "action" in answer
    assert left_when_answered > CROWD // 2
    assert counting.in_each.total() == CROWD
    assert counting.most <= PIECES_PER_ROUND
    await wait_all_tasks_blocked()
    assert len(connections) == 1


async def test_a_crowd_that_never_reads_is_closed_some_at_a_time(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message is too many for all of them, and their closes have the same deadline."""
    settings = Settings(limits=Limits(frame_bytes=70_000, outbox_bytes=70_000))
    async with open_bench(tmp_path, settings) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        room = await bench.room(ann)
        links = await crowd(bench, ann)
        stays = bench.connect("room", bob)
        await stays.text(0)
        with rounds() as counting:
            for link in links:
                link.stuck = True
                monkeypatch.setattr(link, "close", counted(counting, link.close))
            while bench.runtime.audiences.ids(room.id) > {bob.id}:
                stays.says({"message": "x" * 9000})
                await wait_all_tasks_blocked()
            for link in links:
                await link.ended.wait()
        assert {(link.closed, link.reason) for link in links} == {
            (1013, "too slow: connect again and resume")
        }
        assert counting.in_each.total() == CROWD
        assert counting.most <= PIECES_PER_ROUND
        assert len(bench.runtime.connections) == 1


async def test_who_is_in_many_rooms_leaves_them_some_at_a_time(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    rooms = [await bench.room(ann, f"room {number}") for number in range(ROOMS)]
    link = bench.connect("channels", ann)
    await link.text(0)
    await wait_all_tasks_blocked()
    (session,) = bench.runtime.connections.of(ann.id)
    late = await bench.room(bob, "late")
    assert isinstance(session, Session)
    assert set(session.subscriptions) == {room.id for room in rooms}
    with rounds() as counting:
        monkeypatch.setattr(Feed, "leave", counted(counting, Feed.leave))
        link.hears(lost())
        while not counting.in_each:
            await trio.lowlevel.checkpoint()
        bench.runtime.connections.admitted(ann.id, late)  # is not followed any more
        await link.ended.wait()
    assert session.subscriptions == {}
    assert all(bench.runtime.audiences.of(room.id) is None for room in (*rooms, late))
    assert counting.in_each.total() == ROOMS
    assert counting.most == ROOMS_AT_ONCE
    assert not bench.runtime.connections.online(ann.id)


@pytest.mark.promise("all-23", "channels-15")
async def test_who_typed_in_many_rooms_stops_in_one_at_a_time(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is told at once, however many are in it."""
    ann = await bench.user("ann")
    rooms = [await bench.room(ann, f"room {number}") for number in range(CROWD)]
    link = bench.connect("channels", ann)
    for room in rooms:
        link.says({"type": "typing_indicator", "channel_id": room.uuid, "is_typing": True})
    await wait_all_tasks_blocked()
    (session,) = bench.runtime.connections.of(ann.id)
    typing = bench.runtime.typing
    assert len(typing.rooms(session)) == CROWD
    with rounds() as counting:
        monkeypatch.setattr(typing, "_publish", counted(counting, typing._publish))
        link.hears(lost())
        await link.ended.wait()
    assert counting.in_each.total() == CROWD
    assert counting.most <= 2  # the last one is in the turn of the rooms that are left
    assert typing.rooms(session) == []


async def test_cancelled_from_outside_it_leaves_its_rooms_all_the_same(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    rooms: list[Room] = [await bench.room(ann, f"room {number}") for number in range(ROOMS)]
    link = ScriptedLink()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.session(link, "channels", ann).run)
        await link.text(0)
        nursery.cancel_scope.cancel()
    assert link.closed == 1001
    assert all(bench.runtime.audiences.present(room.id) == () for room in rooms)
    assert len(bench.runtime.connections) == 0

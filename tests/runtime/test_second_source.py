"""A second source of a room's events beside its actor: it publishes late, repeated, reordered and
with holes, while the log is slow, listeners come and go, and tasks are cancelled. Nothing is lost,
doubled or out of order, and what waits is bounded.
"""

from collections.abc import Sequence

import pytest
import trio
import trio.lowlevel
import trio.testing
from attrs import evolve

from tests.core.cast import ALICE, BOB, CAROL, NOW, message
from tests.runtime.listeners import Recorder
from tests.runtime.staging import ROOM, Stage, committed, elsewhere, numbers
from trichat.core import events as e
from trichat.core.model import Room
from trichat.core.ordering import MOST_EVENTS
from trichat.runtime.delivery import MAX_WAITING
from trichat.runtime.missing import PAGE, RETRY
from trichat.runtime.subscription import State

Clock = trio.testing.MockClock


async def test_what_comes_reordered_is_heard_in_order_without_a_look_at_the_log(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    one, two, three = committed(stage, 1, 3)
    for event in (three, one, two):
        stage.feed.publish([event], keep=False)
    stage.feed.draining.wake()
    await trio.testing.wait_all_tasks_blocked()
    assert numbers(bob) == [1, 2, 3]
    assert stage.log.reads == 0


async def test_what_comes_twice_is_heard_once(stage: Stage, autojump_clock: Clock) -> None:
    bob = stage.listener(BOB)
    events = committed(stage, 1, 2)
    await stage.deliver(events[0])
    elsewhere(stage, *events, *events)
    await stage.deliver(events[1])
    await trio.testing.wait_all_tasks_blocked()
    assert numbers(bob) == [1, 2]


async def test_a_hole_is_read_from_the_log(stage: Stage, autojump_clock: Clock) -> None:
    bob = stage.listener(BOB)
    events = committed(stage, 1, 3 * PAGE)
    elsewhere(stage, events[-1])
    await trio.lowlevel.checkpoint()
    await trio.testing.wait_all_tasks_blocked()
    assert numbers(bob) == list(range(1, 3 * PAGE + 1))


async def test_what_arrives_while_the_log_is_read_is_heard_once(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    stage.log.slow = 1.0
    events = committed(stage, 1, 4)
    elsewhere(stage, events[3])
    await trio.sleep(0.5)
    elsewhere(stage, events[0], events[1], events[2])
    await trio.sleep(10)
    assert numbers(bob) == [1, 2, 3, 4]


async def test_a_mark_comes_behind_the_event_that_it_follows(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    one, two = committed(stage, 1, 2)
    elsewhere(stage, two, e.ReadUpTo(ROOM, CAROL, NOW))
    elsewhere(stage, two, e.ReadUpTo(ROOM, ALICE, NOW))  # the event is known, the mark is not
    elsewhere(stage, one)
    elsewhere(stage, one, e.ReadUpTo(ROOM, BOB, NOW))
    await trio.testing.wait_all_tasks_blocked()
    heard = ["said 1 hi", "said 2 hi", "readupto carol", "readupto alice", "readupto bob"]
    assert bob.heard == heard


async def test_a_mark_alone_comes_behind_the_events_that_wait(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    _, two = committed(stage, 1, 2)
    stage.log.slow = 1.0
    elsewhere(stage, two)
    elsewhere(stage, e.ReadUpTo(ROOM, CAROL, NOW))
    await trio.sleep(5)
    assert bob.heard == ["said 1 hi", "said 2 hi", "readupto carol"]


async def test_a_message_deleted_since_leaves_no_frame_and_no_gap(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    _, two, three = committed(stage, 1, 3)
    stage.log.events[ROOM.id][1] = evolve(two, message=message(ALICE, ""))
    elsewhere(stage, three)
    await trio.testing.wait_all_tasks_blocked()
    assert numbers(bob) == [1, 3]
    late = stage.listener(CAROL)
    assert late.subscriptions[ROOM.id].state is State.LIVE


async def test_a_log_that_cannot_be_read_holds_nobody_up_and_is_read_again(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    _, two = committed(stage, 1, 2)
    stage.log.fails = True
    waited: list[str] = []
    stage.feed.publish([two])
    assert not await stage.feed.draining.drain()
    stage.feed.call_behind(lambda: waited.append("delivered, or not to be read"))
    await trio.testing.wait_all_tasks_blocked()
    assert waited == ["delivered, or not to be read"]
    assert numbers(bob) == []
    stage.log.fails = False
    await trio.sleep(RETRY + 0.1)
    assert numbers(bob) == [1, 2]
    assert len(waited) == 1


@pytest.mark.parametrize("gap", [False, True])
async def test_what_is_read_while_a_commit_is_under_way_waits_for_its_answer(
    stage: Stage, autojump_clock: Clock, gap: bool
) -> None:
    """The answer goes before the push (all-11), whoever reads the log meanwhile."""
    bob = stage.listener(BOB)
    stage.log.slow = 1
    committed(stage, 1, 2)
    stage.feed.suspect()
    if gap:
        stage.feed.learn(2)
    await trio.sleep(0.5)  # the log is being read
    stage.feed.missing.commits += 1
    stage.feed.missing.committing = True
    (mine,) = committed(stage, 3, 3)
    await trio.sleep(10)
    assert numbers(bob) == []
    stage.feed.missing.committing = False
    bob.heard.append("answer")
    stage.feed.publish([mine])
    assert not await stage.feed.draining.drain()
    await trio.sleep(10)
    assert [heard.split()[-2:] for heard in bob.heard] == [
        ["answer"], ["1", "hi"], ["2", "hi"], ["3", "hi"],
    ]  # fmt: skip


async def test_it_is_read_at_once_when_something_new_comes(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    _, two, three = committed(stage, 1, 3)
    stage.log.fails = True
    elsewhere(stage, two)
    await trio.testing.wait_all_tasks_blocked()
    stage.log.fails = False
    began = trio.current_time()
    elsewhere(stage, three)
    await trio.testing.wait_all_tasks_blocked()
    assert numbers(bob) == [1, 2, 3]
    assert trio.current_time() == began


async def test_a_suspicion_that_comes_while_the_head_is_read_is_looked_into(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    stage.log.slow = 1.0
    stage.feed.suspect()
    await trio.sleep(1.5)  # the head was read, perhaps before the commit
    committed(stage, 1, 1)
    stage.feed.suspect()
    await trio.sleep(10)
    assert numbers(bob) == [1]
    assert not stage.feed.draining.busy


async def test_behind_a_gap_little_waits_and_the_actor_does(
    stage: Stage, autojump_clock: Clock
) -> None:
    bob = stage.listener(BOB)
    stage.log.slow = 5.0
    events = committed(stage, 1, 3 * MOST_EVENTS)
    elsewhere(stage, *events[1:])
    assert stage.feed._intake.ordering.is_full
    assert len(stage.feed._intake.ordering.waiting()) == MOST_EVENTS
    with trio.move_on_after(1) as waited:
        await stage.feed.draining.space()
    assert waited.cancelled_caught
    await stage.feed.draining.space()
    await trio.sleep(100)
    assert numbers(bob) == list(range(1, 3 * MOST_EVENTS + 1))


async def test_the_actor_waits_for_a_long_queue_too(stage: Stage, autojump_clock: Clock) -> None:
    class Slow(Recorder):
        """Each put takes so long that others have their turn."""

        def put(self, batch: object) -> None:
            autojump_clock.jump(0.01)

    slow = Slow(BOB, stage.dialects[0], feeds=stage.feeds)
    slow.enter(ROOM)
    stage.feed.publish(committed(stage, 1, MAX_WAITING + 1))
    with trio.move_on_after(1) as waited:
        await stage.feed.draining.space()
    assert waited.cancelled_caught
    stage.feed.draining.wake()
    await stage.feed.draining.space()
    assert stage.feed._delivery.delivered == MAX_WAITING + 1


async def test_a_feed_outlives_its_last_listener_until_it_is_drained(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    stage = Stage(nursery)
    bob, one, carol = stage.listener(BOB), *committed(stage, 1, 1), stage.listener(CAROL)
    stage.feed.actors -= 1
    stage.log.slow = 1.0
    elsewhere(stage, evolve(one, seq=2))
    stage.log.commit(evolve(one, seq=2))
    bob.leave(ROOM)
    carol.leave(ROOM)
    assert len(stage.feeds) == 1
    await trio.sleep(10)
    assert len(stage.feeds) == 0


async def test_who_comes_before_it_is_known_where_a_feed_begins_hears_what_comes_then(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    stage = Stage(nursery, base=None)
    stage.log.slow = 1.0
    committed(stage, 1, 3)
    bob, carol = stage.listener(BOB), stage.listener(CAROL, here=False)
    waiting = carol.enter(ROOM, waiting=True)
    assert bob.subscriptions[ROOM.id].state is State.WAITING
    async with trio.open_nursery() as reading:
        reading.start_soon(_begin, stage, [ROOM])
        await trio.sleep(0.5)
        elsewhere(stage, *committed(stage, 4, 4))
    await trio.testing.wait_all_tasks_blocked()
    assert numbers(bob) == [4]
    assert (numbers(carol), waiting.upto) == ([], 3)
    assert not stage.feed.go_on(waiting)
    assert waiting.state is State.REPLAYING


async def test_where_feeds_begin_is_read_for_many_in_one_query(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    stage = Stage(nursery)
    rooms = [evolve(ROOM, id=100 + number) for number in range(50)]
    bob = Recorder(BOB, stage.dialects[0], feeds=stage.feeds)
    for room in rooms:
        bob.enter(room)
    await _begin(stage, [ROOM, *rooms])
    assert stage.log.reads == 1
    await _begin(stage, rooms)
    assert stage.log.reads == 1


async def _begin(stage: Stage, rooms: Sequence[Room]) -> None:
    async with stage.feeds.begun(rooms):
        pass

"""An inbox, one task that empties it in batches, and an end when nothing comes any more."""

from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing

from trichat.runtime.actor import Actor
from trichat.runtime.timerqueue import TimerQueue

Clock = trio.testing.MockClock


class Desk:
    """Keeps the batches it is given. gate: closed, it holds a batch until it is opened."""

    def __init__(self, timers: TimerQueue) -> None:
        self.timers = timers
        self.batches: list[list[int]] = []
        self.gate = trio.Event()
        self.gate.set()
        self.idle = 0

    @property
    def done(self) -> list[int]:
        return [message for batch in self.batches for message in batch]

    async def work(self, batch: list[int]) -> None:
        await self.gate.wait()
        self.batches.append(list(batch))

    def on_idle(self) -> bool:
        self.idle += 1
        return True

    def actor(
        self,
        *,
        capacity: int = 4,
        idle: float = 60,
        work: Callable[[list[int]], Awaitable[None]] | None = None,
    ) -> Actor[int]:
        return Actor(work or self.work, self.on_idle, self.timers, capacity=capacity, idle=idle)


async def test_what_has_arrived_is_one_batch(nursery: trio.Nursery, timers: TimerQueue) -> None:
    desk = Desk(timers)
    actor = desk.actor()
    for message in range(3):
        assert actor.offer(message)
    nursery.start_soon(actor.run)
    await trio.testing.wait_all_tasks_blocked()
    assert desk.batches == [[0, 1, 2]]
    actor.offer(3)
    await trio.testing.wait_all_tasks_blocked()
    assert desk.batches == [[0, 1, 2], [3]]


async def test_a_batch_is_bounded_by_the_inbox(nursery: trio.Nursery, timers: TimerQueue) -> None:
    desk = Desk(timers)
    actor = desk.actor(capacity=4)
    for message in range(20):
        nursery.start_soon(actor.send, message)
    await trio.testing.wait_all_tasks_blocked()
    nursery.start_soon(actor.run)
    await trio.testing.wait_all_tasks_blocked()
    assert sorted(desk.done) == list(range(20))
    assert max(map(len, desk.batches)) <= 4


async def test_a_full_inbox_refuses_offers_and_holds_senders(
    nursery: trio.Nursery, timers: TimerQueue
) -> None:
    desk = Desk(timers)
    actor = desk.actor(capacity=2)
    assert actor.offer(0)
    assert actor.offer(1)
    assert not actor.offer(2)
    sent: list[int] = []

    async def send(message: int) -> None:
        await actor.send(message)
        sent.append(message)

    nursery.start_soon(send, 2)
    await trio.testing.wait_all_tasks_blocked()
    assert sent == []
    assert not actor.offer(3)
    nursery.start_soon(actor.run)
    await trio.testing.wait_all_tasks_blocked()
    assert sent == [2]
    assert desk.done == [0, 1, 2]


async def test_nothing_overtakes_within_the_inbox(
    nursery: trio.Nursery, timers: TimerQueue
) -> None:
    desk = Desk(timers)
    actor = desk.actor(capacity=2)

    async def one_after_the_other() -> None:
        for message in range(50):
            if not actor.offer(message):
                await actor.send(message)

    nursery.start_soon(one_after_the_other)
    nursery.start_soon(actor.run)
    await trio.testing.wait_all_tasks_blocked()
    assert desk.done == list(range(50))


async def test_idle_it_unloads_once_and_in_time(autojump_clock: Clock, timers: TimerQueue) -> None:
    desk = Desk(timers)
    actor = desk.actor(idle=60)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(actor.run)
        await trio.sleep(50)
        actor.offer(1)
    assert trio.current_time() == pytest.approx(110)
    assert desk.idle == 1
    assert desk.done == [1]


async def test_time_spent_at_work_is_not_idleness(
    autojump_clock: Clock, timers: TimerQueue
) -> None:
    desk = Desk(timers)

    async def slow(batch: list[int]) -> None:
        await trio.sleep(500)
        await desk.work(batch)

    actor = desk.actor(idle=60, work=slow)
    actor.offer(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(actor.run)
        await trio.sleep(100)
        actor.offer(2)
    assert desk.batches == [[1], [2]]
    assert trio.current_time() == pytest.approx(1060)


@pytest.mark.parametrize("early", [True, False])
async def test_a_message_at_the_very_moment_of_unloading_is_not_lost(
    autojump_clock: Clock, early: bool, timers: TimerQueue
) -> None:
    """The sender looks whether the actor is still known and enqueues in one step, as a directory
    does; both timers fire at the same time, in either order.
    """
    for _ in range(20):
        desk = Desk(timers)
        actors: dict[int, Actor[int]] = {}

        def begin(desk: Desk = desk, actors: dict[int, Actor[int]] = actors) -> Actor[int]:
            actor: Actor[int] = Actor(
                desk.work, lambda: actors.pop(7) is actor, timers, capacity=4, idle=60
            )
            actors[7] = actor
            nursery.start_soon(actor.run)
            return actor

        async def knock(desk: Desk = desk, actors: dict[int, Actor[int]] = actors) -> None:
            await trio.sleep(60)
            (actors.get(7) or begin()).offer(1)

        async with trio.open_nursery() as nursery:
            if early:
                nursery.start_soon(knock)
                begin()
            else:
                begin()
                nursery.start_soon(knock)
        assert desk.done == [1]
        assert actors == {}


async def test_a_waiting_sender_keeps_it_from_unloading(
    autojump_clock: Clock, timers: TimerQueue
) -> None:
    desk = Desk(timers)
    actor = desk.actor(capacity=1, idle=60)
    async with trio.open_nursery() as nursery:
        for message in range(3):
            nursery.start_soon(actor.send, message)
        nursery.start_soon(actor.run)
    assert sorted(desk.done) == [0, 1, 2]
    assert desk.idle == 1


async def test_work_that_raises_ends_neither_task_nor_inbox(
    nursery: trio.Nursery, caplog: pytest.LogCaptureFixture, timers: TimerQueue
) -> None:
    desk = Desk(timers)

    async def fragile(batch: list[int]) -> None:
        if batch == [1]:
            raise RuntimeError("broken")
        await desk.work(batch)

    actor = desk.actor(work=fragile)
    nursery.start_soon(actor.run)
    for message in range(3):
        actor.offer(message)
        await trio.testing.wait_all_tasks_blocked()
    assert desk.done == [0, 2]
    assert "a batch of 1 was not worked off" in caplog.text


async def test_cancelled_at_work_it_ends(autojump_clock: Clock, timers: TimerQueue) -> None:
    desk = Desk(timers)
    desk.gate = trio.Event()
    actor = desk.actor()
    actor.offer(1)
    with trio.move_on_after(1) as scope:
        await actor.run()
    assert scope.cancelled_caught
    assert desk.idle == 0


async def test_finished_it_works_off_what_is_there_and_ends(timers: TimerQueue) -> None:
    desk = Desk(timers)
    actor = desk.actor(capacity=4)
    for message in range(4):
        actor.offer(message)
    actor.finish()
    with trio.fail_after(5):
        await actor.run()
    assert desk.done == [0, 1, 2, 3]
    with pytest.raises(trio.ClosedResourceError):
        actor.offer(5)


async def test_finished_at_work_it_ends_afterwards(
    nursery: trio.Nursery, timers: TimerQueue
) -> None:
    desk = Desk(timers)
    desk.gate = trio.Event()
    actor = desk.actor()
    actor.offer(1)
    ended = trio.Event()

    async def run() -> None:
        await actor.run()
        ended.set()

    nursery.start_soon(run)
    await trio.testing.wait_all_tasks_blocked()
    actor.offer(2)
    actor.finish()
    desk.gate.set()
    with trio.fail_after(5):
        await ended.wait()
    assert desk.done == [1, 2]


async def test_who_may_not_go_yet_works_on_nothing_and_waits_anew(
    autojump_clock: Clock, timers: TimerQueue
) -> None:
    batches: list[list[int]] = []

    async def work(batch: list[int]) -> None:
        await trio.lowlevel.checkpoint()
        batches.append(batch)

    actor: Actor[int] = Actor(work, lambda: len(batches) == 2, timers, capacity=4, idle=60)
    with trio.fail_after(181):
        await actor.run()
    assert batches == [[], []]
    assert trio.current_time() == pytest.approx(180, abs=1)


async def test_one_that_was_cancelled_takes_nothing_that_nobody_would_work_on(
    timers: TimerQueue,
) -> None:
    desk = Desk(timers)
    actor = desk.actor()
    with trio.move_on_after(0):
        await actor.run()
    with pytest.raises(trio.BrokenResourceError):
        actor.offer(1)

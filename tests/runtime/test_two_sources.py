"""Random plays of a room's two sources, its actor and another: the log is slow, listeners come and
go, and tasks are cancelled.
"""

import random
from collections.abc import Sequence

import pytest
import trio
import trio.lowlevel
import trio.testing

from tests.core.cast import ALICE, BOB, CAROL, NOW
from tests.runtime.listeners import Recorder
from tests.runtime.staging import ROOM, Stage, committed, elsewhere, numbers, said
from trichat.core import events as e
from trichat.runtime.subscription import State

Clock = trio.testing.MockClock


@pytest.mark.parametrize("moment", range(1, 6))
async def test_an_actor_cancelled_while_it_fans_out_costs_nobody_a_frame(
    stage: Stage, autojump_clock: Clock, moment: int
) -> None:
    """The feed's own task goes on where it was."""
    cancelled = trio.CancelScope()
    puts = 0

    class Counting(Recorder):
        def put(self, batch: object) -> None:
            nonlocal puts
            puts += 1
            if puts == moment * 100:
                cancelled.cancel()
            super().put(batch)  # type: ignore[arg-type]

    crowd = [Counting(BOB, stage.dialects[0], feeds=stage.feeds) for _ in range(600)]
    for listener in crowd:
        listener.enter(ROOM)
    done: list[None] = []
    stage.feed.publish(committed(stage, 1, 2))
    stage.feed.call_behind(lambda: done.append(None))
    with cancelled:
        await stage.feed.draining.drain()
    assert cancelled.cancelled_caught
    await trio.testing.wait_all_tasks_blocked()
    assert all(numbers(listener) == [1, 2] for listener in crowd)
    assert done == [None]


async def _actor(stage: Stage, events: Sequence[e.Said], chance: random.Random) -> None:
    """Publishes what it commits; now and then that fails, or it is cancelled, and it suspects."""
    for event in events:
        stage.log.commit(event)
        match chance.randrange(6):
            case 0:
                stage.feed.suspect()
            case 1:
                with trio.move_on_after(0):
                    stage.feed.publish([event])
                    await stage.feed.draining.drain()
            case _:
                stage.feed.publish([event])
                await stage.feed.draining.drain()
        await trio.sleep(chance.random() * 0.3)
        await stage.feed.draining.space()


async def _other(stage: Stage, until: int, chance: random.Random) -> None:
    """Publishes what is in the log: late, again, in another order, and not all of it."""
    log = stage.log.events.setdefault(ROOM.id, [])
    while not log or log[-1].seq < until:
        some = chance.sample(log, min(len(log), chance.randrange(4)))
        for event in some:
            marks = [e.ReadUpTo(ROOM, CAROL, NOW)] if chance.random() < 0.1 else []
            elsewhere(stage, event, *marks)
        await trio.sleep(chance.random() * 0.2)


class Client(Recorder):
    """Comes and goes; joined, told: what it must have heard, by the log's numbers."""

    async def live(self, stage: Stage, until: int, chance: random.Random) -> None:
        visits = 0
        while stage.feed.taken < until:
            await trio.sleep(chance.random())
            begin, first = len(self.heard), stage.feed.taken
            subscription = self.enter(ROOM, waiting=chance.random() < 0.7)
            if subscription.state is State.WAITING:
                await self._catch_up(stage, chance)
            await trio.sleep(chance.random() * 2)
            delivered = stage.feed._delivery.delivered
            if subscription.state is State.LIVE and not stage.feed.draining.busy:
                expected = list(range(first + 1, delivered + 1))
                heard = [int(frame.split()[1]) for frame in self.heard[begin:] if "said" in frame]
                assert heard == expected
                visits += 1
            self.leave(ROOM)

    async def _catch_up(self, stage: Stage, chance: random.Random) -> None:
        """As a session chases the feed's number."""
        subscription = self.subscriptions[ROOM.id]
        await trio.sleep(chance.random() * 0.5)
        reached = stage.feed.go_on(subscription)
        while not reached:
            page = await stage.log.read(ROOM.id, subscription.upto, chance.randrange(1, 4))
            for event in page:
                self.heard.append(f"said {event.seq} replayed")
            reached = stage.feed.reached(subscription, page[-1].seq)


@pytest.mark.parametrize("seed", range(60))
async def test_random_plays_of_two_sources_agree_with_the_log(
    stage: Stage, autojump_clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)
    until = 60
    stage.log.slow = chance.choice((0.0, 0.01, 0.5))
    always = stage.listener(ALICE)
    clients = [Client(BOB, stage.dialects[0], feeds=stage.feeds) for _ in range(3)]
    with trio.fail_after(1000):
        async with trio.open_nursery() as playing:
            playing.start_soon(_actor, stage, [said(n) for n in range(1, until + 1)], chance)
            playing.start_soon(_other, stage, until, chance)
            for client in clients:
                playing.start_soon(client.live, stage, until, chance)
    await trio.sleep(100)
    assert numbers(always) == list(range(1, until + 1))
    assert not stage.feed.draining.busy

"""Taking turns by source (all-25)."""

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from trichat.auth.fairlimiter import ANYBODY, FairLimiter, FullError

pytestmark = pytest.mark.promise("all-25")


class Line:
    """People who come to a limiter that is full, and the order in which they are served."""

    def __init__(self, limiter: FairLimiter, nursery: trio.Nursery) -> None:
        self.limiter = limiter
        self.served: list[str] = []
        self.running: list[str] = []
        self._nursery = nursery

    async def full(self) -> None:
        for _ in range(self.limiter.limit):
            await self.limiter.acquire(ANYBODY)
            self.running.append(ANYBODY)

    async def comes(self, source: str) -> trio.CancelScope:
        scope = trio.CancelScope()

        async def wait() -> None:
            with scope:
                await self.limiter.admit(source).acquire_on_behalf_of(None)
                self.served.append(source)
                self.running.append(source)

        self._nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        return scope

    async def one_ends(self) -> None:
        self.limiter.release(self.running.pop(0))
        await trio.testing.wait_all_tasks_blocked()


@pytest.fixture
def limiter() -> FairLimiter:
    return FairLimiter(2, places=100, share=0)


async def test_who_sends_few_is_served_between_those_of_who_sends_many(
    limiter: FairLimiter, nursery: trio.Nursery
) -> None:
    line = Line(limiter, nursery)
    await line.full()
    for source in ("bad", "bad", "bad", "bad", "good", "bad", "other", "good"):
        await line.comes(source)
    while line.running:
        await line.one_ends()
    assert line.served == ["bad", "good", "other", "bad", "good", "bad", "bad", "bad"]
    assert (limiter.waiting, limiter.running) == (0, 0)


async def test_who_goes_leaves_his_place_to_the_next(
    limiter: FairLimiter, nursery: trio.Nursery
) -> None:
    line = Line(limiter, nursery)
    await line.full()
    gone = await line.comes("one")
    await line.comes("two")
    gone.cancel()
    await trio.testing.wait_all_tasks_blocked()
    assert limiter.waiting == 1
    await line.one_ends()
    assert line.served == ["two"]
    await line.one_ends()
    await line.one_ends()
    assert limiter.running == 0


async def test_one_source_leaves_a_place_to_the_others(
    limiter: FairLimiter, nursery: trio.Nursery
) -> None:
    line = Line(limiter, nursery)
    for source in ("bad", "bad", "bad"):
        await line.comes(source)
    assert (line.served, limiter.running, limiter.waiting) == (["bad"], 1, 2)
    await line.comes("good")
    assert line.served == ["bad", "good"]
    await line.one_ends()  # the bad one's, whose next has its turn
    assert line.served == ["bad", "good", "bad"]
    await line.one_ends()  # the good one's, which stays free
    assert (limiter.running, limiter.waiting) == (1, 1)
    await line.comes(ANYBODY)
    assert line.served[-1] == ANYBODY


async def test_where_there_is_one_place_it_is_everybody_s(nursery: trio.Nursery) -> None:
    line = Line(FairLimiter(1, places=9, share=0), nursery)
    for source in ("one", "one", "two"):
        await line.comes(source)
    for _ in range(2):
        await line.one_ends()
    assert line.served == ["one", "one", "two"]


async def test_who_goes_in_the_moment_of_his_turn_loses_no_place(
    limiter: FairLimiter, nursery: trio.Nursery
) -> None:
    line = Line(limiter, nursery)
    await line.full()
    scope = await line.comes("one")
    limiter.release(ANYBODY)
    scope.cancel()
    await trio.testing.wait_all_tasks_blocked()
    assert line.served == ["one"]  # the turn was his: whoever holds it gives it back
    assert (limiter.waiting, limiter.running) == (0, 2)


async def test_who_is_cancelled_already_takes_no_place(limiter: FairLimiter) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await limiter.acquire("one")
    assert scope.cancelled_caught
    assert limiter.running == 0


@pytest.mark.parametrize(("source", "of_source"), [("one", True), ("two", False), (ANYBODY, False)])
async def test_the_edge_of_a_share_and_of_all_places(
    nursery: trio.Nursery, source: str, of_source: bool
) -> None:
    line = Line(FairLimiter(1, places=3, share=2), nursery)
    await line.full()
    for each in ("one", "one", "two"):
        await line.comes(each)
    with pytest.raises(FullError) as full:
        line.limiter.admit(source)
    assert full.value.of_source is of_source
    for _ in range(3):
        await line.one_ends()
    assert line.served == ["one", "two", "one"]
    await line.one_ends()
    assert line.limiter.admit(source) is not None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40))
def test_no_place_is_lost_or_made(steps: list[tuple[str, bool]]) -> None:
    """In whatever order people come, go and end."""

    async def play() -> None:
        limiter = FairLimiter(2, places=100, share=0)
        async with trio.open_nursery() as nursery:
            line = Line(limiter, nursery)
            scopes: list[trio.CancelScope] = []
            for source, comes in steps:
                if comes:
                    scopes.append(await line.comes(source))
                elif limiter.running and source == "a":
                    await line.one_ends()
                elif scopes:
                    scopes.pop().cancel()
                    await trio.testing.wait_all_tasks_blocked()
                assert 0 <= limiter.running <= 2
                assert limiter.running or not limiter.waiting
            while limiter.running:
                await line.one_ends()
            assert limiter.waiting == 0

    trio.run(play)

"""How fast connections are let in; the clock is mocked."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.rounds import rounds
from trichat.runtime.admissions import AT_ONCE, Admissions
from trichat.runtime.turns import Turns


def admitting(rate: float, patience: float) -> Admissions:
    return Admissions(rate=rate, patience=patience, departures=Turns())


class Crowd:
    """Handshakes that come at the same moment: when each was let in, and when turned away."""

    def __init__(self, admissions: Admissions, nursery: trio.Nursery) -> None:
        self._admissions = admissions
        self._nursery = nursery
        self.came: list[float] = []
        self.refused: list[float] = []

    async def come(self, number: int) -> None:
        for _ in range(number):
            self._nursery.start_soon(self._one)
        await wait_all_tasks_blocked()

    async def _one(self) -> None:
        let_in = await self._admissions.enter()
        (self.came if let_in else self.refused).append(round(trio.current_time(), 6))


async def test_a_crowd_is_let_in_evenly(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    crowd = Crowd(admitting(10, 5), nursery)
    await crowd.come(6)
    await trio.sleep(1)
    assert crowd.came == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert crowd.refused == []


async def test_a_lull_saves_nothing_up(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    crowd = Crowd(admitting(10, 5), nursery)
    await crowd.come(1)
    await trio.sleep(100)
    await crowd.come(3)
    await trio.sleep(1)
    assert crowd.came == [0, 100, 100.1, 100.2]


async def test_so_many_may_wait_and_the_next_one_is_refused_at_once(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Ten of the eleven would be let in within the second; then there is room for one."""
    crowd = Crowd(admitting(10, 1), nursery)
    await crowd.come(11)
    assert (crowd.came, crowd.refused) == ([0], [0])
    await trio.sleep(0.1)
    await crowd.come(2)
    assert crowd.refused == [0, 0.1]
    await trio.sleep(2)
    assert crowd.came == [number / 10 for number in range(11)]


async def test_who_is_not_let_in_in_time_is_refused(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """His moment was near, but the loop was busy with others."""
    admissions = admitting(10, 1)
    for _ in range(AT_ONCE):
        await admissions._turns._free.acquire()
    crowd = Crowd(admissions, nursery)
    await crowd.come(1)
    await trio.sleep(2)
    assert (crowd.came, crowd.refused) == ([], [1])


async def test_when_many_are_due_at_once_the_loop_serves_others_between_them(
    mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    """As after a while in which it was held up."""
    crowd = Crowd(admitting(1000, 5), nursery)
    await crowd.come(50)
    with rounds() as counting:
        mock_clock.jump(4)
        while len(crowd.came) < 50:
            before = len(crowd.came)
            await trio.lowlevel.checkpoint()
            for _ in range(len(crowd.came) - before):
                counting.happened()
    assert counting.most <= 2 * AT_ONCE  # of two rounds, as this task is woken between


async def test_who_hangs_up_costs_only_his_turn(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(10, 5)
    crowd = Crowd(admissions, nursery)
    await crowd.come(1)
    with trio.move_on_after(0.05) as impatient:
        await admissions.enter()
    assert impatient.cancelled_caught
    await crowd.come(1)
    await trio.sleep(1)
    assert crowd.came == [0, 0.2]


async def test_closed_it_lets_nobody_in_those_who_wait_included(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(10, 5)
    crowd = Crowd(admissions, nursery)
    await crowd.come(4)
    admissions.close()
    await crowd.come(1)
    assert (crowd.came, crowd.refused) == ([0], [0, 0, 0, 0])
    await trio.sleep(10)
    await crowd.come(1)
    assert crowd.refused == [0, 0, 0, 0, 10]


@pytest.mark.parametrize(("patience", "times"), [(5, {1, 2, 3, 4, 5}), (0.2, {1})])
def test_those_who_are_refused_come_again_at_different_times(
    patience: float, times: set[int]
) -> None:
    admissions = admitting(10, patience)
    assert {admissions.retry_after() for _ in range(500)} == times


async def test_those_who_go_are_first(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    departures, order = Turns(1), []

    async def go() -> None:
        await departures.take()
        order.append("gone")

    async def come() -> None:
        assert await admissions.enter()
        order.append("come")

    admissions = Admissions(rate=10, patience=5, departures=departures)
    async with trio.open_nursery() as crowd, departures._free:
        for _ in range(20):
            crowd.start_soon(go)
        await wait_all_tasks_blocked()
        crowd.start_soon(come)
        await wait_all_tasks_blocked()
    assert order == ["gone"] * 20 + ["come"]

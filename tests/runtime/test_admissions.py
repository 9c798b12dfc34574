"""How fast connections are let in; the clock is mocked."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.rounds import rounds
from trichat.runtime.admissions import HANDSHAKES_PER_ROUND, Admissions
from trichat.runtime.yieldlimiter import YieldLimiter
from trichat.settings.addresses import NOBODY


def admitting(
    nursery: trio.Nursery,
    rate: float,
    patience: float,
    *,
    share: int = 100,
    per_user: int = 1000,
    departures: YieldLimiter | None = None,
) -> Admissions:
    admissions = Admissions(
        rate=rate, patience=patience, share=share, per_user=per_user,
        departures=departures or YieldLimiter(),
    )  # fmt: skip
    nursery.start_soon(admissions.run)
    return admissions


class Crowd:
    """Handshakes that come at the same moment: when each was let in, and when turned away."""

    def __init__(self, admissions: Admissions, nursery: trio.Nursery) -> None:
        self._admissions = admissions
        self._nursery = nursery
        self.came: list[float] = []
        self.refused: list[float] = []

    async def come(self, number: int, address: str = NOBODY, user: str | None = None) -> None:
        for _ in range(number):
            self._nursery.start_soon(self._one, address, user)
        await wait_all_tasks_blocked()

    async def _one(self, address: str, user: str | None) -> None:
        let_in = await self._admissions.enter(address, user)
        (self.came if let_in else self.refused).append(round(trio.current_time(), 6))


async def test_a_crowd_is_let_in_evenly(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    crowd = Crowd(admitting(nursery, 10, 5), nursery)
    await crowd.come(6)
    await trio.sleep(1)
    assert crowd.came == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert crowd.refused == []


async def test_a_lull_saves_nothing_up(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    crowd = Crowd(admitting(nursery, 10, 5), nursery)
    await crowd.come(1)
    await trio.sleep(100)
    await crowd.come(3)
    await trio.sleep(1)
    assert crowd.came == [0, 100, 100.1, 100.2]


async def test_so_many_may_wait_and_the_next_one_is_refused_at_once(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Ten of the eleven would be let in within the second; then there is room for one."""
    crowd = Crowd(admitting(nursery, 10, 1), nursery)
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
    """Their moment was near, but the loop was busy with others."""
    departures = YieldLimiter(1)
    crowd = Crowd(admitting(nursery, 10, 1, departures=departures), nursery)
    async with departures._free:  # somebody goes, and it takes long
        await crowd.come(2)
        await trio.sleep(2)
    assert (crowd.came, crowd.refused) == ([], [1, 1])


async def test_when_many_are_due_at_once_the_loop_serves_others_between_them(
    mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    """As after a while in which it was held up."""
    crowd = Crowd(admitting(nursery, 1000, 5), nursery)
    await crowd.come(50)
    with rounds() as counting:
        mock_clock.jump(4)
        while len(crowd.came) < 50:
            before = len(crowd.came)
            await trio.lowlevel.checkpoint()
            for _ in range(len(crowd.came) - before):
                counting.happened()
    assert counting.most <= 2 * HANDSHAKES_PER_ROUND  # of two rounds, as this task is woken between


async def test_who_hangs_up_costs_nobody_a_turn(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(nursery, 10, 5)
    crowd = Crowd(admissions, nursery)
    await crowd.come(1)
    with trio.move_on_after(0.05) as impatient:
        await admissions.enter()
    assert impatient.cancelled_caught
    await crowd.come(1)
    await trio.sleep(1)
    assert crowd.came == [0, 0.1]


async def test_closed_it_lets_nobody_in_those_who_wait_included(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(nursery, 10, 5)
    crowd = Crowd(admissions, nursery)
    await crowd.come(4)
    admissions.close()
    await crowd.come(1)
    assert (crowd.came, crowd.refused) == ([0], [0, 0, 0, 0])
    await trio.sleep(10)
    await crowd.come(1)
    assert crowd.refused == [0, 0, 0, 0, 10]


@pytest.mark.parametrize(("patience", "times"), [(5, {1, 2, 3, 4, 5}), (0.2, {1})])
async def test_those_who_are_refused_come_again_at_different_times(
    nursery: trio.Nursery, patience: float, times: set[int]
) -> None:
    admissions = admitting(nursery, 10, patience)
    assert {admissions.retry_after() for _ in range(500)} == times


async def test_those_who_go_are_first(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    departures, order = YieldLimiter(1), []

    async def go() -> None:
        await departures.take()
        order.append("gone")

    async def come() -> None:
        assert await admissions.enter()
        order.append("come")

    admissions = admitting(nursery, 10, 5, departures=departures)
    async with trio.open_nursery() as crowd, departures._free:
        for _ in range(20):
            crowd.start_soon(go)
        await wait_all_tasks_blocked()
        crowd.start_soon(come)
        await wait_all_tasks_blocked()
    assert order == ["gone"] * 20 + ["come"]


A, B, C = "192.0.2.1", "192.0.2.2", "2001:db8::/64"


@pytest.mark.promise("all-25")
async def test_one_address_alone_may_have_every_turn_and_every_place(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """A school that comes back: nobody else wants them."""
    school = Crowd(admitting(nursery, 10, 2, share=5), nursery)
    await school.come(21, A)
    await trio.sleep(3)
    assert school.came == [number / 10 for number in range(20)]
    assert school.refused == [0]


@pytest.mark.promise("all-25")
async def test_however_many_wait_from_one_address_others_wait_for_its_share_only(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(nursery, 10, 2, share=10)  # two of twenty
    flood, others = Crowd(admissions, nursery), Crowd(admissions, nursery)
    await flood.come(20, A)
    assert flood.refused == []
    await others.come(1, B)  # takes a place of the flood's, and a turn behind two of it
    await others.come(1, C)
    assert flood.refused == [0, 0]
    await trio.sleep(3)
    assert others.came == [0.3, 0.4]
    assert others.refused == []
    assert len(flood.came) == 18


@pytest.mark.promise("all-25")
@pytest.mark.parametrize("addresses", [2, 8])
async def test_a_flood_from_many_addresses_takes_a_turn_each(
    autojump_clock: MockClock, nursery: trio.Nursery, addresses: int
) -> None:
    admissions = admitting(nursery, 10, 2, share=5)
    flood, honest = Crowd(admissions, nursery), Crowd(admissions, nursery)
    for _ in range(5):
        for number in range(addresses):
            await flood.come(4, f"192.0.2.{number}")
        await trio.sleep(0.01)
    await honest.come(1, C)
    await trio.sleep(3)
    assert honest.refused == []
    assert honest.came[0] <= (addresses + 1) / 10 + 0.1


@pytest.mark.promise("all-25")
async def test_within_its_share_nobody_loses_a_place(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The places are taken, by as many as there may be of each: who comes then is refused."""
    admissions = admitting(nursery, 10, 1, share=20)
    crowd, late = Crowd(admissions, nursery), Crowd(admissions, nursery)
    for number in range(5):
        await crowd.come(2, f"192.0.2.{number}")
    await late.come(1, C)
    assert (crowd.refused, late.refused) == ([], [0])
    await trio.sleep(2)
    assert len(crowd.came) == 10


async def test_those_whose_address_is_not_known_are_strangers_to_each_other(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """They stand behind a proxy or a tool on this machine: the order is that of coming."""
    admissions = admitting(nursery, 10, 2, share=5)
    unknown, known = Crowd(admissions, nursery), Crowd(admissions, nursery)
    await unknown.come(5)
    await known.come(3, A)
    await unknown.come(2)
    await trio.sleep(2)
    assert unknown.came == [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7]
    assert known.came == [0.5, 0.8, 0.9]


@pytest.mark.promise("all-25")
async def test_of_one_user_no_more_wait_than_may_be_connected(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(nursery, 10, 5, per_user=3)
    ann, bob = Crowd(admissions, nursery), Crowd(admissions, nursery)
    for number in range(5):
        await ann.come(1, f"192.0.2.{number}", "ann")
    await bob.come(3, C, "bob")
    assert (ann.refused, bob.refused) == ([0], [])  # the first one waits no more
    await trio.sleep(1)
    await ann.come(3, A, "ann")
    await trio.sleep(1)
    assert (len(ann.came), ann.refused) == (7, [0])


@pytest.mark.promise("all-25")
async def test_who_hangs_up_or_loses_a_place_is_forgotten(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    admissions = admitting(nursery, 10, 2, share=5)
    crowd = Crowd(admissions, nursery)
    for number in range(30):
        await crowd.come(3, f"192.0.2.{number % 7}", f"user{number % 3}")
        with trio.move_on_after(0.01):
            await admissions.enter(A, "ann")
    await trio.sleep(10)
    assert len(crowd.came) + len(crowd.refused) == 90
    assert len(admissions._lines) == len(admissions._users) == len(admissions._scopes) == 0
    await crowd.come(1, A, "ann")
    assert crowd.came[-1] == round(trio.current_time(), 6)

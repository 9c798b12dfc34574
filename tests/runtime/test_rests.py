"""Who asks for much rests, so that others are served; who asks now and then, or alone, does not."""

import pytest
import trio
from trio.testing import MockClock

from trichat.runtime.rests import CREDIT, LONGEST_REST, QUIET, SHARE, Rests
from trichat.runtime.shares import Shares

pytestmark = pytest.mark.promise("all-23")

ANN, BOB = 1, 2


@pytest.fixture
async def rests() -> Rests:
    """Of a server where somebody has just written something."""
    rests = Rests()
    rests.stir()
    return rests


async def waited(rests: Rests, user_id: int = ANN) -> float:
    began = trio.current_time()
    await rests.rest(user_id)
    return trio.current_time() - began


async def test_what_is_owed_beyond_the_credit_is_waited_for(
    autojump_clock: MockClock, rests: Rests
) -> None:
    rests.charge(ANN, CREDIT / (SHARE - 1))
    assert await waited(rests) == pytest.approx(0)
    await trio.sleep(1)
    rests.charge(ANN, CREDIT / (SHARE - 1) + 0.01)
    assert await waited(rests) == pytest.approx((SHARE - 1) * 0.01)
    assert await waited(rests, BOB) == 0


async def test_what_is_owed_is_paid_by_time(autojump_clock: MockClock, rests: Rests) -> None:
    rests.charge(ANN, CREDIT / (SHARE - 1) + 0.01)
    await trio.sleep(SHARE * 0.01)
    assert await waited(rests) == 0


async def test_who_asks_without_end_has_their_share_of_the_time(
    autojump_clock: MockClock, rests: Rests
) -> None:
    worked, began = 0.0, trio.current_time()
    while trio.current_time() < began + 100:
        rests.stir()  # others go on writing
        autojump_clock.jump(0.01)
        worked += 0.01
        await rests.pause(ANN, 0.01)
    assert worked == pytest.approx(100 / SHARE, abs=CREDIT)


async def test_nobody_waits_longer_than_that_for_one_thing(
    autojump_clock: MockClock, rests: Rests
) -> None:
    rests.charge(ANN, 3600)
    assert await waited(rests) == pytest.approx(LONGEST_REST)


async def test_where_nobody_writes_nobody_rests(autojump_clock: MockClock, rests: Rests) -> None:
    await trio.sleep(QUIET)
    rests.charge(ANN, 3600)
    assert await waited(rests) > 0  # at the edge somebody may still be there
    await trio.sleep(0.001)
    rests.charge(ANN, 3600)
    assert await waited(rests) == 0
    rests.stir()
    assert await waited(rests) > 0


async def test_a_pause_lets_others_have_their_turns_even_if_nothing_is_owed(
    autojump_clock: MockClock, rests: Rests
) -> None:
    others = 0

    async def count() -> None:
        nonlocal others
        others += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count)
        await rests.pause(ANN, 0)
        await rests.pause(ANN, 0)  # in one turn of the loop tasks run in any order
        assert others == 1


async def test_of_a_hundred_thousand_users_only_those_of_the_last_moments_are_known(
    autojump_clock: MockClock, rests: Rests
) -> None:
    for user_id in range(100_000):
        rests.charge(user_id, 0.001)
    assert len(rests) == 100_000
    await trio.sleep(1)
    rests.charge(ANN, 0.001)
    assert len(rests) == 1


async def test_a_turn_is_charged_and_one_that_waits_for_the_peer_is_not(
    autojump_clock: MockClock, rests: Rests
) -> None:
    for shares, expected in ((Shares(), 0), (Shares(rests), pytest.approx(LONGEST_REST))):
        async with shares.turn(ANN):
            await trio.sleep(10)
        rests.stir()
        assert await waited(rests) == expected


async def test_a_turn_that_fails_is_charged_too(autojump_clock: MockClock, rests: Rests) -> None:
    async def fail() -> None:
        async with Shares(rests).turn(ANN):
            await trio.sleep(10)
            raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        await fail()
    rests.stir()
    assert await waited(rests) == pytest.approx(LONGEST_REST)


async def test_a_turn_waits_for_the_rest(autojump_clock: MockClock, rests: Rests) -> None:
    rests.charge(ANN, 3600)
    began = trio.current_time()
    async with Shares(rests).turn(ANN):
        assert trio.current_time() - began == pytest.approx(LONGEST_REST)

"""Thousands who come or go at once do so some at a time."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from tests.rounds import rounds
from trichat.runtime.yieldlimiter import YieldLimiter


@pytest.mark.parametrize(("at_once", "many"), [(1, 5), (3, 10), (4, 4)])
async def test_so_many_go_on_in_a_round_of_the_loop(at_once: int, many: int) -> None:
    turns = YieldLimiter(at_once)

    async def one() -> None:
        await turns.take()
        counting.happened()

    with rounds() as counting:
        async with trio.open_nursery() as nursery:
            for _ in range(many):
                nursery.start_soon(one)
    assert counting.in_each.total() == many
    assert counting.most == at_once


async def test_turns_are_taken_in_the_order_of_coming() -> None:
    turns, order = YieldLimiter(1), []

    async def one(number: int) -> None:
        await turns.take()
        order.append(number)

    async with trio.open_nursery() as nursery, turns._free:
        for number in range(5):
            nursery.start_soon(one, number)
            await wait_all_tasks_blocked()
    assert order == [0, 1, 2, 3, 4]


async def test_who_gives_up_waiting_keeps_nobody_from_his_turn() -> None:
    turns = YieldLimiter(1)
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(turns.take)
        nursery.cancel_scope.cancel()
    with trio.fail_after(1):
        await turns.take()

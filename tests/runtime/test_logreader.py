"""A crowd that comes back reads the rooms' logs in turns."""

from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from trichat.runtime.logreader import READS_AT_ONCE, LogReader
from trichat.store.health import StoreError


class Slow:
    """A store that answers when it is told to."""

    def __init__(self) -> None:
        self.under_way: list[int] = []  # the rooms that are asked about, first come first
        self.fails = False
        self._answered = trio.Event()

    async def log(self, room_id: int, after: int, limit: int) -> list[Any]:
        await self._take(room_id)
        return []

    async def heads(self, room_ids: Any) -> dict[int, tuple[int, int]]:
        (room_id,) = room_ids
        await self._take(room_id)
        return {}

    async def admission(self, room_id: int, user_id: int, after: int) -> None:
        await self._take(room_id)

    async def _take(self, room_id: int) -> None:
        self.under_way.append(room_id)
        try:
            await self._answered.wait()
            if self.fails:
                raise StoreError("broken")
        finally:
            self.under_way.remove(room_id)

    async def answer(self) -> None:
        """All that are under way."""
        answered, self._answered = self._answered, trio.Event()
        answered.set()
        await wait_all_tasks_blocked()


async def read(logs: LogReader, number: int) -> None:
    """In one of the three ways."""
    match number % 3:
        case 0:
            await logs.read(number, 0, 1)
        case 1:
            await logs.heads([number])
        case 2:
            await logs.admission(number, 1, 0)


async def test_the_store_has_few_of_their_reads_at_a_time(nursery: trio.Nursery) -> None:
    """In the order in which they came, and all of them in the end."""
    store: Any = Slow()
    logs = LogReader(store)
    for number in range(3 * READS_AT_ONCE):
        nursery.start_soon(read, logs, number)
        await wait_all_tasks_blocked()
    for turn in range(3):
        assert sorted(store.under_way) == list(
            range(turn * READS_AT_ONCE, (turn + 1) * READS_AT_ONCE)
        )
        await store.answer()
    assert store.under_way == []


async def test_a_read_that_fails_and_one_that_is_given_up_end_their_turn(
    nursery: trio.Nursery,
) -> None:
    store: Any = Slow()
    logs = LogReader(store)
    store.fails = True

    async def fail(number: int) -> None:
        with pytest.raises(StoreError):
            await read(logs, number)

    for number in range(READS_AT_ONCE):
        nursery.start_soon(fail, number)
    await wait_all_tasks_blocked()
    await store.answer()
    store.fails = False

    async with trio.open_nursery() as given_up:
        for number in range(READS_AT_ONCE):
            given_up.start_soon(read, logs, number)
        await wait_all_tasks_blocked()
        nursery.start_soon(read, logs, 99)
        await wait_all_tasks_blocked()
        assert 99 not in store.under_way
        given_up.cancel_scope.cancel()
    await wait_all_tasks_blocked()
    assert store.under_way == [99]
    await store.answer()

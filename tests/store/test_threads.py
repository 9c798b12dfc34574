"""The seam between the database's blocking calls and the event loop."""

import threading
from collections.abc import AsyncIterator

import pytest
import trio
import trio.testing

from trichat.store.sqlite import Threads


class Bench:
    """Threads of its own, closed with the test, and a gate that holds what runs in them."""

    def __init__(self, threads: int) -> None:
        self.run = Threads("bench", threads)
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.done: list[int] = []

    def hold(self, number: int = 0) -> int:
        self.entered.release()
        assert self.gate.wait(10)
        self.done.append(number)
        return number


@pytest.fixture
async def one() -> AsyncIterator[Bench]:
    bench = Bench(1)
    yield bench
    bench.gate.set()
    bench.run.close()


async def test_what_it_returns_and_what_it_raises_comes_back(one: Bench) -> None:
    def fail() -> None:
        raise KeyError("no such key")

    assert await one.run(threading.current_thread) is not threading.current_thread()
    with pytest.raises(KeyError, match="no such key"):
        await one.run(fail)
    assert await one.run(lambda: 7) == 7


async def test_what_it_returns_is_told_before_who_asked_has_their_turn(one: Bench) -> None:
    said: list[object] = []

    def tell(answer: object) -> None:
        said.append((answer, threading.current_thread() is here))

    here = threading.current_thread()
    said.append(await one.run(lambda: 7, tell))
    assert said == [(7, True), 7]


async def test_what_raises_is_told_to_nobody_but_who_asked(one: Bench) -> None:
    said: list[object] = []

    def fail(*told: object) -> None:
        raise KeyError("no such key")

    with pytest.raises(KeyError, match="no such key"):
        await one.run(fail, said.append)
    assert said == []
    with pytest.raises(KeyError, match="no such key"):  # nor does it end the event loop
        await one.run(lambda: 7, fail)
    assert await one.run(lambda: 8, said.append) == 8
    assert said == [8]


async def test_one_thread_works_in_the_order_of_asking(one: Bench) -> None:
    async with trio.open_nursery() as nursery:
        for number in range(5):
            nursery.start_soon(one.run, lambda number=number: one.hold(number))
            await trio.testing.wait_all_tasks_blocked()
        assert one.done == []
        one.gate.set()
    assert one.done == [0, 1, 2, 3, 4]


async def test_two_threads_work_at_once() -> None:
    bench = Bench(2)
    async with trio.open_nursery() as nursery:
        for number in range(2):
            nursery.start_soon(bench.run, lambda number=number: bench.hold(number))
        for _ in range(2):
            assert await trio.to_thread.run_sync(lambda: bench.entered.acquire(timeout=10))
        bench.gate.set()
    assert sorted(bench.done) == [0, 1]
    bench.run.close()


async def test_the_loop_goes_on_meanwhile_and_a_cancelled_task_waits_for_the_end(
    one: Bench,
) -> None:
    """What a thread does cannot be undone: nobody may believe it was."""
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(one.run, one.hold)
            assert await trio.to_thread.run_sync(lambda: one.entered.acquire(timeout=10))
            scope.cancel()
            threading.Timer(0.05, one.gate.set).start()
    assert one.done == [0]


async def test_who_is_cancelled_already_asks_for_nothing(one: Bench) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await one.run(one.hold)
    assert scope.cancelled_caught
    assert one.done == []


async def test_closed_it_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    threads = Threads("short", 3)
    assert len(set(threading.enumerate()) - before) == 3
    threads.close()
    assert set(threading.enumerate()) == before

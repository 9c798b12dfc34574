"""The times of many, kept by one task, under a mocked clock."""

from math import inf

import trio
from trio.testing import MockClock

from trichat.runtime.timerqueue import TimerQueue


class Ticker:
    """Wants to be looked at every `period` seconds, `times` times."""

    def __init__(self, period: float, times: int = 1000) -> None:
        self.period = period
        self.left = times
        self.looks: list[float] = []

    def look(self, now: float) -> float:
        self.looks.append(now)
        self.left -= 1
        return now + self.period if self.left > 0 else inf


async def test_each_is_looked_at_in_its_time(autojump_clock: MockClock, timers: TimerQueue) -> None:
    began = trio.current_time()
    slow, quick = Ticker(10), Ticker(3)
    timers.begin(slow)
    await trio.sleep(1)
    timers.begin(quick)  # due before the one that the task sleeps for
    await trio.sleep(20)
    assert [at - began for at in slow.looks] == [0, 10, 20]
    assert [at - began for at in quick.looks] == [1, 4, 7, 10, 13, 16, 19]


async def test_who_has_stopped_is_not_looked_at(
    autojump_clock: MockClock, timers: TimerQueue
) -> None:
    ticker = Ticker(5)
    timer = timers.begin(ticker)
    await trio.sleep(6)
    timer.stop()
    await trio.sleep(20)
    assert len(ticker.looks) == 2


async def test_who_has_no_more_times_is_left_alone(
    autojump_clock: MockClock, timers: TimerQueue
) -> None:
    ticker = Ticker(1, times=3)
    timers.begin(ticker)
    await trio.sleep(10)
    assert len(ticker.looks) == 3


async def test_thousands_at_once_do_not_keep_others_waiting(
    autojump_clock: MockClock, timers: TimerQueue
) -> None:
    tickers = [Ticker(5, times=2) for _ in range(1000)]
    for ticker in tickers:
        timers.begin(ticker)
    seen: list[int] = []

    async def other() -> None:
        await trio.sleep(5)
        while not seen or seen[-1] < 1000:
            seen.append(sum(len(ticker.looks) - 1 for ticker in tickers))
            await trio.lowlevel.checkpoint()

    await other()
    assert any(0 < count < 1000 for count in seen)

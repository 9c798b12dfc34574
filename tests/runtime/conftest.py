from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from tests.runtime.running import Running, running
from tests.runtime.staging import Stage
from trichat.runtime.timerqueue import TimerQueue


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as house:
        yield house


@pytest.fixture
async def timers() -> AsyncIterator[TimerQueue]:
    timers = TimerQueue()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(timers.run)
        yield timers
        nursery.cancel_scope.cancel()


@pytest.fixture
def stage(nursery: trio.Nursery) -> Stage:
    """A room's stream over a log in memory."""
    return Stage(nursery)

from collections.abc import AsyncIterator

import pytest
import trio.testing

from tests.wire.kernel import Desk, working


@pytest.fixture
def clock() -> trio.testing.MockClock:
    """Simulated time that waits a moment for the kernel, which Trio takes for idleness."""
    return trio.testing.MockClock(autojump_threshold=0.02)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    async with working(desk):
        yield desk

import pytest
import trio.testing


@pytest.fixture
def clock() -> trio.testing.MockClock:
    """Simulated time that waits a moment for the kernel, which Trio takes for idleness."""
    return trio.testing.MockClock(autojump_threshold=0.02)

import pytest
import trio.testing
from quart_trio import QuartTrio


@pytest.fixture
def app() -> QuartTrio:
    """One page that says hello."""
    app = QuartTrio("plain")

    @app.get("/")
    async def index() -> str:
        return "hello"

    return app


@pytest.fixture
def clock() -> trio.testing.MockClock:
    """Simulated time that waits a moment for the kernel, which Trio takes for idleness."""
    return trio.testing.MockClock(autojump_threshold=0.02)

"""Fixtures for the tests from outside."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.launching import Launched, launched, serve
from tests.e2e.users import Users, users_of

# A shell that starts the tests in the background ignores Ctrl-C for them, and nohup a hangup; so
# would the servers and clients that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
async def server(data: Path) -> AsyncIterator[Launched]:
    """`trichat serve`, with its defaults."""
    async with launched(serve(data)) as server:
        yield server


@pytest.fixture
async def users(server: Launched) -> AsyncIterator[Users]:
    """The users of that server, of whom there are none yet."""
    async with users_of(server.address) as users:
        yield users

"""Fixtures for the tests from outside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.launching import Launched, launched, serve
from tests.e2e.people import Town, town


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
async def here(server: Launched) -> AsyncIterator[Town]:
    """The people of that server."""
    async with town(server.address) as here:
        yield here

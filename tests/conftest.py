"""Fixtures for every test."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import sparing
from tests.listeners import Listeners, listening
from tests.needs import pytest_runtest_setup
from tests.properties import profiles
from tests.seconds import pytest_addoption, pytest_terminal_summary
from tests.server import ChatServer, Person, open_chat_server, settings_for
from tests.slow import pytest_itemcollected

__all__ = [
    "ann",
    "listeners",
    "pytest_addoption",
    "pytest_itemcollected",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
    "server",
]

profiles.register()
sparing.install()


@pytest.fixture(autouse=True)
def _levels_of_logs() -> Iterator[None]:
    """A test that wants more of the log leaves the next one what there was before."""
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in root.manager.loggerDict}
    level = root.level
    yield
    after = [(root, level)]
    for name in root.manager.loggerDict:
        after.append((logging.getLogger(name), before.get(name, logging.NOTSET)))
    for logger, there in after:
        if logger.level != there:  # to set one empties what all loggers remember
            logger.setLevel(there)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server with default settings."""
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        yield server


@pytest.fixture
async def ann(server: ChatServer) -> Person:
    return await server.person("ann")


@pytest.fixture
async def listeners(server: ChatServer, ann: Person) -> AsyncIterator[Listeners]:
    """A room of Ann's, in which a socket of hers listens in each dialect that speaks there."""
    async with listening(server, ann) as listeners:
        yield listeners

"""Fixtures for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import House, open_house, settings_for
from tests.properties import profiles

profiles.register()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A server with default settings."""
    async with open_house(settings_for(tmp_path / "data")) as house:
        yield house

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.runtime.running import Running, running


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as house:
        yield house

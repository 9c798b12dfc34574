from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.identity.providers import published, served
from tests.issuer import Issuer, open_issuer
from tests.server import ChatServer


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with open_issuer() as issuer:
        yield issuer


@pytest.fixture
async def server(tmp_path: Path, issuer: Issuer) -> AsyncIterator[ChatServer]:
    async with served(tmp_path, published(issuer)) as server:
        yield server

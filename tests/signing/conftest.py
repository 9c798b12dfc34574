from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server import ChatServer, open_chat_server, settings_for
from trichat.runtime import signing
from trichat.settings import Settings


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "LOOK_EVERY", 0.05)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data")


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings) as server:
        yield server

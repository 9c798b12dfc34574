"""storage.memory: a server whose store ends with it."""

from pathlib import Path

import pytest

from tests.runtime.running import configured
from trichat.composition.server import open_server
from trichat.store.users import Registered


async def test_in_memory_nothing_outlives_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = configured(
        server={"data": tmp_path}, storage={"memory": True}, auth={"argon2_memory": 64}
    )
    for _ in range(2):
        async with open_server(settings) as (runtime, _):
            assert isinstance(
                await runtime.accounts.register("alice", None, "a password"), Registered
            )
    assert not settings.database.exists()
    assert "what is said is lost when the server ends" in caplog.text

"""What another process writes to the database holds for sockets that are open already."""

from pathlib import Path

import pytest
import trio
import trio.testing

from tests.wire.scripted import START, ScriptedLink, open_bench
from trichat.core.model import Role
from trichat.store.port import AddApiKey, RevokeApiKey, SetRole
from trichat.store.sqlite import Inline, SqliteStore


async def test_a_role_and_a_key_changed_beside_the_server(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        key = await bench.runtime.storage.submit(AddApiKey(ann.id, "0" * 64, "bot", START))
        assert isinstance(key, int)
        by_token, by_key = bench.connect("lobby", ann), bench.connect("lobby", ann, key_id=key)
        await trio.sleep(5)
        other = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
        await other.write([RevokeApiKey(key, START), SetRole(ann.id, Role.ADMIN, START)])
        await other.aclose()
        assert code(by_key) is None
        await trio.sleep(1.5)
        assert code(by_key) == 1008
        assert code(by_token) is None
        (session,) = bench.runtime.connections.everyone()
        assert session.user.role is Role.ADMIN


async def test_what_this_server_writes_itself_makes_nobody_look(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.user("ann")
        assert not await bench.runtime.store.changed_elsewhere()


async def test_a_fault_in_looking_ends_no_server(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path) as bench:
        looked = []

        async def broken() -> bool:
            looked.append(trio.current_time())
            raise RuntimeError("a bug")

        monkeypatch.setattr(bench.runtime.store, "changed_elsewhere", broken)
        await trio.sleep(3.5)
        assert len(looked) == 3


def code(link: ScriptedLink) -> int | None:
    return link.closed

"""When a key was last used is known, and costs no write for each use."""

from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.wire.scripted import START, Bench, open_bench
from trichat.core.model import User
from trichat.runtime import keyuses
from trichat.store.apikeys import AddApiKey, NoteKeysUsed
from trichat.store.sqlite import Inline, SqliteStore

pytestmark = pytest.mark.promise("lobby-2")


async def key_of(bench: Bench, user: User, name: str = "bot") -> int:
    made = await bench.runtime.storage.submit(AddApiKey(user.id, name, name, START))
    assert isinstance(made, int)
    return made


async def used_at(store: Any, user: User) -> list[int | None]:
    return [key.used_at for key in await store.api_keys(user.id)]


def watched(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[NoteKeysUsed]:
    """What is written of uses from now on."""
    written: list[NoteKeysUsed] = []
    stock = bench.runtime.storage.submit

    async def submit(write: Any) -> Any:
        if isinstance(write, NoteKeysUsed):
            written.append(write)
        return await stock(write)

    monkeypatch.setattr(bench.runtime.storage, "submit", submit)
    return written


async def test_uses_are_written_once_a_minute_and_together(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        one, two, _ = [await key_of(bench, ann, name) for name in ("one", "two", "unused")]
        written = watched(bench, monkeypatch)
        for _ in range(20):
            link = bench.connect("lobby", ann, key_id=one)
            await trio.sleep(1)
            link.hears_close()
            await trio.sleep(1)
        bench.connect("lobby", ann, key_id=two).pings = False  # so it is not silent
        bench.connect("lobby", ann)  # by a token
        await trio.sleep(19)
        assert not written
        assert await used_at(bench.runtime.store, ann) == [None, None, None]
        await trio.sleep(2)
        assert len(written) == 1
        first, second, unused = await used_at(bench.runtime.store, ann)
        assert first == pytest.approx(START + 39_000, abs=1500)  # when the last was closed
        assert second == pytest.approx(START + 60_000, abs=1500)  # it is open still
        assert unused is None
        await trio.sleep(120)
        assert [[key_id for key_id, _ in each.uses] for each in written[1:]] == [[two], [two]]


async def test_what_was_used_last_is_written_at_the_end(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        bench.connect("lobby", ann, key_id=await key_of(bench, ann))
        await trio.sleep(7)
    store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
    (found,) = await used_at(store, ann)
    assert found == pytest.approx(START + 7000, abs=1500)
    await store.aclose()


async def test_many_keys_are_written_in_pieces(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyuses, "KEYS_PER_WRITE", 2)
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        written = watched(bench, monkeypatch)
        for number in range(5):
            bench.connect("lobby", ann, key_id=await key_of(bench, ann, f"{number}"))
        await trio.sleep(61)
        assert [len(each.uses) for each in written] == [2, 2, 1]
        assert None not in await used_at(bench.runtime.store, ann)


async def test_a_fault_loses_no_use_and_ends_no_server(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        link = bench.connect("lobby", ann, key_id=await key_of(bench, ann))
        await trio.sleep(1)
        link.hears_close()
        await trio.sleep(1)
        asked = []

        async def broken(write: object) -> object:
            asked.append(write)
            if len(asked) == 1:
                raise RuntimeError("a bug")
            return False

        monkeypatch.setattr(bench.runtime.storage, "submit", broken)
        await trio.sleep(120)
        assert len(asked) == 2
        monkeypatch.undo()
        await trio.sleep(60)
        assert await used_at(bench.runtime.store, ann) == [pytest.approx(START + 1000, abs=1000)]

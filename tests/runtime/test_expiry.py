"""What has expired takes no room for ever."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.wire.scripted import START, Bench, open_bench
from trichat.core.model import User
from trichat.runtime import expiry
from trichat.store.logins import EndLogin
from trichat.store.tickets import AddTicket, Ticket

DAY = 86_400_000


async def test_logins_and_tickets_go_some_time_after_their_end(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "ROWS_PER_WRITE", 2)  # several writes
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        for number in range(5):
            await leave(bench, ann, f"soon {number}", START + 1000)
        await leave(bench, ann, "late", START + DAY)
        await trio.sleep(expiry.KEPT_BEYOND / 1000)
        assert len(await ended(bench)) == 6  # the wall clock may be set back
        await trio.sleep(expiry.ROUND_EVERY + 2)
        assert await ended(bench) == {"late"}
        assert await tickets(bench) == ["late"]


async def test_a_fault_in_clearing_ends_no_server(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path) as bench:
        asked = []

        async def broken(write: object) -> None:
            asked.append(write)
            raise RuntimeError("a bug")

        monkeypatch.setattr(bench.runtime.storage, "submit", broken)
        await trio.sleep(expiry.ROUND_EVERY * 3 + 1)
        assert len(asked) == 3
        monkeypatch.undo()


async def leave(bench: Bench, user: User, name: str, expires_at: int) -> None:
    storage = bench.runtime.storage
    await storage.submit(EndLogin(name, user.id, START, expires_at))
    ticket = Ticket(user.id, name, None, expires_at)
    await storage.submit(AddTicket(name, ticket, START, expires_at, 99))


async def ended(bench: Bench) -> set[str]:
    names = {"late", *(f"soon {number}" for number in range(5))}
    return await bench.runtime.store.ended_logins(names)


async def tickets(bench: Bench) -> list[str]:
    db = bench.runtime.store._writer  # type: ignore[attr-defined]
    return [digest for (digest,) in db.execute("SELECT digest FROM tickets")]

"""A SQLite store under a test's thumb: it can be held, broken and lied to."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import trio

from trichat.store.port import OnOutcomes, Outcome, Write
from trichat.store.sqlite import Inline, SqliteStore


class Held(SqliteStore):
    """gate: closed, no write gets through. groups: how many writes each transaction had.
    write_fails, forgets: raise before, or after, the transaction. reads_fail: every read raises.
    mute: what became of a transaction is not said.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gate = trio.Event()
        self.gate.set()
        self.groups: list[int] = []
        self.write_fails: Exception | None = None
        self.forgets: Exception | None = None
        self.reads_fail: Exception | None = None
        self.mute: Exception | None = None
        self.before_write: Callable[[Sequence[Write]], Awaitable[None]] | None = None

    @classmethod
    async def at(cls, folder: Path) -> "Held":
        store = await cls.open(folder / "trichat.db", offload=Inline)
        assert isinstance(store, cls)
        return store

    def close_gate(self) -> None:
        self.gate = trio.Event()

    async def write(
        self, writes: Sequence[Write], batch: str | None = None, then: OnOutcomes | None = None
    ) -> Sequence[Outcome]:
        await self.gate.wait()
        self.groups.append(len(writes))
        if self.before_write is not None:
            await self.before_write(writes)
        if self.write_fails is not None:
            raise self.write_fails
        outcomes = await super().write(writes, batch)
        if self.forgets is not None:
            raise self.forgets
        return outcomes

    async def commit_status(self, batch: str) -> Sequence[Outcome] | None:
        if self.mute is not None:
            raise self.mute
        return await super().commit_status(batch)

    async def _read(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        if self.reads_fail is not None:
            raise self.reads_fail
        return await super()._read(query, *args, **kwargs)

    _look_up = _read

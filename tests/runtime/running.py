"""A whole runtime over a real database file, with one plain dialect."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
import trio.testing
from attrs import evolve, frozen

from tests.runtime.listeners import Plain, Recorder
from tests.runtime.stores import Held
from tests.store.ledger import NOW, Ledger
from trichat.auth.passwords import Passwords
from trichat.auth.tokens import Tokens
from trichat.core.answers import Done
from trichat.core.commands import RoomCommand
from trichat.core.model import Room, User
from trichat.core.refusals import Refusal
from trichat.runtime.rooms import Envelope
from trichat.runtime.server import Runtime, open_runtime
from trichat.settings import Settings

SECRET = b"bm90IGEgc2VjcmV0IGF0IGFsbCwgZm9yIHRlc3RzIGFsb25l"


@frozen(eq=False)
class Running:
    """ledger: somebody who writes to the same database past this runtime, as another node."""

    runtime: Runtime
    store: Held
    ledger: Ledger
    dialect: Plain

    def listener(
        self, user: User, *rooms: Room, journal: list[str] | None = None, follows: bool = False
    ) -> Recorder:
        feeds = self.runtime.feeds
        listener = Recorder(user, self.dialect, feeds=feeds, follows=follows, journal=journal)
        self.runtime.connections.connect(listener)
        for room in rooms:
            listener.enter(room)
        return listener

    def go(self, listener: Recorder, *rooms: Room) -> None:
        for room in rooms:
            listener.leave(room)
        self.runtime.connections.disconnect(listener)
        self.runtime.connections.closed()

    async def batch(
        self, room: Room, *asked: tuple[User, RoomCommand], journal: list[str] | None = None
    ) -> list[Done | Refusal]:
        """The outcomes of commands that the actor takes as one batch."""
        outcomes: list[Done | Refusal] = []
        done = trio.Event()

        def reply(outcome: Done | Refusal) -> None:
            outcomes.append(outcome)
            if journal is not None:
                journal.append(f"answer {len(outcomes)}")
            if len(outcomes) == len(asked):
                done.set()

        for by, command in asked:
            await self.runtime.directory.send(room, Envelope(command, by, reply))
        with trio.fail_after(60):
            await done.wait()
        await trio.testing.wait_all_tasks_blocked()
        return outcomes


def configured(**groups: dict[str, Any]) -> Settings:
    """The defaults but for these; and listeners that do not end are not waited for."""
    groups = {"server": {"drain_deadline": 0.0}, **groups}
    settings = Settings()
    values = {name: evolve(getattr(settings, name), **changed) for name, changed in groups.items()}
    return evolve(settings, **values)


@asynccontextmanager
async def running(path: Path, settings: Settings | None = None) -> AsyncIterator[Running]:
    store, dialect = await Held.at(path), Plain()
    tokens = Tokens(SECRET, lifetime=1800)
    passwords = Passwords(2, time_cost=1, memory_cost=8, parallelism=1)
    async with open_runtime(
        settings or configured(), store, [dialect], tokens=tokens, passwords=passwords,
        clock=lambda: NOW,
    ) as runtime:  # fmt: skip
        yield Running(runtime, store, Ledger(store), dialect)

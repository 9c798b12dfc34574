"""An outbox at work on a link whose kernel takes what a test says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from trio.testing import wait_all_tasks_blocked

from tests.core.cast import ALICE
from tests.runtime.listeners import Plain, Recorder
from trichat.core.model import User
from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch, Part
from trichat.runtime.subscription import Gate
from trichat.wire.link import (
    Closed,
    LinkLostError,
    Pause,
    Received,
    Taken,
    let_others_run,
    unnoticed,
)
from trichat.wire.outbox import Outbox

LIMIT = 1000


class Kernel:
    """A link whose kernel takes `space` bytes and then waits for the peer; None: any number.

    wire: what it took, as the peer reads it. given, writes: what it was given to wait for, and how
    often.
    """

    pings = True
    fragments = True
    window = None
    descriptor = None

    def __init__(self) -> None:
        self.space: int | None = None
        self.wire = b""
        self.writes = 0
        self.confirmed = 0  # bytes that left it for the peer's own kernel
        self.given: list[bytes | memoryview] = []
        self.lost = False
        self._room = trio.Event()

    @property
    def texts(self) -> list[str]:
        """The whole frames that reached the peer."""
        texts, rest = [], self.wire
        while rest:
            size, head = rest[1], 2
            if size == 126:
                size, head = int.from_bytes(rest[2:4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(rest[2:10], "big"), 10
            assert len(rest) >= head + size, "a frame is cut off"
            assert rest[0] == 0x81, "a frame begins within another"
            texts.append(rest[head : head + size].decode())
            rest = rest[head + size :]
        return texts

    def reads(self, count: int | None) -> None:
        """The peer reads so many bytes, or from now on all of them."""
        self.space = count
        self._room.set()

    def write_now(self, wire: bytes | memoryview) -> int:
        if self.lost:
            raise LinkLostError("gone")
        taken = len(wire) if self.space is None else min(self.space, len(wire))
        self.wire += wire[:taken]
        if self.space is not None:
            self.space -= taken
        return taken

    async def write(self, outgoing: Outgoing, taken: Taken = unnoticed) -> None:
        self.writes += 1
        wire = outgoing.wire
        self.given.append(wire)
        while wire:
            count = self.write_now(wire)
            if count:
                taken(count)
            if wire := wire[count:]:
                self._room = trio.Event()
                await self._room.wait()
        await trio.lowlevel.checkpoint()

    async def receive(self, pause: Pause = let_others_run) -> Received:
        return Closed(1006)

    def acknowledged(self) -> int:
        return self.confirmed

    async def close(self, code: int, reason: str = "") -> None: ...

    def abort(self) -> None: ...


class Owner(Recorder):
    """A listener whose frames go into an outbox."""

    def __init__(self, outbox: Outbox, user: User = ALICE) -> None:
        super().__init__(user, Plain())
        self.outbox = outbox
        self.slot = outbox.slot

    def put(self, batch: Batch) -> None:
        self.outbox.put(batch)

    def put_rest(self, batch: Batch, taken: int) -> None:
        self.outbox.put_rest(batch, taken)

    def hold(self, size: int, *, ephemeral: bool) -> bool:
        return self.outbox.hold(size, ephemeral=ephemeral)

    def let_go(self, size: int) -> None:
        self.outbox.let_go(size)


class Desk:
    """An outbox at work, and before it a gate that waits until the test opens it. said: what the
    outbox told its session.
    """

    def __init__(self, *, limit: int = LIMIT) -> None:
        self.link = Kernel()
        self.said: list[str] = []
        self.outbox = Outbox(
            self.link,
            limit,
            on_lost=lambda: self.said.append("lost"),
            on_overflow=lambda: self.said.append("overflow"),
        )
        self.gate = Gate(self.outbox)

    def put(self, *words: str, ephemeral: bool = False) -> None:
        """Into the outbox."""
        self.outbox.put(batch(*words, ephemeral=ephemeral))

    def offer(self, *words: str, seq: int | None = None, ephemeral: bool = False) -> None:
        """By the gate."""
        self.gate.offer(batch(*words, seq=seq, ephemeral=ephemeral))


def batch(*words: str, seq: int | None = None, ephemeral: bool = False) -> Batch:
    return Batch([Part(seq, frames.text(word.encode()), ephemeral) for word in words])


@asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.outbox.run)
        await wait_all_tasks_blocked()
        yield
        nursery.cancel_scope.cancel()


def of(size: int, letter: str = "x") -> str:
    """A text whose frame has so many bytes."""
    return letter * (size - (2 if size < 128 else 4 if size < 65_540 else 10))

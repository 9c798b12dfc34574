"""The only writer of its connection.

put() never awaits and never raises. When nothing is queued it writes at once, from the producer's
task; what the kernel does not take is queued, and while anything is queued everything is, so the
order stands. The writer task joins what is queued and writes it in one go.
"""

from collections import deque
from collections.abc import Callable

import trio

from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch, Part
from trichat.wire.link import Link, LinkLostError


class Outbox:
    """limit: bytes that may wait. on_lost: the connection is gone. on_overflow: the peer reads
    less than it is sent. Either is called once, and nothing is taken any more.

    Begins on hold: pushes wait until release(), answers do not.
    """

    def __init__(
        self,
        link: Link,
        limit: int,
        *,
        on_lost: Callable[[], None],
        on_overflow: Callable[[], None],
    ) -> None:
        self._link = link
        self._limit = limit
        self._on_lost = on_lost
        self._on_overflow = on_overflow
        self._queue: deque[tuple[Outgoing, int]] = deque()
        self._waiting = 0  # counted bytes, queued or being written
        self._held: list[Part] | None = []
        self._writing = False
        self._sealed = False
        self._wake = trio.Event()
        self._flushed = trio.Event()

    @property
    def waiting(self) -> int:
        """Bytes that the peer has not taken yet; paced answers are not counted."""
        return self._waiting

    # -- putting

    def put(self, batch: Batch) -> None:
        """A push."""
        if self._sealed:
            return
        if self._held is None:
            self._write(batch.joined, passing=batch.passing)
            return
        self._held.extend(batch.parts)
        self._waiting += len(batch.joined.wire)
        if self._waiting > self._limit:
            self._seal(self._on_overflow)

    def answer(self, payload: bytes) -> None:
        """A text message to this peer alone; a hold does not keep it."""
        self.answer_frame(frames.text(payload))

    def answer_frame(self, frame: Outgoing) -> None:
        """The same for a ready frame, such as a pong."""
        if not self._sealed:
            self._write(frame, passing=False)

    async def answer_paced(self, payload: bytes) -> None:
        """An answer of any size: it waits for the peer to read and does not count as waiting."""
        if self._sealed:
            return
        self._queue.append((frames.text(payload), 0))
        self._wake.set()
        await self.flush()

    def _write(self, outgoing: Outgoing, *, passing: bool) -> None:
        if not self._queue and not self._writing:
            try:
                taken = self._link.write_now(outgoing.wire)
            except LinkLostError:
                self._seal(self._on_lost)
                return
            if taken == len(outgoing.wire):
                return
            if taken:
                outgoing, passing = Outgoing(outgoing.wire[taken:]), False
        size = len(outgoing.wire)
        if passing and self._waiting + size > self._limit // 2:
            return
        self._queue.append((outgoing, size))
        self._waiting += size
        if self._waiting > self._limit:
            self._seal(self._on_overflow)
        self._wake.set()

    # -- holding

    def hold(self) -> None:
        """Pushes wait from now on, so that history can go before them."""
        if self._held is None:
            self._held = []

    def release(self, upto: int = 0) -> None:
        """Let go of what was held, but events numbered up to `upto`, which history has told."""
        held, self._held = self._held or [], None
        self._waiting -= sum(len(part.frame.wire) for part in held)
        parts = [part for part in held if part.seq is None or part.seq > upto]
        if parts:
            self.put(Batch(parts))

    # -- ending

    def seal(self) -> None:
        """Take nothing any more; what is queued is still written."""
        self._sealed = True
        self._wake.set()

    def _seal(self, tell: Callable[[], None]) -> None:
        """The peer is lost, or as good as lost: what is queued is dropped."""
        self._sealed = True
        self._queue.clear()
        self._wake.set()
        tell()

    async def flush(self) -> None:
        """Until nothing waits for the peer."""
        while self._queue or self._writing:
            await self._flushed.wait()

    async def run(self) -> None:
        """The writer task; it ends when the outbox is sealed and empty."""
        while True:
            while not self._queue:
                self._flushed.set()
                if self._sealed:
                    return
                self._wake = trio.Event()
                await self._wake.wait()
            self._flushed = trio.Event()
            queued = list(self._queue)
            self._queue.clear()
            self._writing = True
            try:
                await self._link.write(frames.join([outgoing for outgoing, _ in queued]))
            except LinkLostError:
                self._seal(self._on_lost)
            finally:
                self._writing = False
                self._waiting -= sum(size for _, size in queued)

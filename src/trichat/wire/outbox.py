"""What goes out on a connection, and in which order.

put() never awaits and never raises. When nothing is queued it writes at once, from the producer's
task; what the kernel does not take is queued, and while anything is queued everything is, so the
order stands. The writer task joins what is queued and writes it, some at a time.

A peer is ended for what it does not take, never for the size of a frame (all-23): any frame may
wait while what waits before it is within the limit.

While a push would go out at once and as it is, the outbox's slot is clear, and a fan-out may write
to it itself.
"""

from collections.abc import Callable

import trio

from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch, Slot
from trichat.wire.link import Link, LinkLostError

# Beyond its limit a peer has PATIENCE seconds to take some byte: a round trip around the world and
# a lost packet. It is ended at HARD_LIMIT times the limit in any case.
PATIENCE, HARD_LIMIT = 2.0, 4

# Bytes up to which queued frames are joined for one write. A longer frame goes as it is: its bytes
# are shared by all who are sent it.
JOINED = 65_536


class Outbox:
    """limit: bytes that may wait. on_lost: the connection is gone. on_overflow: the peer reads
    less than it is sent. Either is called once, and nothing is taken any more.
    """

    # There are thousands of them.
    __slots__ = (
        "_acknowledged",
        "_behind",
        "_corked",
        "_descriptor",
        "_limit",
        "_link",
        "_on_lost",
        "_on_overflow",
        "_pushes",
        "_queue",
        "_queued",
        "_sealed",
        "_start",
        "_taken_at",
        "_waiting",
        "_wake",
        "_writes",
        "_writing",
        "_written",
        "held",
        "slot",
    )  # fmt: skip

    def __init__(
        self,
        link: Link,
        limit: int,
        *,
        on_lost: Callable[[], None],
        on_overflow: Callable[[], None],
    ) -> None:
        self.slot = Slot()
        self._descriptor = self.slot.descriptor = link.descriptor
        self._link = link
        self._limit = limit
        self._on_lost = on_lost
        self._on_overflow = on_overflow
        self._queue: list[tuple[Outgoing, int]] = []
        self._behind: list[tuple[Outgoing, int]] | None = None  # messages behind one in fragments
        self._waiting = 0  # counted bytes, queued or being written
        self._taken_at = 0.0  # when the peer last took a byte of what waits
        self._acknowledged = 0  # what the link said then
        self._corked: list[Outgoing] = []
        self._pushes = True  # whether any are taken
        self.held = 0  # bytes of pushes that wait elsewhere
        self._writing = False
        self._queued = self._writes = 0  # how many were ever queued, and how many of these written
        self._written = trio.Event()
        self._sealed = False
        self._start: Callable[[], None] | None = None
        self._wake: trio.Event | None = None  # of the writer, once it was started

    @property
    def waiting(self) -> int:
        """Bytes that the peer has not taken yet; answers with backpressure are not counted."""
        return self._waiting

    def open(self, start: Callable[[], None]) -> None:
        """start: begins run() in a task. Called once, when something waits for the first time."""
        self._start = start
        if self._queue:
            self._call_writer()

    def _text(self, payload: bytes) -> Outgoing:
        return frames.text(payload)

    def end_pushes(self) -> None:
        """Take no pushes any more, for good; answers still are."""
        self._pushes = False
        self._descriptor = self.slot.descriptor = None

    def _open_slot(self) -> None:
        """If nothing waits any more; whatever begins to wait closes it at once."""
        waits = self._corked or self._queue or self._writing or self._sealed
        if not waits and self._behind is None:
            self.slot.descriptor = self._descriptor

    def _call_writer(self) -> None:
        if self._wake is not None:
            self._wake.set()
        elif self._start is not None:
            self._wake = trio.Event()
            self._start()

    # -- putting

    def put(self, batch: Batch) -> None:
        """A push."""
        if self._pushes and not self._sealed:
            self._write(batch.joined, batch.ephemeral)

    def hold(self, size: int, *, ephemeral: bool) -> bool:
        """Count so many bytes of pushes that wait elsewhere; False where they have to be dropped,
        and perhaps the peer with them.
        """
        if not self._pushes or self._sealed or not self._may_wait(ephemeral):
            return False
        self._waiting += size
        self.held += size
        return True

    def let_go(self, size: int) -> None:
        """They do not wait any more."""
        self._waiting -= size
        self.held -= size

    def answer(self, payload: bytes) -> None:
        """A text message to this peer alone."""
        self.answer_frame(self._text(payload))

    def answer_frame(self, frame: Outgoing) -> None:
        """The same for a ready frame, such as a pong."""
        if not self._sealed:
            self._write(frame, False)

    def cork(self, payload: bytes) -> None:
        """An answer that goes out in one write with what comes next, which is most often the push
        of what was asked; uncork() has to follow in case nothing comes.
        """
        if not self._sealed:
            self.slot.descriptor = None
            self._corked.append(self._text(payload))

    def uncork(self) -> None:
        """Let nothing wait for what may come."""
        if self._corked:
            corked, self._corked = self._corked, []
            self._open_slot()
            self._write(frames.join(corked), False)

    async def answer_with_backpressure(self, *payloads: bytes) -> None:
        """An answer of any size, one message or more: it waits for the peer to read and does not
        count as waiting.
        """
        self.uncork()
        if not self._sealed:
            self._write(frames.join(list(map(self._text, payloads))), False, counted=False)
            await self._until_written()

    @property
    def fragments(self) -> bool:
        """Whether a message may go out in fragments."""
        return self._link.fragments

    async def answer_fragment(self, payload: bytes, *, last: bool = False) -> None:
        """A piece of one text message that is made as the peer takes it: waits until it is taken.

        Until the last piece other messages wait behind it; pings and pongs go in between. After
        the first piece either the last one or abandon() has to follow.
        """
        if self._sealed:
            return
        first = self._behind is None
        if first:
            self.uncork()
            self.slot.descriptor, self._behind = None, []
        self._send(frames.fragment(payload, first=first, last=last), False, counted=False)
        if last:
            behind, self._behind = self._behind or [], None
            for outgoing, size in behind:
                self._waiting -= size
                if not self._sealed:
                    self._send(outgoing, False)
            self._open_slot()
        await self._until_written()

    def abandon(self) -> None:
        """A message in fragments has no end: no other one can follow it."""
        if self._behind is not None:
            self._behind.clear()
            self.seal()

    async def _until_written(self) -> None:
        """Until the peer has taken all that is queued now."""
        last = self._queued
        await trio.lowlevel.checkpoint()
        while self._writes < last and self._at_work:
            await self._written.wait()

    def _write(self, outgoing: Outgoing, ephemeral: bool, counted: bool = True) -> None:
        if self._corked:
            outgoing, ephemeral = frames.join([*self._corked, outgoing]), False
            self._corked = []
            self._open_slot()
        if self._behind is None or not outgoing.payloads:
            self._send(outgoing, ephemeral, counted)
        elif self._may_wait(ephemeral):
            size = len(outgoing.wire)
            self._behind.append((outgoing, size))
            self._waiting += size

    def _send(self, outgoing: Outgoing, ephemeral: bool, counted: bool = True) -> None:
        if not self._queue and not self._writing:
            try:
                taken = self._link.write_now(outgoing.wire)
            except LinkLostError:
                self._lose()
                return
            if taken == len(outgoing.wire):
                return
            if taken:
                self._queue_up(frames.rest(outgoing, taken), counted)
                return
        if not counted or self._may_wait(ephemeral):
            self._queue_up(outgoing, counted)

    def put_rest(self, batch: Batch, taken: int) -> None:
        """A push of which so many bytes were written directly."""
        self._queue_up(frames.rest(batch.joined, taken), True)

    def _queue_up(self, outgoing: Outgoing, counted: bool) -> None:
        """Whatever waits: what is half out has to be ended before any other frame."""
        if not self._at_work:
            self._taken()
        size = len(outgoing.wire) if counted else 0
        self.slot.descriptor = None
        self._queue.append((outgoing, size))
        self._queued += 1
        self._waiting += size
        self._call_writer()

    def _may_wait(self, ephemeral: bool) -> bool:
        """Whether one more frame may, of whatever size; if not, and it matters, that is the end."""
        if ephemeral and self._waiting > self._limit // 2:
            return False
        if not self.is_behind(self._waiting):
            return True
        self._overflow()
        return False

    def is_behind(self, waiting: int) -> bool:
        """Whether so many bytes are more than a peer may leave waiting, given what it takes."""
        if waiting <= self._limit:
            return False
        return waiting > HARD_LIMIT * self._limit or self._is_stuck()

    def _is_stuck(self) -> bool:
        """Our kernel wakes us when a good part of its buffer is free, which a slow peer may need
        more than PATIENCE for: they differ from a dead one by what their kernel has acknowledged.
        """
        if not self._at_work or trio.current_time() - self._taken_at <= PATIENCE:
            return False
        if self._link.acknowledged() <= self._acknowledged:
            return True
        self._taken()
        return False

    # -- ending

    def seal(self) -> None:
        """Take nothing any more; what is queued is still written."""
        self.uncork()
        self._sealed = True
        self.slot.descriptor = None
        if self._wake is not None:
            self._wake.set()

    def _overflow(self) -> None:
        """What is queued is dropped, but its head: it may be the rest of a frame half out, and
        the close frame must not fall into that.
        """
        del self._queue[1:]
        if self._behind:
            self._behind = []
        self._corked.clear()
        self.seal()
        self._on_overflow()

    def _lose(self) -> None:
        self._queue.clear()
        self._corked.clear()
        self.seal()
        self._wake_waiters()
        self._on_lost()

    def forget(self) -> None:
        """Whose it was: nothing is lost any more, and owner and outbox do not hold each other."""
        self._on_lost = self._on_overflow = _nobody
        self._start = None

    async def flush(self) -> None:
        """Until nothing waits for the peer."""
        while self._at_work:
            await self._written.wait()

    @property
    def _at_work(self) -> bool:
        return self._writing or bool(self._queue)

    def _wake_waiters(self) -> None:
        self._written.set()
        self._written = trio.Event()

    async def run(self) -> None:
        """The writer task; it ends when the outbox is sealed and empty."""
        while True:
            while not self._queue:
                if self._sealed:
                    return
                self._wake = trio.Event()
                await self._wake.wait()
            await self._write_queued()

    async def _write_queued(self) -> None:
        queued = self._next()
        self._writing = True
        try:
            await self._link.write(frames.join([outgoing for outgoing, _ in queued]), self._taken)
        except LinkLostError:
            self._lose()
        finally:
            self._writing = False
            self._waiting -= sum(size for _, size in queued)
            self._writes += len(queued)
            self._open_slot()
            self._wake_waiters()

    def _next(self) -> list[tuple[Outgoing, int]]:
        """The first that are queued, as many as are joined."""
        number, size = 0, 0
        for outgoing, _ in self._queue:
            size += len(outgoing.wire)
            if number and size > JOINED:
                break
            number += 1
        queued = self._queue[:number]
        del self._queue[:number]
        return queued

    def _taken(self, count: int = 0) -> None:
        self._taken_at = trio.current_time()
        self._acknowledged = self._link.acknowledged()


def _nobody() -> None:
    pass

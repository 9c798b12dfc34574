"""One connection: the task that reads, and a writer beside it once something has to wait.

To rooms a session is a Listener. It pipelines commands to one room; a command for another room,
and any answer it makes itself, waits until those are answered, so that answers come in the order
of requests (all-11) and a flooder fills nobody's inbox.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf

import trio

from trichat.core.answers import Done, Outcome
from trichat.core.commands import RoomCommand, Say
from trichat.core.model import Room
from trichat.core.refusals import Failed, Refusal
from trichat.core.requests import Request
from trichat.dialects.disconnects import BROKEN, DisconnectReason
from trichat.dialects.port import Close, Dialect, Reply
from trichat.runtime import frames, metrics
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.store.health import StoreError
from trichat.wire.deflating import outbox_for
from trichat.wire.departure import depart, write_out
from trichat.wire.heartbeat import Heartbeat, Pace
from trichat.wire.link import Binary, Broken, Closed, Link, Ping, Received, Text
from trichat.wire.participant import Participant
from trichat.wire.pauses import Pauses
from trichat.wire.pipeline import Pipeline
from trichat.wire.resumption import Resumption

_log = logging.getLogger(__name__)

NO_STATUS, ABNORMAL = 1005, 1006


CarryOut = Callable[["Session", Request], Awaitable[None]]
Greet = Callable[["Session"], Awaitable[None]]
Take = Callable[[Done | Refusal], None]


class Session(Participant):
    """carry_out: does what an ask asks; greet: what comes before the first frame is read."""

    def __init__(
        self,
        runtime: Runtime,
        link: Link,
        dialect: Dialect,
        identity: Identity,
        pace: Pace,
        *,
        carry_out: CarryOut,
        greet: Greet,
    ) -> None:
        outbox = outbox_for(
            link,
            runtime.settings.limits.outbox_bytes,
            on_lost=self._lost,
            on_overflow=lambda: self.end(DisconnectReason.TOO_SLOW),
        )
        super().__init__(runtime, dialect, identity, outbox)
        self.paging = False  # whether a long answer is under way, which a drain lets end
        self.resumption: Resumption | None = None
        self._link = link
        self._carry_out = carry_out
        self._greet = greet
        self._meter = runtime.metrics.dialect(dialect.name)
        self._end: tuple[int, str, str] | None = None  # code, reason, by whom
        self._began = inf  # until it is open
        self._gone = False
        self._scope = trio.CancelScope()
        self._writing = trio.CancelScope(shield=True)  # until write_out(), which has a deadline
        self._reading = trio.CancelScope()
        self._draining = self._in_turn = False  # in turn: its time to depart has come
        self._heartbeat = Heartbeat(self, link, pace)
        pauses = Pauses(runtime.rests, self.user.id)
        depth = runtime.settings.limits.pipeline
        self._pipeline = Pipeline(runtime.directory, depth, self.outbox.uncork, pauses)

    def resume(self, asked: str) -> None:
        """It shall say where it stands, and what was missed. asked: a cursor, or "1" for none."""
        self.resumption = Resumption(self, asked)

    @property
    def placed(self) -> bool:
        return self.resumption is not None

    # -- the life of a connection

    def open(self) -> None:
        """It counts and gets frames from here on; run() must follow."""
        self._began = trio.current_time()
        self.runtime.connections.connect(self)

    async def run(self) -> None:
        """Until it ends, for whatever reason. Cancelled from outside it still writes what is
        queued and the close frame, in bounded time.
        """
        if self._began == inf:
            self.open()
        try:
            async with trio.open_nursery() as nursery:
                self.outbox.open(partial(self._begin_writing, nursery))
                try:
                    await self._take_part()
                finally:
                    await write_out(self, self._heartbeat.pace.flush)
                    self._writing.cancel()
        finally:
            await self._let_go()

    def _begin_writing(self, nursery: trio.Nursery) -> None:
        # Called by whoever puts: the log shall name this connection, not the producer's.
        context = nursery.parent_task.context.copy()
        context.run(nursery.start_soon, self._write)

    async def _write(self) -> None:
        with self._writing:
            await self._contained(self.outbox.run)

    async def _take_part(self) -> None:
        self._heartbeat.begin()
        try:
            with self._scope:
                await self._contained(self._converse)
        finally:
            self._heartbeat.stop()
            self.end(DisconnectReason.GOING_AWAY)  # if nobody has said why: we are cancelled
            await depart(self, in_turn=self._in_turn)

    async def _let_go(self) -> None:
        """The close frame goes out also when we are cancelled; close() is bounded by itself."""
        ends = DisconnectReason.GOING_AWAY
        code, reason, by = self._end or (self.dialect.codes[ends], ends.reason, metrics.SERVER)
        if self._gone:
            code, by = ABNORMAL, metrics.PEER
        try:
            if self._gone:
                self._link.abort()
            else:
                await self._link.close(code, reason)
        finally:
            self.outbox.forget()
            del self._heartbeat  # it knows us: no cycle is left for the collector
            self.resumption = None  # so does this
            self.runtime.connections.closed()
            seconds = trio.current_time() - self._began
            self._meter.closed(code, by, seconds)
            fields = {"code": code, "by": by, "seconds": round(seconds, 3)}
            _log.info("connection closed", extra=fields)

    async def _contained(self, task: Callable[[], Awaitable[None]]) -> None:
        try:
            await task()
        except Exception:
            _log.exception("a %s session failed", self.dialect.name)
            self.end(DisconnectReason.FAILED)

    # -- ending

    def end(self, cause: DisconnectReason, reason: str = "") -> None:
        """End now. reason: the words of the close frame, where they are not the cause's own."""
        last = self.dialect.part(cause, reason, self.runtime.clock())
        if last is not None and not self.ended:
            self.outbox.answer(last)
        self.hang_up(self.dialect.codes[cause], reason or cause.reason)

    def hang_up(self, code: int, reason: str = "", *, by_peer: bool = False) -> None:
        """End now, with this close code; the first reason given counts. by_peer: who sent it."""
        if self._end is None:
            self._end = code, reason, metrics.PEER if by_peer else metrics.SERVER
            self.hear_no_more()
            self._scope.cancel()

    def _lost(self) -> None:
        self._gone = True
        self.hang_up(ABNORMAL)

    def drain(self) -> None:
        self._draining = True
        if not self.paging:
            self._reading.cancel()

    @property
    def ended(self) -> bool:
        """Whether it takes part in nothing any more."""
        return self._end is not None

    # -- reading

    async def _converse(self) -> None:
        with self._reading:
            try:
                await self._greet(self)
            except StoreError:
                _log.exception("a %s session could not begin", self.dialect.name)
                self.end(DisconnectReason.STORAGE_FAILED)
            await self._read()
        if self._draining:
            await self._drain_in_time()
            self.end(DisconnectReason.GOING_AWAY)

    async def _read(self) -> None:
        heartbeat, pauses = self._heartbeat, self._pipeline.pauses
        strikes = refused = 0
        most = self.runtime.settings.limits.bad_frames
        while not self.ended and not self._draining:  # a link may have more without a checkpoint
            heartbeat.listen()
            received = await self._link.receive(pauses)
            heartbeat.heard()
            if isinstance(received, Text | Binary):
                reply = await self._take(received)
                if reply is None:
                    strikes = refused = 0
                    continue
                refused += 1
                strikes = strikes + 1 if reply.strike else 0
                if strikes == self.dialect.strikes or refused >= most:
                    self._end_counted(DisconnectReason.NONSENSE)
                    return
            elif not await self._control(received):
                return

    def _end_counted(self, why: DisconnectReason) -> None:
        self._meter.error(why.reason)
        self.end(why)

    async def _take(self, received: Text | Binary) -> Reply | None:
        """The answer, where the frame asked for nothing that can be done."""
        request: Request | None = None
        try:
            if isinstance(received, Text):
                decoded = self.dialect.decode(received.data)
            else:
                decoded = self.dialect.decode_binary(received.data)
            if isinstance(decoded, Reply):
                await self.drained()
                self._reply(decoded, self.outbox.answer)
                return decoded
            if isinstance(decoded, Close):
                await self._drain_in_time()
                self.end(decoded.cause)
            else:
                request = decoded
                await self._carry_out(self, request)
        except Exception:
            _log.exception("a %s frame could not be carried out", self.dialect.name)
            await self.drained()
            reply = self.dialect.refuse(request, Failed(), self.runtime.clock())
            self._reply(reply, self.outbox.answer)
        return None

    async def _control(self, received: Received) -> bool:
        """Whether more can come."""
        match received:
            case Ping(payload):
                self.outbox.answer_frame(frames.pong(payload))
            case Closed(code):
                await self.runtime.turns.take()  # a network's fault closes thousands at once
                self._in_turn = True
                await self._drain_in_time()
                self._gone = code == ABNORMAL
                unsaid = code in (NO_STATUS, ABNORMAL)
                self.hang_up(DisconnectReason.CLOSED.code if unsaid else code, by_peer=True)
                return False
            case Broken(code):
                await self._drain_in_time()
                why = BROKEN[code]
                if why is DisconnectReason.FLOOD:
                    self._end_counted(why)
                self.end(why)
                return False
        return True

    # -- commands to rooms, and their answers

    async def command(self, room: Room, command: RoomCommand, request: Request) -> None:
        """A command whose outcome is the ask's answer."""
        await self.command_with(room, command, lambda outcome: self.answer(request, outcome))

    async def command_with(self, room: Room, command: RoomCommand, take: Take) -> None:
        """A command whose outcome goes to `take`, in the actor's step."""
        answered = partial(self._answered, room, command, take)
        await self._pipeline.send(room, command, self.user, answered)

    def _answered(
        self, room: Room, command: RoomCommand, take: Take, outcome: Done | Refusal
    ) -> None:
        """In the actor's step. A fault here ends the session: else its peer would wait for ever."""
        if isinstance(command, Say) and isinstance(outcome, Done) and not outcome.again:
            self._meter.said[room.kind].inc()
        if self.ended:
            return
        try:
            take(outcome)
        except Exception:
            _log.exception("a %s session could not be answered", self.dialect.name)
            self.end(DisconnectReason.FAILED)

    async def drained(self) -> None:
        """Until nothing is in flight."""
        await self._pipeline.drained()

    async def _drain_in_time(self) -> None:
        """The same, but not for ever."""
        with trio.move_on_after(self._heartbeat.pace.settle):
            await self.drained()

    def answer(self, request: Request, answer: Outcome) -> None:
        """Put the dialect's frames for it into the outbox."""
        put = self.outbox.cork if self._pipeline.under_way else self.outbox.answer
        now = self.runtime.clock()
        if isinstance(answer, Refusal):
            self._reply(self.dialect.refuse(request, answer, now), put)
            return
        for payload in self.dialect.answer(request, answer, self.user, now):
            put(payload)

    def _reply(self, reply: Reply | None, put: Callable[[bytes], None]) -> None:
        """What is refused is counted by the document's word for it."""
        if reply is not None:
            if reply.word is not None:
                self._meter.error(reply.word)
            put(reply.payload)

    def retimed(self) -> None:
        self._heartbeat.retimed()

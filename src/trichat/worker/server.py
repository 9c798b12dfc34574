"""Hypercorn's TCPServer has the cures in their places here; each is explained in its own module.

Upgrade requests have a fast path beside it (fastpath.py), whose end is here.
"""

import os
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from math import inf
from typing import Any, ClassVar, cast

import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.trio.task_group import TaskGroup
from hypercorn.trio.tcp_server import MAX_RECV, TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import AppWrapper, ConnectionState, LifespanState
from hypercorn.utils import parse_socket_addr

from trichat.runtime.peraddress import ConnectionsPerAddress
from trichat.settings.addresses import UNIX
from trichat.wire.direct import half_close, receive_some, reset
from trichat.wire.handshake import EXTENSION, TERMINATED, Scope, Send, TLSStream
from trichat.wire.link import LinkLostError
from trichat.wire.streamed import end
from trichat.worker.admission import admit
from trichat.worker.containment import contain
from trichat.worker.crowds import ANSWER, NO_ROOM, address_of
from trichat.worker.descriptors import PROCESS
from trichat.worker.failures import honest
from trichat.worker.fastpath import Arrival, leads
from trichat.worker.gate import HeldConnection, Passage, Upgrade
from trichat.worker.heads import TellingProtocol, begun_by, bounded, size
from trichat.worker.limits import WorkerLimits
from trichat.worker.recycling import Idleness
from trichat.worker.upgrades import Address, Request
from trichat.worker.writes import Writer
from trichat.worker.yielding import yielding


class Server(TCPServer):
    """Serves one connection, in place of `hypercorn.trio.run.TCPServer` (install())."""

    limits: ClassVar = WorkerLimits()
    crowds: ClassVar = ConnectionsPerAddress()

    def __init__(
        self,
        app: AppWrapper,
        config: Config,
        context: WorkerContext,
        state: LifespanState,
        stream: TLSStream,
    ) -> None:
        # Stock's __init__ makes locks that nobody takes here.
        self.config, self.context, self.state, self.stream = config, context, state, stream
        self._stock_app: Any = app
        self._tls = isinstance(stream, trio.SSLStream)
        self._socket = (stream.transport_stream if self._tls else stream).socket
        self._reader: trio.lowlevel.Task | None = None
        self._upgrade: Upgrade | Arrival | None = None
        self._peer: Any = None

    async def run(self) -> None:
        if not PROCESS.takes(self._socket.fileno()):
            self._refuse()
            return
        due = trio.current_time() + self.limits.head_timeout
        with suppress(OSError):
            self._peer = self._socket.getpeername()
        address = self.limits.addresses.of(address_of(self._peer))
        welcome = self.crowds.enter(address, self.limits.connections_per_address)
        try:
            try:
                await contain(
                    partial(self._talk, due) if welcome else self._turn_away, self.config.log
                )
            finally:
                await self._run_session()
        finally:
            self.crowds.leave(address)
            self._socket.close()  # stock leaves it open when the TLS handshake failed
            vars(self).clear()  # its task and its protocol hold it

    def _refuse(self) -> None:
        """Close at once: while it lingers it would keep one of the last descriptors."""
        self.limits.observe("descriptors")
        if not self._tls:
            with suppress(OSError):
                os.write(self._socket.fileno(), NO_ROOM)
                os.read(self._socket.fileno(), MAX_RECV)  # unread it would reset the connection
        self._socket.close()

    async def _turn_away(self) -> None:
        """Refuse in words where these cost nothing; a TLS handshake costs more than it is worth."""
        self.limits.observe("address")
        if not self._tls:
            with suppress(OSError):
                os.write(self._socket.fileno(), ANSWER)
            await self._end()

    async def _talk(self, due: float) -> None:
        """Read and answer requests. due: when the first head must be here."""
        if self._peer is None:
            return  # gone already
        read = b""
        if (
            not self._tls
            and leads(self.config, self.state)
            and not self.context.terminated.is_set()
        ):
            read = await self._first(due)
            if read:
                read = await self._by_fast_path(read)
            if not read:
                return
        await self._by_long_way(due, read)

    async def _first(self, due: float) -> bytes:
        """Return what is read first; empty where nothing comes, or the worker ends."""
        with suppress(BlockingIOError):
            return os.read(self._socket.fileno(), MAX_RECV)
        with trio.CancelScope() as reading:
            idleness = Idleness(reading, self.context)
            idleness.begin(due)
            try:
                return await receive_some(self._socket, MAX_RECV)
            finally:
                idleness.end()
        return b""

    async def _by_fast_path(self, read: bytes) -> bytes:
        """Try the fast path; return what it leaves of what was read: all of it, or nothing."""
        request = Request.of(read, self.config)
        if request is None:
            return read
        scope = request.scope(*self._ends(), ConnectionState(self.state))
        if size(scope) > self.limits.head_bytes:
            return read
        arrival = Arrival(cast(trio.SocketStream, self.stream), request, self.context, self.limits)
        scope["extensions"][TERMINATED] = self.context.terminated
        scope["extensions"][EXTENSION] = self._upgrade = arrival
        await arrival.answer(self._stock_app, self.config, scope)
        if arrival.refused:
            await self._end()
        if arrival.accepted or arrival.refused:
            return b""
        self._stock_app, self._upgrade = arrival.repeat, None
        return read

    async def _by_long_way(self, due: float, read: bytes) -> None:
        """Do as Hypercorn's run(), but begin no task of its own and leave the socket open.

        due: when the first head must be here. read: what was read of it.
        """
        self._reader = trio.lowlevel.current_task()
        self._writer = Writer(self.stream, self.limits.write_timeout)
        self._reading = trio.CancelScope()
        self._idleness = Idleness(self._reading, self.context)
        if self._tls:
            try:
                with trio.fail_after(self.config.ssl_handshake_timeout):
                    await self.stream.do_handshake()
            except (trio.BrokenResourceError, trio.TooSlowError):
                return
        async with TaskGroup() as tasks:
            self._task_group = tasks
            self._protocol = TellingProtocol(
                cast(AppWrapper, self._serve),
                self.config,
                self.context,
                tasks,
                ConnectionState(self.state),
                self._tls,
                *self._ends(),
                self.protocol_send,
            )
            self._idleness.begin(due)
            try:
                await self._read_data(read)
            finally:
                self._idleness.end()

    def _ends(self) -> tuple[Address, Address]:
        """Return the peer's address and ours, as Hypercorn has them; a Unix socket's peer has a
        name.
        """
        family = self._socket.family
        ours = parse_socket_addr(family, self._socket.getsockname())
        if family is trio.socket.AF_UNIX:
            return (UNIX, 0), ours
        return parse_socket_addr(family, self._peer), ours

    async def _run_session(self) -> None:
        """Run what a detached connection is for, in this task and without Hypercorn's objects.

        A task that was cancelled meanwhile comes here too: the peer still gets its last frame.
        """
        session = self._upgrade.session if self._upgrade is not None else None
        if session is None:
            return
        for done in ("_upgrade", "_task_group", "_protocol", "_writer", "_reading", "_idleness"):
            vars(self).pop(done, None)
        await contain(session, self.config.log)

    # Handlers

    async def _serve(
        self, scope: Scope, receive: Any, send: Send, sync_spawn: Any, call_soon: Any
    ) -> None:
        async def stock(send: Send) -> None:
            await self._stock_app(scope, receive, send, sync_spawn, call_soon)

        app = bounded(scope, stock, self.limits.head_bytes)
        if app is not stock:
            self.limits.observe("head")
        if scope["type"] != "websocket":
            await app(send)
            return
        scope["extensions"][TERMINATED] = self.context.terminated
        send = honest(scope, yielding(send))
        held = self._held()
        if held is None:
            await app(send)
            return
        upgrade = Upgrade(self.stream, self._protocol, held)
        self._upgrade = upgrade
        scope["extensions"][EXTENSION] = upgrade
        try:
            await admit(upgrade, app, send, self.limits.admission_timeout)
        finally:
            held.open(Passage.REFUSED)
            scope["extensions"].clear()  # the upgrade holds the stream, which holds the scope

    def _held(self) -> HeldConnection | None:
        connection = self._protocol.connection
        return connection if isinstance(connection, HeldConnection) else None

    # Reading: the connection's first task

    async def _read_data(self, read: bytes = b"") -> None:
        """Read until the connection ends. read: what was read already."""
        try:
            ended_here = True
            with self._reading:
                ended_here = await self._pump(read)
            ended_idle = self._reading.cancelled_caught and self._idleness.lasts
            self._idleness.end()
            if self._is_taken():
                return
            if ended_idle:
                await self._answer_slow()
            if ended_here or self._tls:
                await self._end()
            await self._protocol.handle(Closed())
        except trio.Cancelled:
            self._writer.cut()
            raise

    async def _answer_slow(self) -> None:
        """Answer a head that has begun and did not come in time, if that is why we end."""
        if begun_by(self._protocol) and not self.context.terminated.is_set():
            self.limits.observe("slow")
            await self._protocol.refuse(HTTPStatus.REQUEST_TIMEOUT)

    async def _pump(self, read: bytes) -> bool:
        """Hand what comes to the protocol; True if we end it, False if the peer did."""
        while True:
            data, read = read or await self._receive(), b""
            await self._protocol.handle(RawData(data))
            if not data:
                return False
            if begun_by(self._protocol):
                self._idleness.within(self.limits.head_timeout)
            held = self._held()
            if held is not None and not await self._pass(held):
                return True

    async def _receive(self) -> bytes:
        with trio.move_on_after(self.config.read_timeout or inf):
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                return bytes(await self.stream.receive_some(MAX_RECV))
        return b""

    async def _pass(self, held: HeldConnection) -> bool:
        """Wait at the gate until the upgrade is answered; True if reading goes on behind it."""
        if held.answered.is_set():
            return held.passage is Passage.ACCEPTED
        websocket = self._protocol.stream
        if websocket is not None and websocket.closed:
            return False  # Hypercorn itself refused it: no handler will ever answer
        await held.answered.wait()
        if held.passage is Passage.ACCEPTED:
            await self._protocol.handle(RawData(b""))  # now it looks at what was held
        return held.passage is Passage.ACCEPTED

    async def _end(self) -> None:
        """Say that nothing more comes, and give the peer a while to read the last of it."""
        with (
            suppress(trio.BrokenResourceError, trio.ClosedResourceError),
            trio.move_on_after(self.limits.linger),
        ):
            if self._tls:
                await end(self.stream)
                return
            half_close(self._socket)
            while await self.stream.receive_some(MAX_RECV):
                pass

    # Writing: any task

    async def protocol_send(self, event: Event) -> None:
        if self._is_taken():
            return
        if isinstance(event, RawData):
            in_reader = trio.lowlevel.current_task() is self._reader
            try:
                await self._writer.write(event.data, shield=not in_reader)
            except LinkLostError:
                self._lose()
        elif isinstance(event, Closed):
            if not self._tls:
                half_close(self._socket)
            self._idleness.end()  # so that it ends here, and not for being idle
            self._reading.cancel()
        elif isinstance(event, Updated):
            if event.idle:
                self._idleness.begin(trio.current_time() + self.limits.keep_alive)
            else:
                self._idleness.end()

    def _lose(self) -> None:
        # The reading task sees it and notifies the handler, which has a while to end.
        reset(self._socket)
        scope = cast(trio.Nursery, self._task_group._nursery).cancel_scope
        scope.deadline = min(scope.deadline, trio.current_time() + self.limits.write_timeout)

    def _is_taken(self) -> bool:
        held = self._held()
        return held is not None and held.passage is Passage.TAKEN

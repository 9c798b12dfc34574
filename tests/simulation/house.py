"""One life of the server: everything below the HTTP server, until it is drained or killed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote

import trio

from tests.simulation.clients.base import Client
from tests.simulation.clients.surroundings import Person
from tests.simulation.disk import Disk, Hands, mounted
from tests.simulation.record import Record
from tests.simulation.wire import Stream, Wire
from trichat.auth.passwords import Passwords
from trichat.auth.tokens import Tokens
from trichat.core.model import User
from trichat.runtime.accounts import NotIdentifiedError
from trichat.runtime.server import Runtime, open_runtime
from trichat.settings import Settings
from trichat.store.health import StoreError
from trichat.store.port import OnOutcomes, Outcome, Write
from trichat.store.sqlite import SqliteStore
from trichat.web.endpoints import Endpoints
from trichat.web.sockets import Gateway
from trichat.wire.handshake import EXTENSION


class House:
    """What the world does with a server that lives. alive: until it is killed."""

    def __init__(self, runtime: Runtime, doors: Gateway, nursery: trio.Nursery, disk: Disk) -> None:
        self.runtime = runtime
        self.disk = disk
        self.alive = True
        self.stop = trio.Event()
        self.wires: list[Wire] = []
        self._doors = doors
        self._nursery = nursery
        self.killing = trio.CancelScope()

    def upgrade(self, record: Record, wire: Wire, target: str, headers: dict[str, str]) -> None:
        """A client's request has arrived."""
        self.wires.append(wire)
        self._nursery.start_soon(self._handle, record, wire, _scope(wire, target, headers))

    async def _handle(self, record: Record, wire: Wire, scope: dict[str, Any]) -> None:
        """What the HTTP server does around the application."""

        async def send(message: dict[str, Any]) -> None:
            await trio.lowlevel.checkpoint()
            if message["type"] == "websocket.accept":
                record.let_in[-1].append(trio.current_time())
                _answer(wire, 101)
            elif message["type"] == "websocket.http.response.start":
                _answer(wire, message["status"])

        try:
            await self._doors(scope, None, send)
            session = scope["extensions"][EXTENSION].session
            if session is not None:
                await session()
        except Exception as error:
            if self.alive:
                record.blame("handlers end well", f"{scope['path']}: {error!r}")
        finally:
            wire.socket.close()

    def rest(
        self,
        person: Person,
        call: Callable[[Runtime, User], Awaitable[Any]],
        answered: Callable[[Any], object],
    ) -> None:
        """A REST call, from the bearer's token on."""
        self._nursery.start_soon(self._rest, person, call, answered)

    async def _rest(
        self,
        person: Person,
        call: Callable[[Runtime, User], Awaitable[Any]],
        answered: Callable[[Any], object],
    ) -> None:
        try:
            identity = await self.runtime.accounts.identify(person.token)
            answer = await call(self.runtime, identity.user)
        except (NotIdentifiedError, StoreError):
            return
        if self.alive:
            answered(answer)

    async def live(self) -> None:
        """Until it is drained, or killed."""
        with self.killing:
            await self.stop.wait()
            await self.runtime.drain()

    def kill(self) -> None:
        """Nothing that it does from here on reaches anybody."""
        self.alive = False
        self.disk.dead = True
        for wire in self.wires:
            wire.reset()
        self.killing.cancel()


def _answer(wire: Wire, status: int) -> None:
    head = b"HTTP/1.1 %d it is\r\n\r\n" % status
    try:
        while head:
            head = head[wire.socket.write(head) :]
    except OSError:
        return  # the peer is gone: what reads on hears of it


class _Connection:
    """What the HTTP server lets be taken; a part of what came early is held."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.session: Callable[[], Awaitable[None]] | None = None

    def run(self, session: Callable[[], Awaitable[None]]) -> None:
        self.session = session

    def hijack(self) -> None:
        pass

    def detach(self) -> tuple[Stream, bytes]:
        try:
            held = self._wire.socket.read(64)
        except OSError:
            held = b""
        return Stream(self._wire.socket), held


def _scope(wire: Wire, target: str, headers: dict[str, str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "type": "websocket",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
        "extensions": {EXTENSION: _Connection(wire)},
    }


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("nothing goes past the doors")


@asynccontextmanager
async def open_house(
    settings: Settings, disk: Disk, tokens: Tokens, clock: Callable[[], int]
) -> AsyncIterator[House]:
    """Until it has closed. Raises what the opening raises."""
    endpoints = Endpoints(settings)
    with mounted(disk):
        store = await _Store.open(disk.at / "trichat.db", readers=1, offload=partial(_hands, disk))
        assert isinstance(store, _Store)
        store.disk = disk
        async with (
            open_runtime(
                settings,
                store,
                endpoints.dialects,
                tokens=tokens,
                passwords=Passwords(time_cost=1, memory_cost=8, parallelism=1),
                clock=clock,
            ) as runtime,
            trio.open_nursery() as nursery,
        ):
            house = House(runtime, Gateway(runtime, endpoints, _nowhere, nursery), nursery, disk)
            yield house
            nursery.cancel_scope.cancel()


class _Store(SqliteStore):
    """Whose answer may be lost."""

    disk: Disk

    async def write(
        self, writes: Sequence[Write], batch: str | None = None, then: OnOutcomes | None = None
    ) -> Sequence[Outcome]:
        outcomes = await super().write(writes, batch)
        if not self.disk.dead and self.disk.loses():
            self.disk.faults += 1
            raise StoreError("no answer has come")
        if then is not None:
            then(outcomes)
        return outcomes


def _hands(disk: Disk, name: str, threads: int) -> Hands:
    return Hands(disk)


__all__ = ["Client", "House", "open_house"]

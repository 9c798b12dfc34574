"""A link without a socket, for tests of time: a scripted peer under a mocked clock."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import trio

from trichat.auth.passwords import Passwords
from trichat.auth.tokens import Tokens
from trichat.core.model import Room, User
from trichat.runtime.clock import new_uuid
from trichat.runtime.frames import Outgoing
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime, open_runtime
from trichat.settings import Settings
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.users import CreateUser, Registered
from trichat.web.endpoints import Endpoint, Endpoints
from trichat.web.sockets import session_of
from trichat.wire.link import (
    Binary,
    Closed,
    LinkLostError,
    Pause,
    Received,
    Taken,
    Text,
    let_others_run,
    unnoticed,
)
from trichat.wire.session import Session

START = 1_700_000_000_000  # the wall clock when a test begins, in milliseconds
PING = b"\x89\x00"
MISSED = 3600.0  # mocked seconds after which a frame that was promised is missed


class ScriptedLink:
    """stuck: the peer reads nothing, so the kernel takes nothing. eager: what has arrived is
    received without a checkpoint, as from a real link that has read several frames at once.
    """

    pings = True
    fragments = True
    window = None
    pause: Pause  # what it was asked to call between messages
    descriptor: int | None = None  # a test may give it one

    def __init__(self, *, eager: bool = False) -> None:
        self._feed, self._received = trio.open_memory_channel[Received](1000)
        self._eager = eager
        self.wire: list[bytes] = []
        self.stuck = False
        self.closed: int | None = None
        self.reason = ""
        self.aborted = False
        self.ended = trio.Event()
        self._changed = trio.Event()

    # -- the peer's side

    def says(self, frame: Any) -> None:
        """A frame arrives: an object as JSON, bytes as a binary message."""
        match frame:
            case bytes():
                self._feed.send_nowait(Binary(frame))
            case str():
                self._feed.send_nowait(Text(frame))
            case _:
                self._feed.send_nowait(Text(json.dumps(frame)))

    def hears(self, received: Received) -> None:
        """Anything else arrives."""
        self._feed.send_nowait(received)

    def hears_close(self, code: int = 1000) -> None:
        """The peer closes."""
        self.hears(Closed(code))

    def reads_again(self) -> None:
        """The peer is stuck no longer."""
        self.stuck = False
        self._changed.set()

    @property
    def texts(self) -> list[Any]:
        """The JSON of every text frame that reached the peer, short ones only."""
        return [json.loads(part[_head(part) :]) for part in self.wire if part[0] == 0x81]

    @property
    def pinged(self) -> int:
        return self.wire.count(PING)

    async def text(self, number: int) -> Any:
        """The so-manieth text frame, from 0, waited for."""
        with trio.fail_after(MISSED):
            while len(self.texts) <= number:
                self._changed = trio.Event()
                await self._changed.wait()
        return self.texts[number]

    # -- the session's side

    async def receive(self, pause: Pause = let_others_run) -> Received:
        self.pause = pause
        if self._eager:
            with suppress(trio.WouldBlock):
                return self._received.receive_nowait()
        return await self._received.receive()

    def write_now(self, wire: bytes | memoryview) -> int:
        if self.aborted:
            raise LinkLostError("aborted")
        if self.stuck:
            return 0
        self._took(wire)
        return len(wire)

    async def write(self, outgoing: Outgoing, taken: Taken = unnoticed) -> None:
        while self.stuck:
            self._changed = trio.Event()
            await self._changed.wait()
        self._took(outgoing.wire)
        taken(len(outgoing.wire))

    def _took(self, wire: bytes | memoryview) -> None:
        wire = bytes(wire)
        while wire:
            size = _head(wire) + _length(wire)
            self.wire.append(wire[:size])
            wire = wire[size:]
        self._changed.set()

    def acknowledged(self) -> int:
        return 0

    async def close(self, code: int, reason: str = "") -> None:
        with trio.CancelScope(shield=True):  # as real links do
            await trio.lowlevel.checkpoint()
        self.closed = code
        self.reason = reason
        self.ended.set()

    def abort(self) -> None:
        self.aborted = True
        self.ended.set()


def _length(wire: bytes) -> int:
    return wire[1] if wire[1] < 126 else int.from_bytes(wire[2 : _head(wire)], "big")


def _head(wire: bytes) -> int:
    return {126: 4, 127: 10}.get(wire[1], 2)


class Gate:
    """A method of the store that waits, before or behind its work, until it is opened."""

    def __init__(self, store: Any, method: str, *, behind: bool = False) -> None:
        self.opened, self.reached = trio.Event(), trio.Event()
        stock = getattr(store, method)

        async def gated(*args: Any, **kwargs: Any) -> Any:
            if behind:
                result = await stock(*args, **kwargs)
            self.reached.set()
            await self.opened.wait()
            return result if behind else await stock(*args, **kwargs)

        setattr(store, method, gated)


class Bench:
    """A runtime on Trio's clock alone, and sessions on it."""

    def __init__(
        self, runtime: Runtime, endpoints: Endpoints, nursery: trio.Nursery, ahead: list[int]
    ) -> None:
        self.runtime = runtime
        self.endpoints = endpoints
        self.nursery = nursery
        self._ahead = ahead

    def set_clock(self, ahead: int) -> None:
        """The wall clock is so many milliseconds before Trio's from now on."""
        self._ahead[0] = ahead

    async def user(self, name: str) -> User:
        made = await self.runtime.storage.submit(
            CreateUser(new_uuid(), name, f"{name}@example.com", None, None, START)
        )
        assert isinstance(made, Registered)
        return made.user

    async def room(self, by: User, name: str = "hall", *, private: bool = False) -> Room:
        room_factory = self.runtime.room_factory
        made = await room_factory.open_channel(by, name, None, private=private, charged=False)
        assert isinstance(made, Room)
        return made

    def endpoint(self, dialect: str, room: str = "hall") -> Endpoint:
        if dialect == "room":
            return self.endpoints.room(room)
        found = next(e for e in self.endpoints.fixed.values() if e.dialect.name == dialect)
        return found.asked({"rooms": "all"})  # in every room its user is a member of

    def session(
        self,
        link: ScriptedLink,
        dialect: str,
        user: User,
        *,
        room: str = "hall",
        resume: str | None = None,
        **identity: Any,
    ) -> Session:
        """A session that is still to be run. room: of the room dialect."""
        endpoint = self.endpoint(dialect, room)
        return session_of(self.runtime, link, endpoint, Identity(user, **identity), resume)

    def connect(self, dialect: str, user: User, **identity: Any) -> ScriptedLink:
        """A session in the background, and the peer's end of its link."""
        link = ScriptedLink()
        self.nursery.start_soon(self.session(link, dialect, user, **identity).run)
        return link


@asynccontextmanager
async def open_bench(
    data: Path, settings: Settings | None = None, *, begins: float = 0.0
) -> AsyncIterator[Bench]:
    """Needs a test under MockClock: the store runs inline and the wall clock is Trio's. begins:
    seconds after START.
    """
    settings = settings or Settings()
    endpoints = Endpoints(settings)
    store = await SqliteStore.open(data / "trichat.db", readers=1, offload=Inline)
    began = trio.current_time()

    ahead = [0]

    def clock() -> int:
        return START + ahead[0] + round((begins + trio.current_time() - began) * 1000)

    tokens = Tokens(bytes(range(32)), lifetime=1800, clock=lambda: clock() / 1000)
    async with (
        open_runtime(
            settings, store, endpoints.dialects, tokens=tokens, passwords=Passwords(), clock=clock
        ) as runtime,
        trio.open_nursery() as nursery,
    ):
        yield Bench(runtime, endpoints, nursery, ahead)
        await runtime.drain()
        nursery.cancel_scope.cancel()  # whom a failed test has left waiting


def lost() -> Closed:
    """What a link says of a peer that vanished."""
    return Closed(1006)

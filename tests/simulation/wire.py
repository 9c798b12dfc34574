"""One TCP connection as bytes on their way: delayed, split, stalled, cut, half closed.

The server's end is `Socket`, which the real DirectLink reads and writes through the names that
seams.py lays in its way; the client's end are the methods of `Wire`.
"""

import errno
from collections import deque
from random import Random
from typing import Protocol

import trio
from attrs import frozen

from tests.simulation.agenda import Agenda

DRIP = 0.5  # seconds between the bytes that a dripping client takes
DRIP_ROOM = 256


@frozen
class Weather:
    """delay: seconds one way, from and to. split: how often bytes are taken or come in two.
    room: bytes on the way to the client before the server's kernel takes no more.
    """

    delay: tuple[float, float] = (0.001, 0.02)
    split: float = 0.1
    room: int = 16_384


class Peer(Protocol):
    """Who is told what reaches the client."""

    def received(self, data: bytes) -> None: ...

    def ended(self, *, reset: bool) -> None: ...


class Wire:
    """Both directions. Bytes of one direction keep their order."""

    def __init__(self, agenda: Agenda, random: Random, weather: Weather, peer: Peer) -> None:
        self.socket = Socket(self)
        self._agenda = agenda
        self._random = random
        self._weather = weather
        self._peer = peer
        self._up: deque[bytes] = deque()  # b"": the client sends no more
        self._up_at = 0.0
        self._down = bytearray()
        self._down_due = False
        self._stalled = False
        self._drips = False
        self._room = weather.room
        self.stuck: float | None = None  # since when the server waits and nothing is taken
        self._vanished = False
        self._fin = False  # the server sends no more
        self._over = False

    def _delay(self) -> float:
        return self._random.uniform(*self._weather.delay)

    def _splits(self) -> bool:
        return self._random.random() < self._weather.split

    # -- the client's end

    def send(self, data: bytes) -> None:
        """On its way, perhaps in pieces."""
        while data:
            size = self._random.randint(1, len(data)) if self._splits() else len(data)
            self._push(data[:size])
            data = data[size:]

    def half_close(self) -> None:
        """Nothing more comes of the client; it still reads."""
        self._push(b"")

    def _push(self, piece: bytes) -> None:
        self._up.append(piece)
        self._up_at = max(self._up_at, self._agenda.now + self._delay())
        self._agenda.after(self._up_at - self._agenda.now, self._arrive)

    def _arrive(self) -> None:
        if self._up and not self._vanished:
            self.socket.arrived(self._up.popleft())

    def stall(self, stalled: bool, room: int | None = None) -> None:
        """Whether the client reads nothing. room: of its buffers meanwhile, where that is less."""
        self._stalled = stalled
        self._room = room or self._weather.room
        self._deliver_soon()

    def drip(self) -> None:
        """The client reads a byte now and then, out of a small buffer."""
        self._drips = True
        self._room = DRIP_ROOM

    def vanish(self) -> None:
        """The cable is pulled: nobody is told anything."""
        self._vanished = True

    def reset(self) -> None:
        """Both ends hear of it, after a part of what is on its way has come through."""
        if self._over:
            return
        part = bytes(self._down[: self._random.randint(0, len(self._down))])
        self.socket.was_reset()
        if part and not self._vanished:
            self._peer.received(part)
        self._end(reset=True)

    def _end(self, *, reset: bool) -> None:
        if not self._over:
            self._over = True
            self._down.clear()
            if not self._vanished:
                self._peer.ended(reset=reset)

    # -- the server's end

    @property
    def unacknowledged(self) -> int:
        return len(self._down)

    def space(self) -> int:
        return self._room - len(self._down)

    def take(self, data: bytes) -> int:
        size = min(self.space(), len(data))
        if size > 1 and self._splits():
            size = self._random.randint(1, size)
        self._down += data[:size]
        self._deliver_soon()
        return size

    def wait(self) -> None:
        """The server has something to send, and there is no room for it."""
        if self.stuck is None:
            self.stuck = self._agenda.now

    def finish(self) -> None:
        """The server sends no more."""
        self._fin = True
        self._deliver_soon()

    def _deliver_soon(self) -> None:
        if not self._down_due and not self._stalled and not self._over:
            self._down_due = True
            self._agenda.after(DRIP if self._drips else self._delay(), self._deliver)

    def _deliver(self) -> None:
        self._down_due = False
        if self._stalled or self._vanished or self._over:
            return
        size = min(len(self._down), 1) if self._drips else len(self._down)
        if size > 1 and self._splits():
            size = self._random.randint(1, size)
        data = bytes(self._down[:size])
        del self._down[:size]
        if data:
            self.stuck = None
            self.socket.writable.unpark_all()
            self._peer.received(data)
        if self._down:
            self._deliver_soon()
        elif self._fin:
            self._end(reset=False)


class Socket:
    """What the link takes for a socket of Trio's."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.number = 0  # in place of a descriptor; seams.py gives it
        self.readable, self.writable = trio.lowlevel.ParkingLot(), trio.lowlevel.ParkingLot()
        self._inbound = bytearray()
        self._eof = False
        self._reset = False
        self._lingers = True
        self.closed = False
        self._shut = False

    # -- from the network

    def arrived(self, piece: bytes) -> None:
        if self.closed:
            return
        if piece:
            self._inbound += piece
        else:
            self._eof = True
        self.readable.unpark_all()

    def was_reset(self) -> None:
        self._reset = True
        self.readable.unpark_all()
        self.writable.unpark_all()

    # -- from the link

    def fileno(self) -> int:
        return -1 if self.closed else self.number

    def read(self, size: int) -> bytes:
        if self._reset:
            raise ConnectionResetError(errno.ECONNRESET, "reset by peer")
        if not self._inbound and not self._eof:
            raise BlockingIOError
        data = bytes(self._inbound[:size])
        del self._inbound[:size]
        return data

    def write(self, data: bytes) -> int:
        if self._reset or self._shut:
            raise BrokenPipeError(errno.EPIPE, "broken pipe")
        if self._wire.space() <= 0:
            self._wire.wait()
            raise BlockingIOError
        return self._wire.take(bytes(data))

    async def send(self, data: bytes) -> int:
        await trio.lowlevel.checkpoint()
        while True:
            if self.closed:
                raise trio.ClosedResourceError
            try:
                return self.write(data)
            except BlockingIOError:
                await self.writable.park()

    async def wait_readable(self) -> None:
        if self.closed:
            raise trio.ClosedResourceError
        if self._inbound or self._eof or self._reset:
            await trio.lowlevel.checkpoint()
            return
        await self.readable.park()
        if self.closed:
            raise trio.ClosedResourceError

    def unacknowledged(self) -> int:
        return self._wire.unacknowledged

    def setsockopt(self, *_: object) -> None:
        self._lingers = False  # what the link sets is that a close resets

    def shutdown(self, how: int) -> None:
        self._shut = True
        self._wire.finish()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.readable.unpark_all()
        self.writable.unpark_all()
        if self._lingers:
            self._wire.finish()
        else:
            self._wire.reset()


class Stream:
    """What the link takes for a stream of Trio's: it only wants the socket."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    async def aclose(self) -> None:
        self.socket.close()
        await trio.lowlevel.checkpoint()

"""The link of a plain socket that was taken from the HTTP server."""

import os
import struct
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from fcntl import ioctl
from socket import SO_LINGER, SOL_SOCKET
from termios import TIOCOUTQ

import trio
from attrs import frozen
from wsproto.frame_protocol import LOCAL_ONLY_CLOSE_REASONS, CloseReason

from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.wire.flood import Flood
from trichat.wire.inbound import Inbound
from trichat.wire.link import (
    Broken,
    Closed,
    LinkLostError,
    Pause,
    Received,
    Taken,
    let_others_run,
    unnoticed,
)

MESSAGES_PER_LOOK = 4  # messages between two looks at the clock
RECEIVE = 16 * 1024  # bytes per read: also how many tiny messages may come without a checkpoint

# Seconds for which the messages of one read may be worked on without a checkpoint; and those that
# count as work at most, since waiting for others looks the same.
YIELD_AFTER, MAX_COUNTED = 0.001, 0.002

_NO_LINGER = struct.pack("ii", 1, 0)
_EMPTY_CLOSE = b"\x88\x00"
_UNSENDABLE = frozenset(LOCAL_ONLY_CLOSE_REASONS)


@frozen
class LinkLimits:
    """What one connection may cost.

    max_message: the longest message taken, in bytes.
    max_frames: frames taken in a second; 0 is any number.
    write_timeout: seconds for which a peer may take no byte of what waits for it.
    close_timeout: seconds that a close may take in all.
    linger: seconds of it in which the peer may answer our close frame.
    deflate: whether permessage-deflate is agreed to where it is offered.
    """

    max_message: int = 64 * 1024
    max_frames: int = 0
    write_timeout: float = 10.0
    close_timeout: float = 2.0
    linger: float = 1.0
    deflate: bool = False


def half_close(socket: trio.socket.SocketType) -> None:
    """Tell the peer's kernel that nothing more comes; the other direction stays open."""
    with suppress(OSError):
        socket.shutdown(trio.socket.SHUT_WR)


async def send_some(
    socket: trio.socket.SocketType, data: bytes | memoryview, patience: float
) -> int:
    """Send what the kernel takes, at least one byte, and say how many.

    The kernel wakes us only when a good part of its buffer is free, so a slow peer differs from
    a dead one by what its own kernel acknowledged meanwhile. Raises LinkLostError when that was
    nothing for `patience` seconds, or the connection is gone.
    """
    while True:
        try:
            before = unacknowledged(socket)
            with trio.move_on_after(patience):
                return await socket.send(data)
            if unacknowledged(socket) >= before:
                raise LinkLostError(f"the peer took no byte for {patience} s")
        except (OSError, ValueError, trio.ClosedResourceError) as error:
            raise LinkLostError(str(error)) from error  # ValueError: closed, no descriptor


async def send_all(
    socket: trio.socket.SocketType, data: bytes | bytearray | memoryview, patience: float
) -> None:
    """Send all of it; the patience begins anew with each byte taken. Raises LinkLostError."""
    unsent = memoryview(data)
    while unsent:
        unsent = unsent[await send_some(socket, unsent, patience) :]


async def receive_some(socket: trio.socket.SocketType, most: int) -> bytes:
    """Wait, then read: trio's receive tries first, and yields again when that succeeds."""
    while True:
        await trio.lowlevel.wait_readable(socket)
        try:
            return os.read(socket.fileno(), most)
        except BlockingIOError:
            continue


def unacknowledged(socket: trio.socket.SocketType) -> int:
    """Bytes that were sent and that the peer's kernel has not confirmed. Raises OSError and
    ValueError where the socket is gone.
    """
    return int.from_bytes(ioctl(socket.fileno(), TIOCOUTQ, bytes(4)), "little")


def reset(socket: trio.socket.SocketType) -> None:
    """Drop the connection at once, with what the kernel still holds for the peer."""
    with suppress(OSError):
        socket.setsockopt(SOL_SOCKET, SO_LINGER, _NO_LINGER)
    socket.close()


class DirectLink:
    """A link over a stream of which nobody else reads or writes.

    held: what the HTTP server had read behind the handshake.
    """

    __slots__ = (
        "_flood", "_given", "_inbound", "_limits", "_lost", "_more", "_received", "_sent",
        "_socket", "_unsent", "_worked_since", "window",
    )  # fmt: skip

    pings = True
    fragments = True

    def __init__(
        self,
        stream: trio.SocketStream,
        held: bytes,
        limits: LinkLimits,
        window: int | None = None,
    ) -> None:
        self.window = window
        self._socket = stream.socket
        self._limits = limits
        self._inbound = Inbound(limits.max_message, deflate=window is not None)
        self._flood = Flood(limits.max_frames)
        self._received = list(reversed(self._take(held)))  # the last one is the next
        self._worked_since = 0.0  # 0: the clock was not looked at since the last read
        self._given = 0  # messages since the last look
        self._more = False  # whether the peer may have sent more than was read
        self._unsent = memoryview(b"")
        self._sent = 0
        self._lost = False

    @property
    def descriptor(self) -> int | None:
        return self._socket.fileno() if self.window is None else None

    async def receive(self, pause: Pause = let_others_run) -> Received:
        if self._more or (self._received and not len(self._received) % MESSAGES_PER_LOOK):
            await self._give_way(pause)
        while not self._received:
            self._received = list(reversed(await self._read()))
        message = self._received[-1]
        self._given += 1
        if not isinstance(message, Closed | Broken):
            self._received.pop()
        return message

    async def _give_way(self, pause: Pause) -> None:
        """If the messages of one read have been worked on for long enough."""
        now = trio.current_time()
        worked = now - (self._worked_since or now)
        if worked > YIELD_AFTER:
            if self._more:
                await pause(min(worked, MAX_COUNTED), self._given)
            else:
                await trio.lowlevel.checkpoint()
            self._worked_since, self._given = trio.current_time(), 0
        elif not self._worked_since:
            self._worked_since = now

    async def _read(self) -> Sequence[Received]:
        try:
            data = await self._receive_some()
            self._worked_since = 0.0
            self._more = len(data) == RECEIVE
        except (OSError, ValueError, trio.BrokenResourceError, trio.ClosedResourceError):
            data = b""  # ValueError: closed, no descriptor
        return self._take(data) if data else [Closed(CloseReason.ABNORMAL_CLOSURE)]

    def _take(self, data: bytes) -> Sequence[Received]:
        before = self._inbound.frames
        received = self._flood.within(self._inbound.feed(data), self._inbound.frames - before)
        if received and isinstance(received[-1], Broken):
            self._inbound.stop()
        return received

    def _receive_some(self) -> Awaitable[bytes]:
        return receive_some(self._socket, RECEIVE)

    def write_now(self, wire: bytes | memoryview) -> int:
        try:
            return os.write(self._socket.fileno(), wire)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._lost = True
            raise LinkLostError(str(error)) from error

    async def write(self, outgoing: Outgoing, taken: Taken = unnoticed) -> None:
        try:
            await self._send(outgoing.wire, taken)
        except LinkLostError:
            self._lost = True
            raise

    async def _send(self, wire: bytes | memoryview, taken: Taken = unnoticed) -> None:
        self._unsent = memoryview(wire)
        while self._unsent:
            sent = await send_some(self._socket, self._unsent, self._limits.write_timeout)
            self._unsent = self._unsent[sent:]
            self._sent += sent
            taken(sent)

    def acknowledged(self) -> int:
        try:
            return self._sent - unacknowledged(self._socket)
        except (OSError, ValueError):
            return self._sent

    async def close(self, code: int, reason: str = "") -> None:
        if self._lost:
            self.abort()
            return
        frame = _EMPTY_CLOSE if code in _UNSENDABLE else frames.close(code, reason)
        said = False
        with (
            trio.move_on_after(self._limits.close_timeout, shield=True),
            suppress(LinkLostError),
        ):
            # A cancelled write may have left a frame half out: it is ended first.
            await self._send(bytes(self._unsent) + frame)
            said = True
            await self._end()
        if said:
            self._socket.close()
        else:
            self.abort()

    async def _end(self) -> None:
        # Closing a socket with unread input resets it, which may cost the peer our last frames.
        half_close(self._socket)
        with trio.move_on_after(self._limits.linger):
            received: Sequence[Received] = list(self._received)
            while not any(isinstance(message, Closed) for message in received):
                received = await self._read()

    def abort(self) -> None:
        reset(self._socket)

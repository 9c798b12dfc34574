"""Outgoing WebSocket frames: encoded and framed once, given to any number of outboxes.

A server's frames carry no mask (RFC 6455, 5.1), so the bytes for one member are the bytes for all.
"""

import struct
import zlib
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter

from trichat.core.value import value

_TEXT = 0x81
_FIN, _FIRST, _CONTINUED = 0x80, 0x01, 0x00
_CLOSE = 0x88
_PING = 0x89
_PONG = 0x8A
_DEFLATED = 0x40  # the first reserved bit, of a frame that begins a message

WIDEST = 15  # bits of the window with which what is compressed can be read
_SHORTEST = 64  # bytes below which there is nothing to gain


@value(eq=False)
class Outgoing:
    """What one put hands to an outbox.

    wire: whole frames, ready for a socket (or what is left of them after a partial write).
    payloads: the text messages among them, UTF-8, for a link that frames by itself.
    """

    wire: bytes | memoryview
    payloads: tuple[bytes, ...] = ()

    @cached_property
    def deflated(self) -> "Outgoing":
        """The same message for who agreed to permessage-deflate; compressed once for all.

        Itself if that makes it no shorter. Its distances reach no farther than it is long.
        """
        (payload,) = self.payloads
        if len(payload) < _SHORTEST or self.wire[0] & _DEFLATED:
            return self
        stream = zlib.compressobj(wbits=-WIDEST)
        body = stream.compress(payload) + stream.flush(zlib.Z_SYNC_FLUSH)
        wire = _frame(self.wire[0] | _DEFLATED, body.removesuffix(b"\x00\x00\xff\xff"))
        return Outgoing(wire, self.payloads) if len(wire) < len(self.wire) else self


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", opcode, 126, size) + payload
    return struct.pack("!BBQ", opcode, 127, size) + payload


def text(payload: bytes) -> Outgoing:
    """One text message of UTF-8 bytes."""
    return Outgoing(_frame(_TEXT, payload), (payload,))


def fragment(payload: bytes, *, first: bool, last: bool) -> Outgoing:
    """One frame of a text message in several (RFC 6455, 5.4), for a link that takes fragments."""
    opcode = (_FIRST if first else _CONTINUED) | (_FIN if last else 0)
    return Outgoing(_frame(opcode, payload))


def rest(outgoing: Outgoing, taken: int) -> Outgoing:
    """What is left of it after a partial write; the bytes are shared, not copied."""
    return Outgoing(memoryview(outgoing.wire)[taken:])


_WIRE, _PAYLOADS = attrgetter("wire"), attrgetter("payloads")


def join(parts: Sequence[Outgoing]) -> Outgoing:
    """Several puts as one, in order."""
    if len(parts) == 1:
        return parts[0]
    payloads = chain.from_iterable(map(_PAYLOADS, parts))
    return Outgoing(b"".join(map(_WIRE, parts)), tuple(payloads))


def ping(payload: bytes = b"") -> Outgoing:
    """A ping; a link that frames by itself leaves pings to its server."""
    return Outgoing(_frame(_PING, payload))


def pong(payload: bytes) -> Outgoing:
    """The answer to a ping, with the ping's payload (at most 125 bytes)."""
    return Outgoing(_frame(_PONG, payload))


def close(code: int, reason: str = "") -> bytes:
    """A close frame; the reason is cut to the 123 bytes that fit."""
    cut = reason.encode()[:123].decode(errors="ignore").encode()
    return _frame(_CLOSE, struct.pack("!H", code) + cut)

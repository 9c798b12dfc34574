"""Outgoing WebSocket frames: encoded and framed once, given to any number of outboxes.

A server's frames carry no mask (RFC 6455, 5.1), so the bytes for one member are the bytes for all.
"""

import struct
from collections.abc import Sequence

from attrs import frozen

_TEXT = 0x81
_CLOSE = 0x88
_PING = 0x89
_PONG = 0x8A


@frozen(eq=False)
class Outgoing:
    """What one put hands to an outbox.

    wire: whole frames, ready for a socket (or what is left of them after a partial write).
    payloads: the text messages among them, UTF-8, for a link that frames by itself.
    """

    wire: bytes
    payloads: tuple[bytes, ...] = ()


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


def join(parts: Sequence[Outgoing]) -> Outgoing:
    """Several puts as one, in order."""
    if len(parts) == 1:
        return parts[0]
    return Outgoing(
        b"".join(part.wire for part in parts),
        tuple(payload for part in parts for payload in part.payloads),
    )


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

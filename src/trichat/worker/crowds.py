"""The fault: one address may hold as many connections as the process has descriptors.

The cure counts them from accepting on, before a byte is read or TLS is spoken. What is known by a
proxy's header alone is counted once more at the door of the WebSockets (web/sockets.py).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import trio

from trichat.settings.addresses import NOBODY

TOO_MANY = b'{"detail": "Too many connections"}'
ANSWER = (
    b"HTTP/1.1 429 \r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s" % (len(TOO_MANY), TOO_MANY)
)


class Crowds:
    """Open connections by address."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, address: str, most: int) -> Iterator[bool]:
        """A connection while it lasts: whether it is within the bound. 0 is any number."""
        if not most or address == NOBODY:
            yield True
            return
        self._open[address] += 1
        try:
            yield self._open[address] <= most
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


def peer_of(socket: trio.socket.SocketType) -> str:
    """Its address; empty where it has none, or none any more."""
    try:
        peer = socket.getpeername()
    except OSError:
        return ""
    return str(peer[0]) if isinstance(peer, tuple) else ""

"""The fault: one address may hold as many connections as the process has descriptors.

The cure counts them from accepting on, before a byte is read or TLS is spoken. What is known by a
proxy's header alone is counted once more at the door of the WebSockets (web/sockets.py).
"""

from trichat.settings.addresses import UNIX


def _answer(status: int, body: bytes, more: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %d \r\ncontent-type: application/json\r\ncontent-length: %d\r\n%s"
        b"connection: close\r\n\r\n%s" % (status, len(body), more, body)
    )


ANSWER = _answer(429, b'{"detail": "Too many connections"}')

# The answer to a connection for which no descriptor is left (descriptors.py).
NO_ROOM = _answer(
    503, b'{"detail": "The server takes no more connections"}', b"retry-after: 10\r\n"
)


def address_of(peer: object) -> str:
    """Return the address that a socket gives for its peer; empty where there is no peer any more.

    Of a Unix socket it is a path, which is mostly empty.
    """
    if isinstance(peer, tuple):
        return str(peer[0])
    return "" if peer is None else UNIX

"""The fault: one address may hold as many connections as the process has descriptors.

The cure counts them from accepting on, before a byte is read or TLS is spoken. What is known by a
proxy's header alone is counted once more at the door of the WebSockets (web/sockets.py).
"""

import trio

TOO_MANY = b'{"detail": "Too many connections"}'
ANSWER = (
    b"HTTP/1.1 429 \r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s" % (len(TOO_MANY), TOO_MANY)
)


def peer_of(socket: trio.socket.SocketType) -> str:
    """Its address; empty where it has none, or none any more."""
    try:
        peer = socket.getpeername()
    except OSError:
        return ""
    return str(peer[0]) if isinstance(peer, tuple) else ""

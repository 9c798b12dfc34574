"""The fault: one address may hold as many connections as the process has descriptors.

The cure counts them from accepting on, before a byte is read or TLS is spoken. What is known by a
proxy's header alone is counted once more at the door of the WebSockets (web/sockets.py).
"""

TOO_MANY = b'{"detail": "Too many connections"}'
ANSWER = (
    b"HTTP/1.1 429 \r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s" % (len(TOO_MANY), TOO_MANY)
)


def address_of(peer: object) -> str:
    """Of what a socket says of its peer; empty where that is none, or none any more."""
    return str(peer[0]) if isinstance(peer, tuple) else ""

"""The fault: one address may hold as many connections as the process has descriptors.

The cure counts them from accepting on, before a byte is read or TLS is spoken. What is known by a
proxy's header alone is counted once more at the door of the WebSockets (web/sockets.py).
"""

from trichat.settings.addresses import UNIX

TOO_MANY = b'{"detail": "Too many connections"}'
ANSWER = (
    b"HTTP/1.1 429 \r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s" % (len(TOO_MANY), TOO_MANY)
)


def address_of(peer: object) -> str:
    """Of what a socket says of its peer: of a Unix socket a path, which is mostly empty. Empty
    where there is no peer any more.
    """
    if isinstance(peer, tuple):
        return str(peer[0])
    return "" if peer is None else UNIX

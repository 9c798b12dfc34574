"""The key of a send, as a client names it in its frame."""

from typing import Any, Final

from attrs import evolve

from trichat.core import asks
from trichat.core.commands import Say
from trichat.core.text import check_key
from trichat.dialects.codec import decode
from trichat.dialects.port import Decoded, Reply

NAME: Final = "client_key"
BAD: Final = "client_key is a text of 1 to 128 characters"
REUSED: Final = "client_key stands for another message"


def keyed(decoded: Decoded, data: str, bad: Reply, inner: str = "") -> Decoded:
    """The ask with the key that its frame has. bad: the answer to one that is none. inner: under
    which name the request's fields stand.
    """
    if not isinstance(decoded, asks.ToRoom) or not isinstance(decoded.command, Say):
        return decoded
    frame: Any = decode(data)
    key = (frame[inner] if inner else frame).get(NAME)
    if key is None:
        return decoded
    if check_key(key) is not None:
        return bad
    return evolve(decoded, command=evolve(decoded.command, key=key))

"""A send may bear a key of the client's, on a connection that asked to resume (docs/resume.md).

On other connections nobody looks for one (all-4).
"""

from typing import Any, Final, Literal

from attrs import evolve

from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.text import check_key
from trichat.dialects.port import Decoded, Reply

NAME: Final = "client_key"
BAD: Final = "client_key is a text of 1 to 128 characters"
REUSED: Final = "client_key stands for another message"
KeyRefusal = Literal[
    "client_key is a text of 1 to 128 characters",
    "client_key stands for another message",
]


def with_key(decoded: Decoded, fields: Any, bad: Reply) -> Decoded:
    """Return the request with the key that is among its fields, if it is a send and has one.

    bad: the answer to a key that is none.
    """
    if not isinstance(decoded, requests.ToRoom) or not isinstance(decoded.command, Say):
        return decoded
    key = fields.get(NAME)
    if key is None:
        return decoded
    if check_key(key) is not None:
        return bad
    return evolve(decoded, command=evolve(decoded.command, key=key))

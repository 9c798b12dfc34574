"""The documents name the server that a request was sent to.

What a client writes into headers is nothing that a document repeats unread: `Host` must look like
one, and what proxies add counts from trusted ones alone.
"""

import re
from typing import Final
from urllib.parse import urlunsplit

from attrs import frozen
from quart import request

from trichat.settings.addresses import Addresses

_HOST: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_PREFIX: Final = re.compile(r"((?=.{1,200}$)(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+)/?")
_UNKNOWN: Final = "localhost"


@frozen
class Asked:
    """How a client reaches this server.

    scheme: http or https. host: with a port where it has one. prefix: what a proxy takes from the
    front of paths, such as /chat; mostly empty.
    """

    scheme: str
    host: str
    prefix: str

    @property
    def url(self) -> str:
        """The address of the HTTP side, without a slash at the end."""
        return urlunsplit((self.scheme, self.host, self.prefix, "", ""))

    @property
    def socket_scheme(self) -> str:
        """The scheme of WebSockets: ws or wss."""
        return "wss" if self.scheme == "https" else "ws"


def asked(addresses: Addresses) -> Asked:
    """Return which server the present request was sent to."""
    scheme, prefix = request.scope["scheme"], ""
    client = request.scope.get("client")
    if addresses.trusts(client[0] if client else ""):
        scheme = _last("X-Forwarded-Proto", re.compile("https?")) or scheme
        prefix = _last("X-Forwarded-Prefix", _PREFIX).rstrip("/")
    host = request.headers.get("Host", "")
    return Asked(scheme, host if _HOST.fullmatch(host) else _UNKNOWN, prefix)


def _last(header: str, shape: re.Pattern[str]) -> str:
    """Return what the nearest proxy wrote; empty where that has not the shape."""
    value = ",".join(request.headers.getlist(header)).rpartition(",")[2].strip()
    return value if shape.fullmatch(value) else ""

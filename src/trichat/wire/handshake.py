"""The handshake of an ASGI scope whose server lets its connection be taken.

The server is known by two entries of scope["extensions"] only; worker/ puts them there. One in the
lifespan's state says what it may expect of the app.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cached_property
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

import trio

from trichat.auth.bearer import bearer_token
from trichat.settings.addresses import FORWARDING
from trichat.wire.deflate import agree
from trichat.wire.direct import DirectLink, LinkLimits
from trichat.wire.link import Link
from trichat.wire.streamed import StreamedLink

EXTENSION = "trichat.connection"
TERMINATED = "trichat.terminated"
AUTHORIZATION = "authorization"
FORWARDED = FORWARDING[0]  # the header that proxies add lines of

# In the lifespan's scope["state"]: the seconds that a shutdown may take; worker/ puts it there.
GRACE = "trichat.graceful_timeout"

# In the same state, for worker/: the app promises that it takes every connection that it accepts,
# answers any other whole, and receives no message of either.
TAKES = "trichat.takes"

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
TLSStream = trio.SSLStream[trio.SocketStream]


class Terminated(Protocol):
    """Set when the server has begun to shut down and listens no more.

    From then on handlers have its graceful_timeout (seconds) before it cancels them.
    """

    def is_set(self) -> bool:
        """Whether it has begun."""

    async def wait(self) -> None:
        """Return when it has."""


class Connection(Protocol):
    """What the server puts into scope["extensions"] under EXTENSION."""

    def hijack(self) -> None:
        """Say, before the handshake is accepted, that the connection will be taken."""

    def detach(self) -> tuple[trio.SocketStream | TLSStream, bytes]:
        """The stream, ours alone from now on, and what was read of it behind the handshake.

        Only after hijack() and the accept. It is closed when the handler has returned, or what it
        named by run().
        """

    def run(self, session: Callable[[], Awaitable[None]]) -> None:
        """What to run on the taken stream when the handler has returned, in the connection's own
        task: the server's own part has ended by then. It is run for certain, though perhaps
        cancelled.
        """


def connection_of(scope: Mapping[str, object]) -> Connection | None:
    """The connection of a WebSocket scope, or None where it cannot be taken."""
    extensions = cast(Mapping[str, Connection], scope.get("extensions") or {})
    return extensions.get(EXTENSION)


def terminated_of(scope: Mapping[str, object]) -> Terminated | None:
    """The server's shutdown; not there under other servers."""
    extensions = cast(Mapping[str, Terminated], scope.get("extensions") or {})
    return extensions.get(TERMINATED)


class ScopeRequest:
    """What an ASGI scope says of the upgrade request."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def path(self) -> str:
        return str(self._scope["path"])

    @cached_property
    def query(self) -> Mapping[str, str]:
        pairs = parse_qsl(self._scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return dict(reversed(pairs))

    @cached_property
    def headers(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for raw, value in self._scope["headers"]:
            name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
            if name in found:
                if name == FORWARDED:  # each proxy may add a line
                    text = f"{found[name]},{text}"
                elif name == AUTHORIZATION and bearer_token([found[name]]) is not None:
                    continue  # of several the first Bearer counts (all-5)
            found[name] = text
        return found

    @property
    def peer(self) -> str:
        client = self._scope.get("client")
        return str(client[0]) if client else ""


class ScopeHandshake(ScopeRequest):
    """The upgrade request of a scope that has the extension; its link keeps `limits`."""

    def __init__(self, scope: Scope, send: Send, limits: LinkLimits) -> None:
        super().__init__(scope)
        self._send = send
        self._limits = limits
        self._connection: Connection = scope["extensions"][EXTENSION]

    async def accept(self) -> Link:
        self._connection.hijack()
        agreed = agree(self._offers()) if self._limits.deflate else None
        headers = [(b"sec-websocket-extensions", agreed.answer)] if agreed else []
        await self._send({"type": "websocket.accept", "subprotocol": None, "headers": headers})
        stream, held = self._connection.detach()
        window = agreed.window if agreed else None
        if isinstance(stream, trio.SSLStream):
            return StreamedLink(stream, held, self._limits, window)
        return DirectLink(stream, held, self._limits, window)

    def _offers(self) -> str:
        headers = self._scope["headers"]
        named = [value for name, value in headers if name.lower() == b"sec-websocket-extensions"]
        return b",".join(named).decode("latin-1")

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        self._connection.run(session)

    async def refuse(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        fields = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers.items()
        ]
        await self._send(
            {"type": "websocket.http.response.start", "status": status, "headers": fields}
        )
        await self._send({"type": "websocket.http.response.body", "body": body})

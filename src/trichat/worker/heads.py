"""The fault: a request's head is bounded only while it is incomplete.

A client that is slow with one is cut off without a word, and what is no proper HTTP is answered
without a body. The cure measures every head when it is whole, whatever brought it, and answers as
the REST API does: 400, 408, 431 and 505 with a JSON body.
"""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from itertools import chain
from typing import Any

import h11
from hypercorn.config import Config
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import H11SendableEvent

from trichat.wire.handshake import Scope, Send
from trichat.worker.framing import Connection

TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
_LINE = len("  HTTP/1.1\r\n")  # of the request line, beside method and target
_FIELD = len(": \r\n")


class TellingProtocol(H11Protocol):
    """Hypercorn's side of one connection: a request at a time, or a WebSocket that nobody took."""

    def __init__(self, app: Any, config: Config, *args: Any) -> None:
        super().__init__(app, config, *args)
        self.connection = Connection(config.h11_max_incomplete_size)
        self._unsent = b""

    async def refuse(self, status: int) -> None:
        """Answer a request that is not whole; the connection ends with it."""
        body = _body(status)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        await self._send_h11_event(
            h11.Response(
                status_code=status,
                headers=list(chain(headers, self.config.response_headers("h11"))),
            )
        )
        await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        """Send a response's head with the first part of its body, as ASGI has it: in one write."""
        try:
            self._unsent += self.connection.send(event)
        except h11.LocalProtocolError:
            if self.connection.their_state is not h11.ERROR:
                raise
        else:
            if self._unsent and not isinstance(event, h11.Response):
                data, self._unsent = self._unsent, b""
                await self.send(RawData(data))

    async def _send_error_response(self, status_code: int) -> None:
        await self.refuse(status_code)

    async def _check_protocol(self, event: h11.Request) -> None:
        """Pass over `Upgrade: h2c` like any unknown protocol: HTTP/1 is the only one."""


def begun_by(protocol: H11Protocol) -> bool:
    """Return whether a part of a request's head is here, and not all of it."""
    connection = protocol.connection
    return (
        isinstance(connection, h11.Connection)
        and connection.our_state is h11.IDLE
        and connection.trailing_data[0] != b""
    )


def size(scope: Scope) -> int:
    """Return how many bytes a request's head has in HTTP/1.1."""
    target = len(scope["raw_path"]) + len(scope["query_string"]) + bool(scope["query_string"])
    line = len(scope.get("method", "GET")) + target + _LINE
    fields = sum(len(name) + len(value) + _FIELD for name, value in scope["headers"])
    return line + fields + len("\r\n")


def bounded(
    scope: Scope, app: Callable[[Send], Awaitable[None]], most: int
) -> Callable[[Send], Awaitable[None]]:
    """Return the app or, for a request with too large a head, what refuses it."""

    async def refuse(send: Send) -> None:
        body = _body(TOO_LARGE)
        kind = "websocket.http" if scope["type"] == "websocket" else "http"
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        await send({"type": f"{kind}.response.start", "status": int(TOO_LARGE), "headers": headers})
        await send({"type": f"{kind}.response.body", "body": body})

    return app if size(scope) <= most else refuse


def _body(status: int) -> bytes:
    return json.dumps({"detail": HTTPStatus(status).phrase}).encode()

"""Connections that cannot be taken have a link over Quart: other servers, Quart's test client.

Quart speaks for it, so the server answers pings, frames the messages and reads on after a close.
When the peer leaves, Quart cancels the handler instead of saying so: `receive` never gives Closed
for it, and up to ten messages may be lost. Taken connections have neither fault.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import cast

import trio
from quart import Response, current_app
from quart.wrappers import Websocket
from werkzeug.local import LocalProxy
from wsproto.frame_protocol import LOCAL_ONLY_CLOSE_REASONS, CloseReason

from trichat.runtime.frames import Outgoing
from trichat.wire.direct import LinkLimits
from trichat.wire.flood import Flood
from trichat.wire.handshake import Scope, ScopeRequest
from trichat.wire.link import (
    Binary,
    Broken,
    Closed,
    LinkLostError,
    Pause,
    Received,
    Taken,
    Text,
    let_others_run,
    unnoticed,
)

_UNSENDABLE = frozenset(LOCAL_ONLY_CLOSE_REASONS)
_GONE = (OSError, trio.BrokenResourceError, trio.ClosedResourceError)


class QuartHandshake(ScopeRequest):
    """The upgrade request of a Quart route; the route returns `refusal` in the end.

    refusal: the response that refuse() made of its arguments, None without one.
    """

    def __init__(self, websocket: Websocket, limits: LinkLimits) -> None:
        if isinstance(websocket, LocalProxy):  # quart.websocket, good only in the route's task
            websocket = websocket._get_current_object()
        super().__init__(cast(Scope, websocket.scope))
        self._websocket = websocket
        self._limits = limits
        self.refusal: Response | None = None

    async def accept(self) -> "QuartLink":
        await self._websocket.accept()
        return QuartLink(self._websocket, self._limits)

    async def refuse(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.refusal = current_app.response_class(body, status, dict(headers))

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        await session()


class QuartLink:
    """A link over Quart's websocket, already accepted."""

    pings = False
    fragments = False
    window = None
    descriptor = None

    def __init__(self, websocket: Websocket, limits: LinkLimits) -> None:
        self._websocket = websocket
        self._limits = limits
        self._receiving = trio.CancelScope()
        self._flood = Flood(limits.max_frames)
        self._ended = False

    async def receive(self, pause: Pause = let_others_run) -> Received:
        # Nobody calls `pause`: Quart's queue and its tasks are between any two messages. Closed
        # only here: Quart's own end of a connection is a cancellation from outside.
        if self._ended:
            return Closed(CloseReason.ABNORMAL_CLOSURE)
        with trio.CancelScope() as self._receiving:
            message = self._message(await self._websocket.receive())
            return self._flood.within([message], 1)[-1]
        return Closed(CloseReason.ABNORMAL_CLOSURE)

    def _message(self, data: str | bytes | None) -> Received:
        message: Received
        match data:
            case None:  # what Quart-Trio makes of an empty binary message
                return Binary(b"")
            case str():
                size, message = len(data.encode()), Text(data)
            case _:
                size, message = len(data), Binary(data)
        return Broken(CloseReason.MESSAGE_TOO_BIG) if size > self._limits.max_message else message

    def write_now(self, wire: bytes | memoryview) -> int:
        return 0

    async def write(self, outgoing: Outgoing, taken: Taken = unnoticed) -> None:
        for payload in outgoing.payloads:
            await self._send(payload.decode())
            taken(len(payload))

    async def _send(self, data: str) -> None:
        if self._ended:
            raise LinkLostError("the link is closed")
        try:
            with trio.fail_after(self._limits.write_timeout):
                await self._websocket.send(data)
        except (trio.TooSlowError, *_GONE) as error:
            self._ended = True
            raise LinkLostError(str(error)) from error

    def acknowledged(self) -> int:
        return 0  # the server has the socket

    async def close(self, code: int, reason: str = "") -> None:
        if self._ended:
            return
        self.abort()
        with trio.move_on_after(self._limits.close_timeout, shield=True):
            with suppress(*_GONE):
                await self._websocket.close(
                    CloseReason.NORMAL_CLOSURE if code in _UNSENDABLE else code, reason
                )

    def abort(self) -> None:
        # ASGI cannot drop a connection; Quart closes it when the handler returns.
        self._ended = True
        self._receiving.cancel()

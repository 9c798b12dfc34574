"""Upgrade requests have a fast path: read, answered and taken in the connection's own task.

On Hypercorn's way a handler has a nursery, a task, a channel and a parser for frames, and a handler
that takes its connection needs none of these. Here are a parser (upgrades.py), the handler and one
write. All else goes to Hypercorn with what was read: a head that comes in parts, one that is odd or
wrong, a page. So does what a handler answers, if it is neither the accept of a hijacked connection
nor a whole refusal. Both ways answer with the same bytes (docs/adr/0007).
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from math import inf
from typing import Any, NoReturn

import trio
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.protocol.ws_stream import ASGIWebsocketState
from hypercorn.trio.task_group import _handle
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.utils import UnexpectedMessageError

from trichat.wire.direct import reset, send_all
from trichat.wire.handshake import TAKES, Scope
from trichat.wire.link import LinkLostError
from trichat.worker.admission import TOO_LATE
from trichat.worker.limits import WorkerLimits
from trichat.worker.upgrades import Message, Request

_REFUSED = 400  # and what is above: a status whose answer has a body
_HANDLE: Any = _handle
_THREADS: Any = (trio.to_thread.run_sync, trio.from_thread.run)  # as Hypercorn gives them


def leads(config: Config, state: Mapping[str, Any]) -> bool:
    """Return whether there is a fast path.

    There is one if the app takes what it accepts, and Hypercorn is not configured to do something
    of its own with each request.
    """
    return (
        TAKES in state
        and type(config.log) is Logger
        and config.log.access_logger is None
        and not config.server_names
        and not config.h11_pass_raw_headers
        and config.websocket_ping_interval is None
        and config.read_timeout is None
        and config.keep_alive_max_requests > 1
    )


async def _receive() -> NoReturn:
    raise RuntimeError("an app that takes its connections receives nothing")


class Arrival:
    """A request as its handler sees it: wire.handshake.Connection.

    accepted, refused: how it was answered here, if it was.
    """

    def __init__(
        self,
        stream: trio.SocketStream,
        request: Request,
        context: WorkerContext,
        limits: WorkerLimits,
    ) -> None:
        self.hijacked = self.accepted = self.refused = False
        self.session: Callable[[], Awaitable[None]] | None = None
        self._said: list[Message] = []  # that is for Hypercorn to say
        self._stream = stream
        self._request: Request | None = request
        self._context = context
        self._limits = limits

    async def answer(self, app: Any, config: Config, scope: Scope) -> None:
        """Run the handler, which has as long as any other (admission.py) and fails as any other."""

        async def in_time(scope: Any, receive: Any, send: Any, *threads: Any) -> None:
            with trio.move_on_after(self._limits.admission_timeout) as self._admission:
                await app(scope, _receive, send, *threads)
            if self._admission.cancelled_caught and not (self.accepted or self.refused):
                self._said = [*TOO_LATE]

        try:
            await _HANDLE(in_time, config, scope, _receive, self._send, *_THREADS)
        finally:
            scope["extensions"].clear()  # it holds us

    async def repeat(self, scope: Any, receive: Any, send: Any, *threads: Any) -> None:
        """Return the handler's answer as an app's, for Hypercorn."""
        for message in self._said:
            await send(message)

    async def _send(self, message: Message | None) -> None:
        if message is None or self.accepted:
            return  # as with Hypercorn, whose part has ended
        if self.refused:
            raise UnexpectedMessageError(ASGIWebsocketState.HTTPCLOSED, message["type"])
        request = self._request
        assert request is not None
        if message["type"] == "websocket.accept" and self.hijacked and not self._said:
            answer = request.accepted(message)
            self.accepted = True
        elif self._is_whole_refusal(message):
            answer = request.refused(self._said.pop(), message)
            self.refused = True
        else:
            self._said.append(message)
            return
        self._admission.deadline = inf
        await self._context.mark_request()
        await self._write(answer)

    def _is_whole_refusal(self, message: Message) -> bool:
        return (
            message["type"] == "websocket.http.response.body"
            and not message.get("more_body", False)
            and len(self._said) == 1
            and self._said[0]["type"] == "websocket.http.response.start"
            and self._said[0]["status"] >= _REFUSED
        )

    async def _write(self, data: bytes) -> None:
        socket = self._stream.socket
        unsent = memoryview(data)
        try:
            with suppress(BlockingIOError):
                unsent = unsent[os.write(socket.fileno(), unsent) :]
            await send_all(socket, unsent, self._limits.write_timeout)
        except (OSError, LinkLostError):
            reset(socket)  # whoever reads sees it, and has a while to end
            self._admission.deadline = trio.current_time() + self._limits.write_timeout

    # what the handler knows of it

    def hijack(self) -> None:
        self.hijacked = True

    def detach(self) -> tuple[trio.SocketStream, bytes]:
        if self._request is None or not self.accepted:
            raise RuntimeError("a connection is detached once, after hijack() and the accept")
        early, self._request = self._request.behind(), None
        return self._stream, early

    def run(self, session: Callable[[], Awaitable[None]]) -> None:
        self.session = session

"""A small app over the extension: the taken connections of the tests."""

from typing import Any

import trio
from attrs import define, field

from trichat.runtime import frames
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import TAKES, ScopeHandshake, terminated_of
from trichat.wire.link import Binary, Broken, Closed, Link, LinkLostError, Ping, Text


@define
class Echo:
    """Answers each message with itself; what it saw is for the tests to read."""

    limits: LinkLimits = field(factory=LinkLimits)
    handled: list[object] = field(factory=list)
    closed: trio.Event = field(factory=trio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        link = await ScopeHandshake(scope, send, self.limits).accept()
        terminated = terminated_of(scope)
        assert terminated is not None
        async with trio.open_nursery() as nursery:

            async def drain() -> None:
                await terminated.wait()
                nursery.cancel_scope.cancel()

            code = 1001
            nursery.start_soon(drain)
            code = await self.session(link)
            nursery.cancel_scope.cancel()
        await link.close(code)
        self.closed.set()

    async def session(self, link: Link) -> int:
        while True:
            match message := await link.receive():
                case Closed(code) | Broken(code):
                    self.handled.append(message)
                    return code
                case Text(data):
                    answer = frames.text(data.encode())
                case Binary(data):
                    answer = frames.text(b"%d bytes" % len(data))
                case Ping(payload):
                    answer = frames.pong(payload)
                case _:
                    continue
            self.handled.append(message)
            try:
                await link.write(answer)
            except LinkLostError:
                continue


async def lifespan(scope: Any, receive: Any, send: Any, *, takes: bool = True) -> None:
    """takes: whether the app promises that it takes what it accepts."""
    if takes:
        scope["state"][TAKES] = True
    while True:
        event = await receive()
        await send({"type": event["type"] + ".complete"})
        if event["type"] == "lifespan.shutdown":
            return

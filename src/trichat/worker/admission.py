"""The fault: while an upgrade request waits for its answer, nobody sees the client leave.

The gate parks the only task that reads, so a handler that hangs would keep a dead connection for
ever. The cure: a handler that has not answered in time is cancelled, and the client gets 503.
"""

from collections.abc import Awaitable, Callable
from math import inf

import trio
from hypercorn.protocol.ws_stream import ASGIWebsocketState

from trichat.wire.handshake import Send
from trichat.worker.gate import Passage, Upgrade

# What the client gets then.
TOO_LATE = (
    {
        "type": "websocket.http.response.start",
        "status": 503,
        "headers": [(b"content-length", b"0")],
    },
    {"type": "websocket.http.response.body", "body": b""},
)


async def admit(
    upgrade: Upgrade, app: Callable[[Send], Awaitable[None]], send: Send, timeout: float
) -> None:
    """Run the handler of an upgrade request, which must answer it within `timeout` seconds."""
    with trio.move_on_after(timeout) as admission:

        async def answer(message: dict[str, object]) -> None:
            await send(message)
            if upgrade.websocket.state is not ASGIWebsocketState.HANDSHAKE:
                admission.deadline = inf
            if message["type"] == "websocket.accept" and not upgrade.hijacked:
                upgrade.held.open(Passage.ACCEPTED)

        await app(answer)
    if admission.cancelled_caught and upgrade.websocket.state is ASGIWebsocketState.HANDSHAKE:
        for message in TOO_LATE:
            await send(message)

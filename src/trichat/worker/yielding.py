"""The fault: a handler that goes on sending to a closed connection stops the whole process.

Stock drops what is sent behind the end without a checkpoint, so a loop of sends never lets
another task run, not even the one that would cancel it. The cure yields after each message.
"""

import trio

from trichat.wire.handshake import Send


def yielding(send: Send) -> Send:
    """Return a send of the WebSocket scope, with a checkpoint in every message."""

    async def answer(message: dict[str, object]) -> None:
        await send(message)
        if message["type"] == "websocket.send":
            await trio.lowlevel.checkpoint()

    return answer

"""What the tests launch with Hypercorn's own command line."""

import os
from typing import Any

from tests.worker.echo import Echo, lifespan
from trichat.worker import install


async def _stock(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send, takes=False)
        return
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        elif message["type"] == "websocket.disconnect":
            return


if "TRICHAT_STOCK" in os.environ:
    app: Any = _stock
else:
    install()
    app = Echo()

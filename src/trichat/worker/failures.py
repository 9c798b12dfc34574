"""The fault: an uncaught exception in a Quart route closes 1000, as if all had been well.

Quart turns it into a response that nobody can receive any more, then closes as for a handler that
has returned. The cure hears of it by Quart's signal and changes that code to 1011. A session on a
taken connection closes for itself.
"""

from quart import Quart, websocket
from quart.signals import got_websocket_exception
from wsproto.frame_protocol import CloseReason

from trichat.wire.handshake import Scope, Send

_FAILED = "trichat.failed"


def install() -> None:
    """Listen to Quart; may be called again."""
    got_websocket_exception.connect(_mark)


async def _mark(app: Quart, exception: BaseException) -> None:
    websocket.scope["extensions"][_FAILED] = {}


def honest(scope: Scope, send: Send) -> Send:
    """Return a send of the WebSocket scope that closes with 1011 after a failure."""

    async def answer(message: dict[str, object]) -> None:
        if (
            message["type"] == "websocket.close"
            and message.get("code") == CloseReason.NORMAL_CLOSURE
            and _FAILED in scope["extensions"]
        ):
            message = {**message, "code": CloseReason.INTERNAL_ERROR}
        await send(message)

    return answer

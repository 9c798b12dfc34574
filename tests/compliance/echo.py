"""What the suite talks to: the worker, the links, the session and the outbox, saying back whatever
was said. Nothing here frames, parses or closes; only the dialect is not one of the five.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import trio
from attrs import evolve, frozen
from hypercorn.trio import serve

from tests.server import settings_for
from tests.wire.tls import identity
from trichat import worker
from trichat.cli.serving import hypercorn_config
from trichat.composition.server import open_server
from trichat.core.model import User
from trichat.core.requests import Request
from trichat.dialects.chats import Chats
from trichat.dialects.port import Decoded
from trichat.runtime import frames
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.settings import Limits, Server
from trichat.wire import greetings
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import ScopeHandshake
from trichat.wire.heartbeat import Pace
from trichat.wire.session import Session

BIGGEST = 64 * 1024 * 1024  # bytes of a message: the suite sends 16 MiB
_SILENCE = 3600.0  # no ping of ours is among what the suite counts

_SOMEBODY = Identity(User(1, "somebody", "somebody", None, 0, 0))


@frozen
class Said:
    """A message to say back."""

    frame: frames.Outgoing


class Echo(Chats):
    """Understands everything, and knows no room."""

    def decode(self, data: str) -> Decoded:
        return cast(Decoded, Said(frames.text(data.encode())))

    def decode_binary(self, data: bytes) -> Decoded:
        return cast(Decoded, Said(_binary(data)))


def _binary(data: bytes) -> frames.Outgoing:
    """No dialect has one to send: it is a text's frame with the other opcode."""
    text = frames.text(data)
    return frames.Outgoing(bytes((text.wire[0] ^ 3,)) + text.wire[1:], text.payloads)


async def say_back(session: Session, request: Request) -> None:
    """Through the outbox, like every answer."""
    session.outbox.answer_frame(cast(Said, request).frame)


@frozen
class Doors:
    """The ASGI application: a session for each upgrade, at any path."""

    runtime: Runtime
    limits: LinkLimits

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await _lifespan(receive, send)
            return
        link = await ScopeHandshake(scope, send, self.limits).accept()
        session = Session(
            self.runtime,
            link,
            Echo(BIGGEST),
            _SOMEBODY,
            Pace(_SILENCE, _SILENCE),
            carry_out=say_back,
            greet=greetings.plain,
        )
        await session.run()


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        event = await receive()
        await send({"type": event["type"] + ".complete"})
        if event["type"] == "lifespan.shutdown":
            return


@asynccontextmanager
async def serving(*, tls: bool, deflate: bool) -> AsyncIterator[str]:
    """Its address, as a URL, while it is served by our worker in this process."""
    worker.install()
    with (
        tempfile.TemporaryDirectory() as work,
        identity().private_key_and_cert_chain_pem.tempfile() as pem,
    ):
        certificate = Server(port=0, data=Path(work), certfile=pem, keyfile=pem)
        server = certificate if tls else evolve(certificate, certfile="", keyfile="")
        limits = Limits(frame_bytes=BIGGEST, outbox_bytes=2 * BIGGEST, connections_per_user=1000)
        settings = settings_for(Path(work), server=server, limits=limits)
        async with open_server(settings) as (runtime, _), trio.open_nursery() as nursery:
            stop = trio.Event()
            doors = Doors(runtime, LinkLimits(BIGGEST, deflate=deflate))
            config = hypercorn_config(settings)
            run = partial(serve, doors, config, shutdown_trigger=stop.wait, mode="asgi")
            binds = await nursery.start(run)
            port = binds[0].rpartition(":")[2]
            yield f"{'wss' if tls else 'ws'}://127.0.0.1:{port}"
            stop.set()

"""A link and its peer over a real socket, without any HTTP server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from tests.wire import tls as tls_contexts
from tests.wire.client import Client, connected
from trichat.wire.direct import DirectLink, LinkLimits
from trichat.wire.streamed import StreamedLink

_SEND_BUFFER = 32 * 1024  # so that a peer that does not read stops us soon


@asynccontextmanager
async def linked(
    limits: LinkLimits, *, tls: bool = False, held: bytes = b""
) -> AsyncIterator[tuple[DirectLink, Client]]:
    with trio.socket.socket() as listener:
        await listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        trusting = tls_contexts.trusting() if tls else None
        async with connected(port, trusting, receive_buffer=4096) as client:
            socket, _ = await listener.accept()
            socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, _SEND_BUFFER)
            with socket:
                yield await _link(trio.SocketStream(socket), client, limits, tls, held), client


async def _link(
    stream: trio.SocketStream, client: Client, limits: LinkLimits, tls: bool, held: bytes
) -> DirectLink:
    if not tls:
        return DirectLink(stream, held, limits)
    secured = trio.SSLStream(
        stream, tls_contexts.serving(), server_side=True, https_compatible=True
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(secured.do_handshake)
        assert isinstance(client.stream, trio.SSLStream)
        await client.stream.do_handshake()
    return StreamedLink(secured, held, limits)

"""The limit of open files, under either launch: raised, compared, and refused beyond."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
import trio

from tests.e2e.launching import LISTENING, RUNNING, Launched, launched, serve
from tests.e2e.test_serving import HYPERCORN

GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
under = pytest.mark.parametrize("under", ["trichat", "hypercorn"])


def start(under: str, data: Path, *, soft: int, hard: int) -> AbstractAsyncContextManager[Launched]:
    """A server under these limits."""
    limits = ["sh", "-c", f'ulimit -S -n {soft} && ulimit -H -n {hard} && exec "$@"', "sh"]
    words, ready = (serve(data), LISTENING) if under == "trichat" else (HYPERCORN, RUNNING)
    return launched([*limits, *words], {"TRICHAT_SERVER_DATA": str(data)}, ready=ready)


async def open_to(server: Launched, stack: AsyncExitStack) -> tuple[trio.SocketStream, bytes]:
    """A connection and what it is answered: nothing where it is cut."""
    port = int(server.address.rpartition(":")[2])
    stream = await stack.enter_async_context(await trio.open_tcp_stream("127.0.0.1", port))
    return stream, await asked(stream)


async def asked(stream: trio.SocketStream, path: bytes = b"/healthz") -> bytes:
    """The answer of a page, as far as it comes in one piece."""
    with trio.fail_after(10):  # served or refused, but not left waiting
        try:
            await stream.send_all(GET % path)
            return bytes(await stream.receive_some())
        except trio.BrokenResourceError:
            return b""


@under
async def test_beyond_the_limit_connections_are_refused_and_the_others_served(
    data: Path, under: str
) -> None:
    async with start(under, data, soft=128, hard=128) as server, AsyncExitStack() as clients:
        answers = [await open_to(server, clients) for _ in range(128)]
        served = [stream for stream, answer in answers if b" 200 " in answer]
        refused = [answer for _, answer in answers if b" 200 " not in answer]
        assert len(served) > 50
        assert len(refused) > 20
        assert all(b" 503 " in answer or not answer for answer in refused)
        assert any(b"The server takes no more connections" in answer for answer in refused)
        for stream in served:
            assert b" 200 " in await asked(stream)
        counted = await asked(served[0], b"/metrics")
        while f'turned_away_total{{why="descriptors"}} {len(refused)}.0'.encode() not in counted:
            more = bytes(await served[0].receive_some())
            assert more
            counted += more
        await clients.aclose()
        async with AsyncExitStack() as later:
            for _ in range(20):
                _, answer = await open_to(server, later)
            assert b" 200 " in answer
    assert server.said.count("descriptors short") == 1
    told = "limits.connections is 20000, but the system lets this process open 128 files"
    assert server.said.count(told) == 1


@under
async def test_the_soft_limit_is_raised_to_the_hard_one(data: Path, under: str) -> None:
    async with start(under, data, soft=64, hard=512) as server, AsyncExitStack() as clients:
        for _ in range(200):
            _, answer = await open_to(server, clients)
            assert b" 200 " in answer
    assert "the system lets this process open 512 files" in server.said

"""Connections of one address (crowds.py). Every address of 127.0.0.0/8 is this machine's, and two
of them are two; 127.0.0.1 alone is nobody's.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import trio

from tests.wire.client import Client
from tests.wire.tls import trusting
from tests.worker.echo import Echo
from tests.worker.serving import Served, serving
from trichat.settings.addresses import Addresses
from trichat.worker import WorkerLimits

HERE, THERE = "127.0.0.2", "127.0.0.3"
LIMITS = WorkerLimits(connections_per_address=2)


@asynccontextmanager
async def coming_from(address: str, server: Served) -> AsyncIterator[Client]:
    stream = await trio.open_tcp_stream("127.0.0.1", server.port, local_address=address)
    async with stream:
        yield Client(stream)


async def test_one_address_holds_so_many_and_another_as_many(
    caplog: pytest.LogCaptureFixture,
) -> None:
    why: list[str] = []
    limits = WorkerLimits(connections_per_address=2, observe=why.append)
    with trio.fail_after(20):
        async with serving(Echo(), limits=limits) as server, AsyncExitStack() as stack:
            for address in (HERE, HERE, THERE, "127.0.0.1", "127.0.0.1", "127.0.0.1"):
                client = await stack.enter_async_context(coming_from(address, server))
                assert b" 101 " in await client.upgrade()
            for _ in range(2):
                async with coming_from(HERE, server) as late:
                    head = await late.upgrade()
                    assert head.startswith(b"HTTP/1.1 429 ")
                    assert await late.rest() == b'{"detail": "Too many connections"}'
            async with coming_from(THERE, server) as other:
                assert b" 101 " in await other.upgrade()
    assert why == ["address", "address"]
    assert "Error" not in caplog.text


async def test_a_place_is_free_again_when_its_connection_is_gone() -> None:
    app = Echo()
    with trio.fail_after(20):
        async with serving(app, limits=LIMITS) as server:
            for _ in range(3):
                async with coming_from(HERE, server) as one, coming_from(HERE, server) as two:
                    for client in (one, two):
                        assert b" 101 " in await client.upgrade()
                        assert await client.bye() == 1000
                await trio.testing.wait_all_tasks_blocked()


async def test_a_connection_without_a_request_is_one_too() -> None:
    with trio.fail_after(20):
        async with (
            serving(Echo(), limits=LIMITS) as server,
            coming_from(HERE, server),
            coming_from(HERE, server),
            coming_from(HERE, server) as late,
        ):
            assert (await late.upgrade()).startswith(b"HTTP/1.1 429 ")


async def test_under_tls_it_ends_before_anything_is_spoken() -> None:
    limits = WorkerLimits(connections_per_address=1)
    with trio.fail_after(20):
        async with (
            serving(Echo(), tls=True, limits=limits) as server,
            coming_from(HERE, server),
            coming_from(HERE, server) as late,
        ):
            spoken = trio.SSLStream(late.stream, trusting(), server_hostname="localhost")
            with pytest.raises(trio.BrokenResourceError):
                await spoken.do_handshake()


async def test_a_proxy_may_hold_any_number() -> None:
    limits = WorkerLimits(connections_per_address=1, addresses=Addresses([HERE]))
    with trio.fail_after(20):
        async with serving(Echo(), limits=limits) as server, AsyncExitStack() as stack:
            for _ in range(3):
                client = await stack.enter_async_context(coming_from(HERE, server))
                assert b" 101 " in await client.upgrade()

"""One connection's error ends that connection (containment.py)."""

import h2.config
import h2.connection
import pytest
import trio

from tests.worker.echo import Echo
from tests.worker.serving import Served, serving


def odd_request() -> bytes:
    """HTTP/2 with a path that Hypercorn cannot decode: it raises out of the connection."""
    config = h2.config.H2Configuration(validate_outbound_headers=False)
    connection = h2.connection.H2Connection(config)
    connection.initiate_connection()
    connection.send_headers(
        1,
        [
            (b":method", b"GET"),
            (b":path", b"/\xff"),
            (b":scheme", b"http"),
            (b":authority", b"localhost"),
        ],
        end_stream=True,
    )
    return connection.data_to_send()


async def provoke(server: Served) -> None:
    async with server.client() as client:
        await client.send(odd_request())
        await client.rest()


async def provoke_stock(behind: bytes = b"") -> None:
    """Until the worker ends of it."""
    async with serving(Echo(), stock=True) as server:
        if not behind:
            await provoke(server)
        else:
            async with server.client() as client:
                await client.upgrade(early=behind)
        await trio.sleep_forever()


async def test_an_error_in_one_connection_is_logged_and_ends_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with trio.fail_after(20):
        async with serving(Echo()) as server, server.client() as client:
            await client.upgrade()
            await provoke(server)
            await client.send(client.text("still here"))
            assert await client.message() == "still here"
    assert "Error in a connection" in caplog.text
    assert "UnicodeDecodeError" in caplog.text


@pytest.mark.parametrize("behind", [b"", b"x"], ids=["odd request", "stray byte"])
async def test_stock_ends_with_it(behind: bytes) -> None:
    with trio.fail_after(20), pytest.raises(BaseExceptionGroup):
        await provoke_stock(behind)


async def test_a_client_that_vanishes_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    app = Echo()
    with trio.fail_after(20):
        async with serving(app) as server:
            async with server.client() as client:
                await client.upgrade()
                client.reset()
            await app.closed.wait()
            async with server.client() as client:
                client.reset()
    assert "Error" not in caplog.text

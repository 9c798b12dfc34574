"""One connection's error ends that connection (containment.py)."""

import pytest
import trio

from tests.worker.echo import Echo
from tests.worker.serving import serving
from trichat.worker.heads import TellingProtocol

# Hypercorn decodes this in the connection's task, where it raises.
ODD = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade, \xe9\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request that is none for a WebSocket raises out of its connection."""

    async def create_stream(self: TellingProtocol, request: object) -> None:
        raise ValueError("out of the connection")

    monkeypatch.setattr(TellingProtocol, "_create_stream", create_stream)


async def provoke_stock(data: bytes) -> None:
    """Until the worker ends of it."""
    async with serving(Echo(), stock=True) as server, server.client() as client:
        await client.send(data)
        await trio.sleep_forever()


@pytest.mark.usefixtures("broken")
async def test_an_error_in_one_connection_is_logged_and_ends_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with trio.fail_after(20):
        async with serving(Echo()) as server, server.client() as client:
            await client.upgrade()
            async with server.client() as other:
                await other.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert await other.rest() == b""
            await client.send(client.text("still here"))
            assert await client.message() == "still here"
    assert "Error in a connection" in caplog.text
    assert "ValueError: out of the connection" in caplog.text


async def test_what_hypercorn_cannot_decode_is_refused_without_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with trio.fail_after(20):
        async with serving(Echo()) as server, server.client() as client:
            await client.send(ODD)
            assert b" 400 " in await client.head()
    assert "Error" not in caplog.text


STOCK: dict[str, bytes] = {
    "odd request": ODD,
    "stray byte": ODD.replace(b", \xe9", b"") + b"x",
}


@pytest.mark.parametrize("data", STOCK.values(), ids=STOCK)
async def test_stock_ends_with_it(data: bytes) -> None:
    with trio.fail_after(20), pytest.raises(BaseExceptionGroup):
        await provoke_stock(data)


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

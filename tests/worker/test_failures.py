"""A route that raises closes 1011 (failures.py)."""

import pytest
import trio
from quart import websocket
from quart_trio import QuartTrio

from tests.worker.serving import serving


@pytest.fixture
def app() -> QuartTrio:
    app = QuartTrio("failing")

    @app.websocket("/")
    async def route() -> None:
        await websocket.receive()
        raise ZeroDivisionError

    @app.websocket("/good")
    async def good() -> None:
        await websocket.receive()

    return app


@pytest.mark.parametrize(
    ("stock", "path", "code"), [(False, "/", 1011), (False, "/good", 1000), (True, "/", 1000)]
)
async def test_the_code_tells(app: QuartTrio, stock: bool, path: str, code: int) -> None:
    with trio.fail_after(20):
        async with serving(app, stock=stock) as server, server.client() as client:
            await client.upgrade(path)
            await client.send(client.text("go"))
            assert await client.close_code() == code

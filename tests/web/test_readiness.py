"""/readyz: for who sends clients to this server."""

import httpx

from tests.server import ChatServer


async def test_a_server_is_ready_until_it_drains(server: ChatServer) -> None:
    async def get(path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
            return await client.get(path)

    ready = await get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    await server.runtime.drain()
    draining = await get("/readyz")
    assert draining.status_code == 503
    assert draining.json() == {"detail": "The server is shutting down"}
    assert (await get("/healthz")).status_code == 200
    assert (await server.refusal("/ws")).status_code == 503

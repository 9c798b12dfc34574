"""A proxy on the server's machine that nobody named: strangers lock nobody out, and the log says
what does not hold.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import trio
import trio_websocket

from tests.e2e.launching import Launched, launched, serve
from tests.e2e.users import PASSWORD, PATIENCE, users_of

STRANGER, HOME = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "203.0.113.9"}
TOLD = 'set server.trusted_proxies to ["127.0.0.1"] if it is a proxy of yours'


@pytest.fixture
async def strict(data: Path) -> AsyncIterator[Launched]:
    """A server that bears few attempts."""
    env = {"TRICHAT_AUTH_LOGIN_ATTEMPTS": "3"}
    async with launched(serve(data), env) as server:
        yield server


@pytest.mark.promise("channels-23")
async def test_a_stranger_locks_nobody_out(strict: Launched) -> None:
    async with (
        users_of(strict.address) as users,
        httpx.AsyncClient(base_url=strict.address) as http,
    ):
        await users.people("ann")

        async def login(password: str, client: dict[str, str]) -> int:
            body = {"username": "ann", "password": password}
            answer = await http.post("/api/v1/auth/login", json=body, headers=client)
            return answer.status_code

        for number in range(6):
            assert await login(f"wrong {number}", STRANGER) == 401
        assert await login(PASSWORD, HOME) == 200
        assert (await http.get("/readyz")).status_code == 200
    assert strict.said.count(TOLD) == 1


async def test_a_socket_tells_it_as_well(strict: Launched) -> None:
    async with users_of(strict.address) as users, trio.open_nursery() as nursery:
        (ann,) = await users.people("ann")
        for _ in range(2):
            with trio.fail_after(PATIENCE):
                socket = await trio_websocket.connect_websocket_url(
                    nursery,
                    users.url("channels", ann.token),
                    extra_headers=[(b"x-forwarded-for", b"198.51.100.7")],
                )
                await socket.aclose()
    assert strict.said.count(TOLD) == 1

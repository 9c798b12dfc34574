"""An identity provider beside our own accounts, as the tests of its tokens set it up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from tests.issuer import AUDIENCE, ISSUER, Issuer
from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.settings import Identity

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
REFUSED = {"chats": 1008, "room": 4001, "channels": 1008, "conversations": 4001}
SECRET = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"


def published(issuer: Issuer, **more: Any) -> Identity:
    """The provider at its address, asked anew at once for keys that are not known."""
    given: dict[str, Any] = {
        "algorithms": ("RS256", "ES256"),
        "jwks_url": issuer.url,
        "jwks_retry": 0.001,
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "create_users": True,
    }
    return Identity(**(given | more))


@asynccontextmanager
async def served(data: Path, identity: Identity) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings_for(data, identity=identity)) as server:
        yield server


async def me(server: ChatServer, token: str) -> tuple[int, Any]:
    """What REST says of the bearer."""
    return await server.rest(Person(None, token), "GET", "/auth/me")  # type: ignore[arg-type]


async def named(server: ChatServer, token: str) -> str:
    """The user name that REST knows the bearer by."""
    status, body = await me(server, token)
    assert status == 200, body
    return str(body["username"])


async def assert_refused_everywhere(server: ChatServer, token: str) -> None:
    """With the same words and codes as any bad token."""
    assert (await server.refusal(f"/ws/chat?token={token}")).status_code == 401
    for dialect, code in REFUSED.items():
        async with trio.open_nursery() as nursery:
            client = await server.connect(nursery, dialect, token, "hall")
            assert await client.close_code() == code, dialect
            await client.abort()

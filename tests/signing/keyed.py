"""What the tests of signing keys do with a server and its key."""

import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import jwt
import trio
from attrs import evolve

from tests.server import PASSWORD, ChatServer, Person, open_chat_server
from trichat.settings import Settings

BAD = (401, {"detail": "Could not validate credentials"})


async def log_in(server: ChatServer, name: str) -> tuple[Person, str]:
    """By password, with a refresh token."""
    body = {"username": name, "password": PASSWORD, "refresh": True}
    status, answer = await server.rest(None, "POST", "/auth/login", body)
    assert status == 200, answer
    user = await server.runtime.store.user_by_name(name)
    assert user is not None
    return Person(user, answer["access_token"]), answer["refresh_token"]


async def me(server: ChatServer, by: Person) -> tuple[int, Any]:
    return await server.rest(by, "GET", "/auth/me")


async def refreshed(server: ChatServer, token: str) -> tuple[int, Any]:
    return await server.rest(None, "POST", "/auth/refresh", {"refresh_token": token})


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def until_kid_is_not(server: ChatServer, name: str, old: str) -> Person:
    """A login once the server has taken another key up."""
    with trio.fail_after(30):
        while True:
            person, _ = await log_in(server, name)
            if kid(person.token) != old:
                return person


def key_file(settings: Settings) -> Path:
    return settings.server.data / "signing.key"


def open_again(server: ChatServer, settings: Settings) -> Any:
    """The server once more, when this one has ended."""
    return _Again(server, settings)


class _Again:
    def __init__(self, server: ChatServer, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._copy = settings.server.data.with_name("copy")

    async def __aenter__(self) -> ChatServer:
        # The first server holds its directory: the next one has what a crash now would leave.
        data, copy = self._settings.server.data, self._copy
        copy.mkdir(mode=0o700)
        for path in data.iterdir():
            if path.name != "lock":
                target = copy / path.name
                target.write_bytes(path.read_bytes())
                target.chmod(0o600)
        server = evolve(self._settings.server, data=copy)
        self._settings = evolve(self._settings, server=server)
        return await self._stack.enter_async_context(open_chat_server(self._settings))

    async def __aexit__(self, *error: Any) -> None:
        await self._stack.aclose()
        key = self._copy / "signing.key"
        if key.exists():
            assert os.stat(key).st_mode & 0o777 == 0o600

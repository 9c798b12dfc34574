"""A whole server in the test's own process, over real sockets and a real SQLite file."""

import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
import trio_websocket
from attrs import define, evolve, frozen
from hypercorn.trio import serve
from trio_websocket import ConnectionClosed, WebSocketConnection

from tests.described import frames_of, hold_answer
from trichat import worker
from trichat.cli.serving import hypercorn_config
from trichat.composition.server import open_server
from trichat.core.model import Role, User
from trichat.runtime.server import Runtime
from trichat.settings import Auth, Server, Settings
from trichat.store.roles import SetRole

PASSWORD = "Secret1x"  # everybody's
NEW_KEY = {"label": "bot", "current_password": PASSWORD}

# Seconds after which a frame that was promised is missed.
PATIENCE = float(os.environ.get("TEST_PATIENCE", "10"))

PATHS = {
    "chats": "/chats/ws",
    "room": "/ws/chat/{room}/",
    "lobby": "/ws/chat",
    "channels": "/ws",
    "conversations": "/ws/chat/",
}

ALL_ROOMS = "rooms=all"

_UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}

Json = Any


@frozen
class Person:
    """A user with a token."""

    user: User
    token: str

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def uuid(self) -> str:
        return self.user.uuid

    @property
    def name(self) -> str:
        return self.user.username


@define
class Client:
    """One socket."""

    socket: WebSocketConnection
    described: Callable[[Json], None] = lambda frame: None

    async def send(self, frame: Json) -> None:
        """An object as JSON; a string or bytes as they are."""
        raw = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        await self.socket.send_message(raw)

    async def raw(self) -> str:
        """The next text message."""
        with trio.fail_after(PATIENCE):
            message = await self.socket.get_message()
        assert isinstance(message, str)
        self.described(json.loads(message))
        return message

    async def next(self) -> Json:
        """The next frame."""
        return json.loads(await self.raw())

    async def request(self, frame: Json) -> Json:
        """Send, and the next frame."""
        await self.send(frame)
        return await self.next()

    async def until(self, **keys: object) -> Json:
        """The next frame with these values; what comes before it is passed over."""
        while True:
            frame = await self.next()
            if all(frame.get(key) == value for key, value in keys.items()):
                return frame

    async def close_code(self) -> int:
        """How the server ends it; frames before that are passed over."""
        code, _ = await self.closed()
        return code

    async def closed(self) -> tuple[int, str]:
        """The same, with its reason."""
        with trio.fail_after(PATIENCE), pytest.raises(ConnectionClosed) as closed:
            await self._drain()
        reason = closed.value.reason
        assert reason is not None
        return reason.code, reason.reason or ""

    async def _drain(self) -> None:
        while True:
            await self.socket.get_message()

    async def close(self) -> None:
        """As a browser does."""
        await self.socket.aclose()
        await self.abort()

    async def abort(self) -> None:
        """Without a word. (trio-websocket leaves its stream to the collector at times.)"""
        await trio.aclose_forcefully(self.socket._stream)


class ChatServer:
    """A running server."""

    def __init__(self, runtime: Runtime, address: str) -> None:
        self.runtime = runtime
        self.address = address
        self.paths = PATHS
        # Without TLS: to read the machine's certificates would take 16 ms for each server.
        self._http = httpx.AsyncClient(base_url=f"http://{address}", verify=False)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def person(self, name: str, *, role: Role = Role.MEMBER) -> Person:
        """A new user, registered as anyone may."""
        answer = await self._http.post(
            "/api/v1/auth/register",
            json={"username": name, "email": f"{name}@example.com", "password": PASSWORD},
        )
        assert answer.status_code == 200, answer.text
        user = await self.runtime.store.user_by_name(name)
        assert user is not None
        if role is not Role.MEMBER:
            await self.runtime.storage.submit(SetRole(user.id, role, 0))
            user = evolve(user, role=role)
        return Person(user, answer.json()["access_token"])

    async def rest(
        self,
        by: Person | None,
        method: str,
        path: str,
        body: Json = None,
        *,
        key: str | None = None,
    ) -> tuple[int, Json]:
        """Status and JSON of a REST call."""
        headers = {"authorization": f"Bearer {by.token}"} if by else {}
        if key is not None:
            headers["idempotency-key"] = key
        content = None if body is None else json.dumps(body)  # escaped: it may hold surrogates
        answer = await self._http.request(
            method, f"/api/v1{path}", content=content, headers=headers
        )
        media, _, _ = answer.headers["content-type"].partition(";")
        await hold_answer(
            self.document, method, f"/api/v1{path}", answer.status_code, media, answer.json()
        )
        return answer.status_code, answer.json()

    async def get(self, path: str) -> httpx.Response:
        """Whatever anybody may see."""
        return await self._http.get(path)

    async def document(self, path: str) -> Json:
        """What the server says of itself."""
        return (await self._http.get(path)).json()

    async def channel(
        self, owner: Person, name: str, *members: Person, private: bool = False
    ) -> str:
        """A room made over REST with these members: its UUID."""
        status, made = await self.rest(
            owner, "POST", "/channels/", {"name": name, "is_private": private}
        )
        assert status == 200, made
        for member in members:
            status, answer = await self.rest(
                owner, "POST", f"/channels/{made['id']}/add-user", {"user_id": member.uuid}
            )
            assert status == 200, answer
        return str(made["id"])

    async def room_id(self, uuid: str) -> int:
        """The integer id of a room."""
        room = await self.runtime.directory.find(uuid)
        assert room is not None
        return room.id

    async def refusal(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The HTTP answer to an upgrade request that is not granted."""
        return await self._http.get(path, headers={**_UPGRADE, **(headers or {})})

    async def page(self, path: str) -> httpx.Response:
        """What anyone may read."""
        return await self._http.get(path)

    async def upgrade(self, target: str) -> bytes:
        """All that the server sends, to the end, to a client that asks for exactly this target."""
        async with await self.plain(target) as stream:
            answer = b""
            with trio.fail_after(PATIENCE):
                async for data in stream:
                    answer += bytes(data)
        return answer

    async def plain(self, target: str) -> trio.SocketStream:
        """A TCP connection on which an upgrade was asked for, and nothing read."""
        stream = await self.dial()
        await stream.send_all(self.upgrade_request(target))
        return stream

    async def dial(self) -> trio.SocketStream:
        """A TCP connection."""
        return await trio.open_tcp_stream("127.0.0.1", int(self.address.rpartition(":")[2]))

    def upgrade_request(self, target: str) -> bytes:
        """Its head, as it goes over the wire."""
        lines = [f"GET {target} HTTP/1.1", f"Host: {self.address}"]
        lines += [f"{name}: {value}" for name, value in _UPGRADE.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def url(
        self, dialect: str, token: str | None, room: str = "", resume: str | None = None
    ) -> str:
        """Where a dialect is spoken. token: or a ticket."""
        shown = "ticket" if token is not None and token.startswith("tct_") else "token"
        query = "" if token is None else f"?{shown}={token}"
        if resume is not None:
            query += f"&resume={resume}"
        if dialect == "conversations":  # whoever is in a room with the others shall hear them
            query = f"?{ALL_ROOMS}{query.replace('?', '&')}"
        return f"ws://{self.address}{self.paths[dialect].format(room=room)}{query}"

    @asynccontextmanager
    async def socket(
        self,
        dialect: str,
        by: Person | str | None,
        room: str = "",
        headers: Mapping[str, str] | None = None,
        resume: str | None = None,
    ) -> AsyncIterator[Client]:
        """A connection, closed at the end."""
        token = by.token if isinstance(by, Person) else by
        async with trio.open_nursery() as nursery:
            client = await self.connect(nursery, dialect, token, room, headers, resume)
            try:
                yield client
                await client.close()
            finally:
                await client.abort()
            nursery.cancel_scope.cancel()

    async def connect(
        self,
        nursery: trio.Nursery,
        dialect: str,
        by: Person | str | None,
        room: str = "",
        headers: Mapping[str, str] | None = None,
        resume: str | None = None,
    ) -> Client:
        """A connection that the nursery owns."""
        token = by.token if isinstance(by, Person) else by
        extra = [(key.encode(), value.encode()) for key, value in (headers or {}).items()]
        with trio.fail_after(PATIENCE):
            socket = await trio_websocket.connect_websocket_url(
                nursery, self.url(dialect, token, room, resume), extra_headers=extra
            )
        return Client(socket, await frames_of(self.document, dialect))


def settings_for(data: Path, **sections: Any) -> Settings:
    """Settings for a test: a free port, and password hashes that cost nothing."""
    given: dict[str, Any] = {
        "server": Server(port=0, data=data),
        "auth": Auth(argon2_time=1, argon2_memory=8, argon2_parallelism=1),
    }
    return Settings(**{**given, **sections})


@asynccontextmanager
async def open_chat_server(settings: Settings) -> AsyncIterator[ChatServer]:
    """Serve with Hypercorn, as `trichat serve` does."""
    async with open_server(settings) as (runtime, app), trio.open_nursery() as nursery:
        worker.install(worker.WorkerLimits.of(settings, runtime.metrics.turned_away))
        stop = trio.Event()
        run = partial(
            serve, app, hypercorn_config(settings), shutdown_trigger=stop.wait, mode="asgi"
        )
        binds = await nursery.start(_with_status, run)
        server = ChatServer(runtime, binds[0].removeprefix("http://"))
        try:
            yield server
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + PATIENCE):
                await server.aclose()
                await runtime.drain()
            stop.set()


async def _with_status(run: Any, task_status: trio.TaskStatus[list[str]]) -> None:
    await run(task_status=task_status)

"""Users of a running server, from outside: accounts over REST, sockets over WebSocket."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import trio
from attrs import frozen
from trio_websocket import wrap_client_stream

from tests.server import ALL_ROOMS, PATHS, Client

PATIENCE = 30.0
PASSWORD = "Secret1x"
DIALECTS = tuple(PATHS)

Json = Any


@frozen
class Person:
    """A user with a token."""

    name: str
    uuid: str
    token: str


class Users:
    """Those who use the server at this address, by REST and by sockets."""

    def __init__(self, address: str, tls: ssl.SSLContext | None = None) -> None:
        self.address = address
        self._tls = tls
        self._http = httpx.AsyncClient(
            base_url=address, timeout=PATIENCE, verify=tls or False, trust_env=False
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def call(self, by: Person | None, method: str, path: str, body: Json = None) -> Json:
        """The JSON of a REST call that succeeds."""
        headers = {"authorization": f"Bearer {by.token}"} if by else {}
        answer = await self._http.request(method, path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def register(self, name: str) -> Person:
        """A new user."""
        body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        made = await self.call(None, "POST", "/api/v1/auth/register", body)
        return Person(name, made["user"]["id"], made["access_token"])

    async def people(self, *names: str) -> list[Person]:
        """New users in no room; the server's first user, who gets rooms, is none of them."""
        await self.register("founder")
        return [await self.register(name) for name in names]

    async def channel(
        self, name: str, owner: Person, *members: Person, private: bool = False
    ) -> str:
        """A room with these members: its UUID."""
        body = {"name": name, "is_private": private}
        made = await self.call(owner, "POST", "/api/v1/channels/", body)
        for member in members:
            path = f"/api/v1/channels/{made['id']}/add-user"
            await self.call(owner, "POST", path, {"user_id": member.uuid})
        return str(made["id"])

    async def post(self, by: Person, channel: str, text: str) -> Json:
        """A message over REST."""
        body = {"channel_id": channel, "content": text}
        return await self.call(by, "POST", "/api/v1/messages/", body)

    async def history(self, by: Person, channel: str) -> list[str]:
        """The texts of a room, oldest first, page by page."""
        texts: list[str] = []
        while True:
            path = f"/api/v1/messages/channel/{channel}?limit=100&offset={len(texts)}"
            page = await self.call(by, "GET", path)
            if not page:
                return texts
            texts = [message["content"] for message in page] + texts

    async def number(self, of: Person) -> int:
        """The integer that the conversations dialect knows a room by, of someone in one only."""
        async with self.socket("conversations", of) as socket:
            await socket.send({"type": "chat.get_conversations"})
            listed = await socket.until(type="chat.conversations")
        (only,) = listed["conversations"]
        return int(only["id"])

    async def user_number(self, of: Person, asker: Person) -> int:
        """The integer that the conversations dialect knows another user by."""
        async with self.socket("conversations", asker) as socket:
            await socket.send({"type": "chat.search_user", "keyword": of.name})
            found = await socket.until(type="chat.search_results")
        return next(int(user["id"]) for user in found["results"] if user["username"] == of.name)

    def url(
        self, dialect: str, token: str | None, room: str = "", resume: str | None = None
    ) -> str:
        """Where a dialect is spoken."""
        query = "" if token is None else f"?token={token}"
        if resume is not None:
            query += f"&resume={resume}"
        if dialect == "conversations":
            query = f"?{ALL_ROOMS}{query.replace('?', '&')}"
        path = PATHS[dialect].format(room=room)
        return f"{self._address('ws')}{path}{query}"

    def _address(self, scheme: str) -> str:
        return self.address.replace("http", scheme, 1)

    @asynccontextmanager
    async def socket(
        self, dialect: str, by: Person, room: str = "", resume: str | None = None
    ) -> AsyncIterator[Client]:
        """A connection, closed at the end; whatever becomes of the server, nothing of it stays."""
        url = self.url(dialect, by.token, room, resume)
        stream = await self._stream()
        try:
            async with trio.open_nursery() as nursery:
                with trio.fail_after(PATIENCE):
                    socket = await wrap_client_stream(
                        nursery, stream, "localhost", url.removeprefix(self._address("ws"))
                    )
                client = Client(socket)
                yield client
                with trio.move_on_after(PATIENCE):
                    await client.close()
                nursery.cancel_scope.cancel()
        finally:
            await trio.aclose_forcefully(stream)

    async def _stream(self) -> trio.SocketStream | trio.SSLStream[trio.SocketStream]:
        port = int(self.address.rpartition(":")[2])
        tcp = await trio.open_tcp_stream("127.0.0.1", port)
        if self._tls is None:
            return tcp
        return trio.SSLStream(tcp, self._tls, server_hostname="localhost", https_compatible=True)


@asynccontextmanager
async def users_of(address: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Users]:
    """Users of the server at this address; their HTTP client is closed at the end."""
    users = Users(address, tls)
    try:
        yield users
    finally:
        with trio.CancelScope(shield=True):
            await users.aclose()

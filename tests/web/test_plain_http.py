"""Plain HTTP on a socket's path: 426, which says what is spoken there (plainhttp.py)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from tests.dialects.speech import DIALECTS
from tests.server import PATIENCE, ChatServer, open_chat_server, settings_for
from trichat.settings import Lobby, Server

PATHS = {
    "chats": ("/chats/ws", "/chats/ws?token=x"),
    "room": ("/ws/chat/general/", "/ws/chat/general", "/ws/chat/a%2Fb/", "/ws/chat/%ff/?a=b"),
    "lobby": ("/ws/chat", "/ws/chat?ws/chat/"),
    "channels": ("/ws", "/ws?"),
    "conversations": ("/ws/chat/",),
}
KEY = ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",)
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", *KEY)
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        yield server


async def answered(server: ChatServer, line: str, *fields: str) -> Answer:
    """Status, fields and body of the first answer."""
    head = "\r\n".join([line, f"Host: {server.address}", *fields, "", ""])
    async with await server.dial() as stream:
        await stream.send_all(head.encode("latin-1"))
        got, size = b"", 0
        with trio.fail_after(PATIENCE):
            while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < size:
                got += bytes(await stream.receive_some())
                if b"\r\n\r\n" in got and not line.startswith("HEAD"):
                    size = int(_parsed(got)[1].get("content-length", "0"))
    return _parsed(got)


def _parsed(got: bytes) -> Answer:
    first, *rest = got.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    fields = {}
    for each in rest:
        name, _, value = each.partition(":")
        fields[name.lower()] = value.strip()
    return int(first.split()[1]), fields, got.partition(b"\r\n\r\n")[2]


def is_426(answer: Answer, dialect: str) -> None:
    status, fields, body = answer
    assert status == 426
    assert fields["upgrade"] == "websocket"
    assert "upgrade" in fields["connection"].lower()
    assert fields["sec-websocket-version"] == "13"
    assert fields["content-type"] == "application/json"
    detail = json.loads(body)["detail"]
    assert "WebSocket address" in detail
    assert "Sec-WebSocket-Version: 13" in detail
    assert detail.endswith(f"/asyncapi/#{dialect}")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("all-1")
async def test_plain_http_is_told_what_is_spoken_there(server: ChatServer, dialect: str) -> None:
    for path in PATHS[dialect]:
        is_426(await answered(server, f"GET {path} HTTP/1.1"), dialect)
        is_426(await answered(server, f"GET http://{server.address}{path} HTTP/1.1"), dialect)
    path = PATHS[dialect][0]
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        is_426(await answered(server, f"{method} {path} HTTP/1.1", "Content-Length: 0"), dialect)
    status, fields, body = await answered(server, f"HEAD {path} HTTP/1.1")
    assert (status, fields["sec-websocket-version"], body) == (426, "13", b"")
    for others in (("Upgrade: h2c", "Connection: Upgrade"), ("Upgrade: websocket",)):
        is_426(await answered(server, f"GET {path} HTTP/1.1", *others), dialect)


VERSIONS = {
    "8": ["8"], "12": ["12"], "14": ["14"], "none": [], "empty": [""], "a list": ["13, 8"],
    "a word": ["thirteen"], "twice": ["13", "13"], "two": ["8", "13"], "padded": ["013"],
    "long": ["13" * 1000], "signed": ["+13"],
}  # fmt: skip


@pytest.mark.parametrize("versions", VERSIONS.values(), ids=VERSIONS)
@pytest.mark.promise("all-1")
async def test_another_version_is_told_the_one_that_is_spoken(
    server: ChatServer, versions: list[str]
) -> None:
    ann = await server.person("ann")
    asked = [*UPGRADE, *(f"Sec-WebSocket-Version: {each}" for each in versions)]
    for dialect in DIALECTS:
        path = server.url(dialect, ann.token, "general").partition(server.address)[2]
        is_426(await answered(server, f"GET {path} HTTP/1.1", *asked), dialect)
    assert len(server.runtime.connections) == 0
    status, _, _ = await answered(server, "GET /healthz HTTP/1.1", *asked)
    assert status == 200  # who asks for what nobody speaks goes on without it
    status, _, _ = await answered(server, "GET /ws/ HTTP/1.1", *asked)
    assert status == 404


@pytest.mark.promise("all-1")
async def test_an_older_http_has_no_upgrade(server: ChatServer) -> None:
    ann = await server.person("ann")
    for version in ("Sec-WebSocket-Version: 13", "X-Nothing: 1"):
        line = f"GET /ws?token={ann.token} HTTP/1.0"
        is_426(await answered(server, line, *UPGRADE, version), "channels")


async def test_a_connection_goes_on_behind_it(server: ChatServer) -> None:
    """Who asked by mistake may ask for something else."""
    async with await server.dial() as stream:
        for _ in range(3):
            await stream.send_all(b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
            got = b""
            while not got.endswith(b"}"):
                got += bytes(await stream.receive_some())
            assert got.startswith(b"HTTP/1.1 426 ")


@pytest.mark.promise("all-1")
async def test_a_handshake_without_a_key_is_none(server: ChatServer) -> None:
    asked = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    for keys in ((), KEY * 2):
        status, fields, body = await answered(server, "GET /ws HTTP/1.1", *asked, *keys)
        assert (status, fields["content-type"]) == (400, "application/json")
        words = "A handshake has one Sec-WebSocket-Key; it is described at /asyncapi/#channels"
        assert json.loads(body) == {"detail": words}


@pytest.mark.promise("all-1")
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_offered_subprotocol_is_answered_with_none(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    path = server.url(dialect, ann.token, "general").partition(server.address)[2]
    name = "Sec-WebSocket-Protocol"
    for offer in ((f"{name}: chat, superchat",), (f"{name}: chat", f"{name}: graphql-ws")):
        asked = (*UPGRADE, "Sec-WebSocket-Version: 13", *offer)
        status, fields, _ = await answered(server, f"GET {path} HTTP/1.1", *asked)
        assert status == 101
        assert "sec-websocket-protocol" not in fields


async def test_the_words_name_the_address_that_was_asked(tmp_path: Path) -> None:
    """Behind a proxy that is trusted, with its prefix; and a lobby of another path."""
    settings = settings_for(
        tmp_path / "data",
        server=Server(data=tmp_path / "data", trusted_proxies=("127.0.0.1",)),
        lobby=Lobby(websocket_path="/talk"),
    )
    async with open_chat_server(settings) as server:
        told = ("X-Forwarded-Proto: https", "X-Forwarded-Prefix: /chat")
        answer = await answered(server, "GET /talk HTTP/1.1", *told)
        is_426(answer, "lobby")
        assert b"wss://" in answer[2]
        assert b"/chat/asyncapi/#lobby" in answer[2]
        assert (await answered(server, "GET /ws/chat HTTP/1.1"))[0] == 404


@pytest.mark.parametrize("path", ["/health", "/health/", "/api/v1/channels"])
async def test_a_lobby_takes_no_page_of_the_rest_side(tmp_path: Path, path: str) -> None:
    settings = settings_for(tmp_path / "data", lobby=Lobby(websocket_path=path))
    async with open_chat_server(settings) as server:
        assert (await server.get("/health")).status_code == 200
        assert (await server.get("/api/v1/channels/")).status_code == 401


async def test_the_documents_say_so(server: ChatServer) -> None:
    description = (await server.document("/asyncapi.json"))["info"]["description"]
    assert "426" in description
    assert "subprotocol" in description

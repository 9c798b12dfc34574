"""The documents name the server that was asked: by its Host, and by what trusted proxies say."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.server import ChatServer, open_chat_server, settings_for
from tests.web.test_rest_http import leads_to
from trichat.settings import Server


async def servers(server: ChatServer, *headers: tuple[str, str]) -> tuple[str, dict[str, str]]:
    """The URL that OpenAPI has, and the server that AsyncAPI has."""
    fields = [header for header in headers if header[0] != "Host"]
    hosts = [header for header in headers if header[0] == "Host"] or [("Host", "chat.example")]
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as http:
        found = []
        for path in ("/openapi.json", "/asyncapi.json"):
            answer = await http.get(path, headers=[*hosts, *fields])
            assert answer.status_code == 200
            found.append(answer.json()["servers"])
    ((rest,), sockets) = found
    assert list(sockets) == ["here"]
    return rest["url"], sockets["here"]


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server whose tests are a proxy that it trusts."""
    trusting = Server(port=0, data=tmp_path / "data", trusted_proxies=("127.0.0.1",))
    async with open_chat_server(settings_for(tmp_path / "data", server=trusting)) as server:
        yield server


@pytest.mark.parametrize(
    "host",
    [
        "chat.example",
        "chat.example:8443",
        "localhost:8000",
        "192.0.2.1",
        "[2001:db8::1]:8000",
        "a_b",
    ],
)
async def test_the_host_that_was_asked_is_named(server: ChatServer, host: str) -> None:
    assert await servers(server, ("Host", host)) == (
        f"http://{host}",
        {"host": host, "protocol": "ws"},
    )


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example/x",
        "user@evil.example",
        "evil.example#",
        'a"onload="x',
        "<script>",
        "a b",
        "a:b",
        "a:123456",
        "[::1",
        "{address}",
        "-a",
        "x" * 254,
        "a,b",
        ".a",
    ],
)
async def test_what_is_no_host_is_not_repeated(server: ChatServer, host: str) -> None:
    assert await servers(server, ("Host", host)) == (
        "http://localhost",
        {"host": "localhost", "protocol": "ws"},
    )


@pytest.mark.parametrize("host", ["a..b", ".a", "x" * 64, "x" * 300, "\xff", "xn--a", "[", ":"])
async def test_no_host_makes_trouble(
    server: ChatServer, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The router does not look at it: it would raise for what no DNS has."""
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as http:
        for path, status in (("/health", 200), ("/nowhere", 404), ("/swagger", 307)):
            answer = await http.get(path, headers={b"Host": host.encode("latin-1")})
            assert answer.status_code == status
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_trusted_proxy_says_how_it_was_asked(behind: ChatServer) -> None:
    said = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/team/chat"))
    assert await servers(behind, *said) == (
        "https://chat.example/team/chat",
        {"host": "chat.example", "protocol": "wss", "pathname": "/team/chat"},
    )


async def test_nobody_else_does(server: ChatServer) -> None:
    said = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/evil"))
    assert await servers(server, *said) == (
        "http://chat.example",
        {"host": "chat.example", "protocol": "ws"},
    )


@pytest.mark.parametrize(
    ("header", "value", "url"),
    [
        ("X-Forwarded-Proto", "http", "http://chat.example"),
        ("X-Forwarded-Proto", "gopher, https", "https://chat.example"),  # the nearest proxy's
        ("X-Forwarded-Proto", "https, gopher", "http://chat.example"),
        ("X-Forwarded-Proto", "javascript", "http://chat.example"),
        ("X-Forwarded-Prefix", "/chat/", "http://chat.example/chat"),
        ("X-Forwarded-Prefix", "/a.b/c-d_e~f", "http://chat.example/a.b/c-d_e~f"),
        ("X-Forwarded-Prefix", "/evil, /chat", "http://chat.example/chat"),
        ("X-Forwarded-Prefix", "/", "http://chat.example"),
        ("X-Forwarded-Prefix", "chat", "http://chat.example"),
        ("X-Forwarded-Prefix", "//evil.example", "http://chat.example"),
        ("X-Forwarded-Prefix", "/a/../b", "http://chat.example"),
        ("X-Forwarded-Prefix", "/a?b", "http://chat.example"),
        ("X-Forwarded-Prefix", "/a%2e", "http://chat.example"),
        ("X-Forwarded-Prefix", '/"><script>', "http://chat.example"),
        ("X-Forwarded-Prefix", "/" + "a" * 200, "http://chat.example"),
    ],
)
async def test_what_a_proxy_says_is_looked_at(
    behind: ChatServer, header: str, value: str, url: str
) -> None:
    assert (await servers(behind, (header, value)))[0] == url


async def test_a_redirect_names_no_host_whatever_a_proxy_says(behind: ChatServer) -> None:
    headers = {"X-Forwarded-Prefix": "/chat", "X-Forwarded-Proto": "https"}
    async with httpx.AsyncClient(base_url=f"http://{behind.address}", verify=False) as http:
        answer = await http.get("/swagger", headers=headers)
    assert leads_to(answer.headers["location"], "/chat/swagger") == "/chat/swagger/"

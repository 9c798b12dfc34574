"""An Authorization of another scheme than Bearer is no credential, wherever it comes (all-5)."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import trio

from tests.dialects.speech import DIALECTS
from tests.server import NEW_KEY, PATIENCE, ChatServer, Person, open_chat_server, settings_for
from trichat.settings import Ops

OTHERS = (
    "Basic dXNlcjpwYXNz", "basic dXNlcjpwYXNz", "Negotiate YIIJ", "NTLM TlRM", "Token x", "Bearerx",
    'Digest username="a, Bearer b", realm="r", uri="/ws", response="0"', "AWS4-HMAC-SHA256 x=y",
    "Basic", "  ",
)  # fmt: skip
HEADERS = ("room", "lobby")  # the dialects in which the field may hold a credential
UPGRADED = b"HTTP/1.1 101 "


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        yield server


async def first(
    server: ChatServer, dialect: str, token: str | None, fields: Sequence[str]
) -> bytes:
    """What an upgrade with these header lines gets, up to a close frame or the session's start."""
    target = server.url(dialect, token, "hall").partition(server.address)[2]
    head = server.upgrade_request(target)[:-2] + "".join(f"{each}\r\n" for each in fields).encode()
    async with await server.dial() as stream:
        await stream.send_all(head + b"\r\n")
        answer = b""
        with trio.move_on_after(PATIENCE):
            while b"\r\n\r\n" not in answer and (data := bytes(await stream.receive_some())):
                answer += data
            await stream.send_all(b"\x88\x82\0\0\0\0\x03\xe8")  # 1000, which is answered alike
            async for more in stream:
                answer += bytes(more)
    return answer


async def opens(server: ChatServer, dialect: str, token: str | None, *fields: str) -> bool:
    """Whether the session began: else it was refused by a close frame of the server's own."""
    answer = await first(server, dialect, token, fields)
    return answer.startswith(UPGRADED) and answer.endswith(b"\x88\x02\x03\xe8")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_5_another_scheme_decides_nothing(server: ChatServer, dialect: str) -> None:
    ann = await server.person("ann")
    for other in OTHERS:
        field = f"Authorization: {other}"
        assert await opens(server, dialect, ann.token, field), other
        assert not await opens(server, dialect, "nonsense", field), other
        assert not await opens(server, dialect, None, field), other


@pytest.mark.parametrize("dialect", HEADERS)
async def test_all_5_of_several_fields_the_first_bearer_counts(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    basic, good, bad = "Basic dXNlcjpwYXNz", f"Bearer {ann.token}", "Bearer nonsense"
    for shown, right in (
        ((basic, good), True),
        ((good, basic), True),
        ((basic, good, "Digest x"), True),
        ((basic, good, bad), True),
        ((good, bad), True),
        ((bad, good), False),
        ((basic, bad, good), False),
        (("Bearer", good), False),  # it is there, and empty
    ):
        fields = [f"Authorization: {each}" for each in shown]
        assert await opens(server, dialect, None, *fields) is right, shown
        assert await opens(server, dialect, ann.token, *fields) is right, shown


async def test_all_5_a_key_counts_beside_another_scheme(server: ChatServer) -> None:
    ann = await server.person("ann")
    key = f"x-api-key: {(await server.rest(ann, 'POST', '/auth/keys', NEW_KEY))[1]['key']}"
    assert await opens(server, "lobby", None, "Authorization: Basic x", key)
    assert await opens(server, "lobby", "nonsense", key, "Authorization: Basic x")
    assert not await opens(server, "lobby", ann.token, "Authorization: Basic x", "x-api-key: no")
    assert not await opens(server, "lobby", None, "Authorization: Bearer no", key)


async def asked(server: ChatServer, path: str, *shown: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
        return await client.get(path, headers=[("Authorization", each) for each in shown])


async def test_all_5_over_rest_too(server: ChatServer) -> None:
    ann: Person = await server.person("ann")
    good, bad = f"Bearer {ann.token}", "Bearer nonsense"
    for other in OTHERS[:-1]:  # the client sends no blank field
        assert (await asked(server, "/api/v1/auth/me", other, good)).status_code == 200, other
        assert (await asked(server, "/api/v1/auth/me", good, other)).status_code == 200, other
        refused = await asked(server, "/api/v1/auth/me", other)
        assert refused.status_code == 401, other
        assert refused.headers["www-authenticate"] == "Bearer"
    assert (await asked(server, "/api/v1/auth/me", good, bad)).status_code == 200
    assert (await asked(server, "/api/v1/auth/me", bad, good)).status_code == 401


async def test_all_5_the_token_of_metrics_stands_beside_another_scheme(tmp_path: Path) -> None:
    ops = Ops(metrics_token="right")  # type: ignore[arg-type]
    async with open_chat_server(settings_for(tmp_path, ops=ops)) as server:
        for shown, status in (
            (("Basic x", "Bearer right"), 200),
            (("Bearer right", "Basic x"), 200),
            (("Bearer wrong", "Bearer right"), 401),
            (("Basic right",), 401),
            ((), 401),
        ):
            assert (await asked(server, "/metrics", *shown)).status_code == status, shown

"""A server on a Unix socket: `trichat serve --host unix:/path`, `hypercorn --bind unix:/path`."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trio

from tests.e2e.everyone import assert_everyone_hears
from tests.e2e.launching import BIN, LISTENING, RUNNING, TRICHAT, command, launched
from tests.e2e.raw import Raw, target
from tests.e2e.users import PASSWORD, PATIENCE, Users

CONFIG = Path(__file__).parents[2] / "config" / "hypercorn.toml"


class LocalUsers(Users):
    """The people of a server that listens on a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("http://localhost")
        self._path = path
        self.http = self._http = httpx.AsyncClient(
            base_url="http://localhost",
            transport=httpx.AsyncHTTPTransport(uds=str(path)),
            timeout=PATIENCE,
        )

    async def _stream(self) -> trio.SocketStream:
        return await trio.open_unix_socket(str(self._path))


@asynccontextmanager
async def users_of(path: Path) -> AsyncIterator[LocalUsers]:
    users = LocalUsers(path)
    try:
        yield users
    finally:
        with trio.CancelScope(shield=True):
            await users.aclose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.sock"


def is_there(path: Path) -> bool:
    return os.path.lexists(path)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def serve(path: Path, data: Path, *options: str) -> list[str]:
    return [TRICHAT, "serve", "--host", f"unix:{path}", "--data", str(data), *options]


def hypercorn(path: Path) -> list[str]:
    words = [str(BIN / "hypercorn"), "-k", "trio", "--config", str(CONFIG)]
    return [*words, "--umask", str(0o117), "--bind", f"unix:{path}", "trichat.asgi:app"]


@pytest.mark.parametrize("under", ["trichat serve", "hypercorn"])
async def test_it_serves_and_leaves_nothing_behind(path: Path, data: Path, under: str) -> None:
    words, ready = serve(path, data), LISTENING
    if under == "hypercorn":
        words, ready = hypercorn(path), RUNNING
    async with launched(words, {"TRICHAT_SERVER_DATA": str(data)}, ready=ready) as server:
        assert server.address == f"http://unix:{path}"
        assert mode_of(path) == 0o660
        async with users_of(path) as users:
            await assert_everyone_hears(users, *await users.people("ann", "bob"))
    assert not is_there(path)


@pytest.mark.parametrize("trusted", [True, False])
async def test_clients_of_a_proxy_are_told_apart_where_it_is_trusted(
    path: Path, data: Path, trusted: bool
) -> None:
    env = {"TRICHAT_AUTH_LOGIN_ATTEMPTS": "2"}
    if trusted:
        env["TRICHAT_SERVER_TRUSTED_PROXIES"] = "unix:"
    async with launched(serve(path, data), env) as server, users_of(path) as users:
        await users.people("ann")
        statuses = []
        for client, password in (
            ("192.0.2.1", "one"),
            ("192.0.2.1", "two"),
            ("192.0.2.1", PASSWORD),
            ("192.0.2.2", PASSWORD),
        ):
            answer = await users.http.post(
                "/api/v1/auth/login",
                json={"username": "ann", "password": password},
                headers={"x-forwarded-for": client},
            )
            statuses.append(answer.status_code)
        assert statuses == [401, 401, 429 if trusted else 200, 200]
        told = 'set server.trusted_proxies to ["unix:"]'
        assert server.said.count(told) == (0 if trusted else 1)


async def test_connections_are_counted_by_the_client_that_a_trusted_proxy_names(
    path: Path, data: Path
) -> None:
    env = {
        "TRICHAT_SERVER_TRUSTED_PROXIES": "unix:",
        "TRICHAT_LIMITS_CONNECTIONS_PER_ADDRESS": "1",
    }
    async with launched(serve(path, data), env), users_of(path) as users, AsyncExitStack() as stack:
        (ann,) = await users.people("ann")
        for _ in range(2):  # who comes by no proxy has no such bound
            await stack.enter_async_context(users.socket("channels", ann))
        statuses = []
        for client in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
            stream = await stack.enter_async_context(await trio.open_unix_socket(str(path)))
            raw = Raw(stream, "localhost", fields=(f"X-Forwarded-For: {client}",))
            await raw.upgrade(target(users, "lobby", ann))
            statuses.append(raw.status)
        assert statuses == [101, 429, 101]


async def test_what_a_killed_server_left_is_replaced(path: Path, data: Path) -> None:
    async with launched(serve(path, data)) as server:
        server.process.kill()
        await server.ended()
    assert is_there(path)
    async with launched(serve(path, data)), users_of(path) as users:
        await users.call(None, "GET", "/healthz")


async def test_a_socket_has_one_server(path: Path, data: Path, tmp_path: Path) -> None:
    async with launched(serve(path, data)), users_of(path) as users:
        code, _, error = await command(*serve(path, tmp_path / "other")[1:])
        assert code != 0
        assert error == (
            f"Error: server.host (command line) is 'unix:{path}': another process listens there\n"
        )
        assert not is_there(tmp_path / "other")
        await users.call(None, "GET", "/healthz")


async def test_its_permissions_are_a_setting(path: Path, data: Path) -> None:
    async with launched(serve(path, data), {"TRICHAT_SERVER_SOCKET_MODE": "600"}):
        assert mode_of(path) == 0o600


@pytest.mark.parametrize("host", ["fd://3", "*", "http://localhost", "127.0.0.1:80", "unix:chat"])
async def test_what_is_no_address_is_refused_before_anything_is_made(data: Path, host: str) -> None:
    code, _, error = await command("serve", "--host", host, "--data", str(data))
    assert code != 0
    assert error.startswith(f"Error: server.host (command line) is {host!r}: expected an IP addr")
    assert len(error.splitlines()) == 1
    assert not is_there(data)


async def test_a_port_beside_a_socket_is_refused(path: Path, data: Path) -> None:
    code, _, error = await command(*serve(path, data, "--port", "9000")[1:])
    assert code != 0
    assert f"expected none, since server.host is 'unix:{path}'" in error
    assert not is_there(data)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere/chat.sock", "there is no such directory"),
        ("", "there is a file that is no socket"),
    ],
)
async def test_a_place_where_no_socket_can_be_is_told(
    tmp_path: Path, data: Path, path: str, reason: str
) -> None:
    host = f"unix:{tmp_path}/{path}".rstrip("/")
    code, _, error = await command("serve", "--host", host, "--data", str(data))
    assert code != 0
    assert error == f"Error: server.host (command line) is {host!r}: {reason}\n"
    assert not is_there(data)


async def test_ipv6_in_brackets(data: Path) -> None:
    words = [TRICHAT, "serve", "--host", "[::1]", "--port", "0", "--data", str(data)]
    async with launched(words) as server:
        assert server.address.startswith("http://[::1]:")
        async with httpx.AsyncClient(base_url=server.address) as http:
            assert (await http.get("/healthz")).status_code == 200

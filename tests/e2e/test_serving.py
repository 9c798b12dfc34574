"""Starting, ending and refusing to start: `trichat serve` and Hypercorn as operators run them."""

import signal
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import trio

from tests.e2e.certificates import certificate
from tests.e2e.launching import (
    BIN,
    LISTENING,
    PATIENCE,
    RUNNING,
    TRICHAT,
    Launched,
    command,
    environment,
    launched,
    serve,
)
from tests.e2e.users import DIALECTS, Person, Users, users_of
from tests.server import Client

CONFIG = Path(__file__).parents[2] / "config" / "hypercorn.toml"
HYPERCORN = [
    *(str(BIN / "hypercorn"), "-k", "trio", "--config", str(CONFIG)),
    *("--bind", "127.0.0.1:0", "trichat.asgi:app"),
]
BARE = [str(BIN / "hypercorn"), "-k", "trio", "--bind", "127.0.0.1:0", "trichat.asgi:app"]


async def assert_sockets_end(
    server: Launched, users: Users, ann: Person, by: signal.Signals
) -> None:
    """Every open socket gets 1001, and the server ends well."""
    async with AsyncExitStack() as stack:
        sockets: dict[str, Client] = {}
        for dialect in DIALECTS:
            socket = users.socket(dialect, ann, "general")
            sockets[dialect] = await stack.enter_async_context(socket)
        server.process.send_signal(by)
        codes = {dialect: await socket.close_code() for dialect, socket in sockets.items()}
        assert codes == dict.fromkeys(DIALECTS, 1001)
        assert await server.ended() == 0, server.said
    assert "Traceback" not in server.said


async def assert_a_message_crosses(users: Users, ann: Person, bob: Person) -> None:
    """From the chats dialect into the room dialect."""
    channel = await users.channel("crossing", ann, bob)
    async with users.socket("room", bob, "crossing") as room, users.socket("chats", ann) as chats:
        await room.until(type="user_join")
        sent = await chats.request({"action": "message", "chat_id": channel, "text": "over there"})
        assert sent == {"action": "message_response", "status": "success"}
        frame = await room.until(type="chat_message")
        assert (frame["message"], frame["sender_username"]) == ("over there", "ann")


@pytest.mark.parametrize("line", [("serve",), ("config",), ("user", "add", "ann")])
async def test_a_secret_that_did_not_arrive_is_refused(data: Path, line: tuple[str, ...]) -> None:
    code, said, error = await command(*line, "--data", str(data), env={"TRICHAT_AUTH_SECRET": ""})
    told = "auth.secret (TRICHAT_AUTH_SECRET) is empty: expected text, or no such setting at all"
    assert (code, said, error) == (1, "", f"Error: {told}\n")
    assert not await trio.Path(data).exists()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_every_socket_with_1001(
    server: Launched, users: Users, by: signal.Signals
) -> None:
    (ann,) = await users.people("ann")
    await assert_sockets_end(server, users, ann, by)


async def test_nobody_holds_up_the_end(data: Path) -> None:
    """Nobody: who is silent, amid a request, or idle after one."""
    async with launched(serve(data)) as server, httpx.AsyncClient(trust_env=False) as idle:
        port = int(server.address.rpartition(":")[2])
        silent = await trio.open_tcp_stream("127.0.0.1", port)
        amid = await trio.open_tcp_stream("127.0.0.1", port)
        async with silent, amid:
            await amid.send_all(b"GET /ws HTTP/1.1\r\nHo")
            await idle.get(f"{server.address}/healthz")
            server.process.terminate()
            with trio.fail_after(10):
                assert await server.ended() == 0


async def test_a_data_directory_has_one_server(server: Launched, users: Users, data: Path) -> None:
    """The second is refused in one line; the first serves on."""
    code, said, error = await command("serve", "--port", "0", "--data", str(data))
    assert code != 0
    assert "Listening" not in said
    assert error.strip() == (
        f"Error: server.data (command line) is '{data}': data directory {data} is in use by "
        f"process {server.process.pid}"
    )
    await assert_a_message_crosses(users, *await users.people("ann", "bob"))


async def test_a_port_has_one_server(server: Launched, tmp_path: Path) -> None:
    port = server.address.rpartition(":")[2]
    code, said, error = await command("serve", "--port", port, "--data", str(tmp_path / "other"))
    assert code != 0
    assert "Listening" not in said
    assert error == (
        f"Error: server.port (command line) is {port}: another process listens there, on "
        "'127.0.0.1'\n"
    )
    assert not (tmp_path / "other").exists()


WRONG = {
    "TRICHAT_SERVER_PORT": (
        "many",
        "server.port (TRICHAT_SERVER_PORT) is 'many': expected a whole number from 0 to 65535",
    ),
    "TRICHAT_AUTH_SECRET": (
        "hunter2",
        "auth.secret (TRICHAT_AUTH_SECRET) is (hidden): has 7 bytes: expected 32 or more",
    ),
    "TRICHAT_OPS_METRICS_TOKEN": (
        "hunter2\udcff",  # as the environment's bytes come that are no text
        "ops.metrics_token (TRICHAT_OPS_METRICS_TOKEN) is (hidden): expected text",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_setting_is_refused(data: Path, name: str) -> None:
    value, told = WRONG[name]
    code, _, error = await command("serve", "--data", str(data), env={name: value})
    assert code != 0
    assert error == f"Error: {told}\n"
    assert "hunter2" not in error
    assert not await trio.Path(data / "trichat.db").exists()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_hypercorn_serves_the_same(data: Path, by: signal.Signals) -> None:
    """`hypercorn --config config/hypercorn.toml trichat.asgi:app`."""
    env = {"TRICHAT_SERVER_DATA": str(data)}
    async with launched(HYPERCORN, env, ready=RUNNING) as server, users_of(server.address) as users:
        ann, bob = await users.people("ann", "bob")
        await users.call(None, "GET", "/healthz")
        await assert_a_message_crosses(users, ann, bob)
        await assert_sockets_end(server, users, ann, by)


@pytest.mark.parametrize("under", ["trichat serve", "hypercorn"])
async def test_limits_of_requests_hold_under_either(data: Path, under: str) -> None:
    """As the settings have them, and counted."""
    env = {"TRICHAT_SERVER_DATA": str(data), "TRICHAT_LIMITS_HEADER_BYTES": "1024"}
    words, ready = [TRICHAT, "serve", "--port", "0"], LISTENING
    if under == "hypercorn":
        words, ready = HYPERCORN, RUNNING
    async with launched(words, env, ready=ready) as server:
        async with httpx.AsyncClient(base_url=server.address) as client:
            answer = await client.get("/healthz", headers={"x": "x" * 1024})
            assert answer.status_code == 431
            assert answer.json() == {"detail": "Request Header Fields Too Large"}
            counted = (await client.get("/metrics")).text
        assert 'trichat_turned_away_total{why="head"} 1.0' in counted
        server.process.send_signal(signal.SIGTERM)
        assert await server.ended() == 0


async def test_hypercorn_is_told_why_not(server: Launched, data: Path) -> None:
    """On a line of the log, and the exit code tells that it did not start."""
    env = environment({"TRICHAT_SERVER_DATA": str(data)})
    with trio.fail_after(PATIENCE):
        done = await trio.run_process(
            HYPERCORN, env=env, capture_stdout=True, capture_stderr=True, check=False
        )
    said = (done.stdout + done.stderr).decode()
    told = f"server.data (TRICHAT_SERVER_DATA) is '{data}': data directory {data} is in use by"
    assert f"trichat cannot start: {told} process" in said
    assert done.returncode != 0


async def test_hypercorn_without_a_file_drains_in_the_time_that_it_grants(data: Path) -> None:
    """Its graceful_timeout is 3 s then, less than server.drain_deadline."""
    env = {"TRICHAT_SERVER_DATA": str(data)}
    async with launched(BARE, env, ready=RUNNING) as server, users_of(server.address) as users:
        ann, bob = await users.people("ann", "bob")
        await assert_a_message_crosses(users, ann, bob)
        told = "connections are drained in 2.4 s in place of the 5 s of server.drain_deadline"
        assert told in server.said
        await assert_sockets_end(server, users, ann, signal.SIGTERM)


async def test_tls(data: Path, tmp_path: Path) -> None:
    """https and wss, with --certfile and --keyfile."""
    secure = certificate(tmp_path)
    async with launched(serve(data, *secure.options)) as server:
        assert server.address.startswith("https://")
        address = server.address.replace("127.0.0.1", "localhost")
        async with users_of(address, secure.trusting) as users:
            ann, bob = await users.people("ann", "bob")
            await assert_a_message_crosses(users, ann, bob)
            await assert_sockets_end(server, users, ann, signal.SIGTERM)

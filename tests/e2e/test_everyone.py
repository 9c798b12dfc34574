"""`trichat signing-key`, `trichat logout`: everybody's logins, beside a server and without one."""

from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import jwt
import pytest
import trio

from tests.e2e.launching import RUNNING, command, environment, launched, serve
from tests.e2e.test_command_line import lobby_answers, login, trichat
from tests.e2e.test_serving import BARE
from tests.e2e.users import DIALECTS, PASSWORD, Person, Users, users_of


@pytest.fixture
def words(data: Path) -> tuple[str, str]:
    return ("--data", str(data))


async def refreshed(users: Users, token: str) -> int:
    async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
        answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": token})
        return answer.status_code


async def logged_in(users: Users, name: str) -> tuple[Person, str]:
    body = {"username": name, "password": PASSWORD, "refresh": True}
    made = await users.call(None, "POST", "/api/v1/auth/login", body)
    return Person(name, made["user"]["id"], made["access_token"]), made["refresh_token"]


@pytest.mark.promise("all-17")
async def test_everybody_is_logged_out_beside_a_running_server(
    users: Users, words: tuple[str, str]
) -> None:
    ann, refresh = [await users.register("ann"), (await logged_in(users, "ann"))[1]]
    _, key, _ = await command("key", "add", "ann", *words)
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(users.socket(dialect, ann, "hall"))
            for dialect in DIALECTS
        ]
        said = await trichat("logout", "--all", *words)
        assert said == "2 logins have ended"
        codes = [await socket.close_code() for socket in sockets]
        assert set(codes) == {1008, 4001}
    assert await refreshed(users, refresh) == 401
    assert await lobby_answers(users, key.strip()) == 101
    assert await login(users, "ann", PASSWORD) == 200
    assert await trichat("logout", "--all", "--keys", *words) == (
        "1 logins have ended, and all API keys"
    )
    assert await lobby_answers(users, key.strip()) == 401
    code, _, error = await command("logout", *words)
    assert code == 2
    assert error.endswith("Error: say --all: everybody is logged out\n")


@pytest.mark.promise("all-17")
async def test_a_key_is_rotated_beside_a_running_server(
    users: Users, data: Path, words: tuple[str, str]
) -> None:
    ann = await users.register("ann")
    _, refresh = await logged_in(users, "ann")
    said = await trichat("signing-key", "rotate", *words)
    old = jwt.get_unverified_header(ann.token)["kid"]
    new = jwt.get_unverified_header(await trichat("token", "ann", *words))["kid"]
    assert said.startswith(f"key {new} signs now; tokens of key {old} count until 20")
    with trio.fail_after(30):
        # The server looks once a second. Of many logins the oldest end, and the first is needed.
        kid = old
        while kid != new:
            await trio.sleep(0.1)
            kid = jwt.get_unverified_header((await logged_in(users, "ann"))[0].token)["kid"]
    async with users.socket("channels", ann) as socket:
        assert (await socket.next())["user_id"] == ann.uuid
    assert await refreshed(users, refresh) == 200


@pytest.mark.promise("all-17")
async def test_no_command_makes_a_key_beside_a_running_server(
    users: Users, data: Path, words: tuple[str, str]
) -> None:
    await users.register("ann")
    file = data / "signing.key"
    file.unlink()
    for line in (
        ("token", "ann"), ("signing-key", "rotate"), ("user", "role", "ann", "ADMIN"),
        ("key", "add", "ann"), ("user", "password", "ann", "--password", "Another-2"),
        ("logout", "--all"),
    ):  # fmt: skip
        code, _, error = await command(*line, *words)
        assert not await trio.Path(file).exists(), line
        if line[0] in ("token", "signing-key"):
            assert code == 1
            assert error.startswith(f"Error: {file}: is missing")
            assert error.count("\n") == 1
        else:
            assert code == 0, error


@pytest.mark.promise("all-17")
async def test_a_server_that_lost_its_key_says_what_to_do(
    data: Path, words: tuple[str, str]
) -> None:
    async with launched(serve(data)) as server, users_of(server.address) as users:
        await users.register("ann")
    file = data / "signing.key"
    file.unlink()
    for line in (("serve", "--port", "0"), ("token", "ann")):
        code, _, error = await command(*line, *words)
        assert code == 1
        last = error.splitlines()[-1]
        assert f"{file}: is missing, and 1 logins are open by it; put it back" in last
        assert "trichat logout --all" in last
        assert not await trio.Path(file).exists()
    assert await trichat("logout", "--all", *words) == "1 logins have ended"
    async with launched(serve(data)) as server, users_of(server.address) as users:
        assert await login(users, "ann", PASSWORD) == 200


async def test_a_token_before_the_first_start_is_of_the_key_that_it_finds(
    data: Path, words: tuple[str, str]
) -> None:
    added = await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    ann = Person("ann", added.rpartition(" ")[2], await trichat("token", "ann", *words))
    async with (
        launched(serve(data)) as server,
        users_of(server.address) as users,
        users.socket("channels", ann) as socket,
    ):
        assert (await socket.next())["user_id"] == ann.uuid


@pytest.mark.promise("all-17")
async def test_hypercorn_follows_the_key_too(data: Path, words: tuple[str, str]) -> None:
    env = {"TRICHAT_SERVER_DATA": str(data)}
    async with launched(BARE, env, ready=RUNNING) as server, users_of(server.address) as users:
        ann = await users.register("ann")
        await trichat("signing-key", "rotate", *words)
        new = jwt.get_unverified_header(await trichat("token", "ann", *words))["kid"]
        with trio.fail_after(30):
            while jwt.get_unverified_header((await logged_in(users, "ann"))[0].token)["kid"] != new:
                pass
        async with users.socket("chats", ann) as socket:
            await socket.request({"action": "subscribe", "chat_ids": []})
            (data / "signing.key").unlink()
            assert await socket.close_code() == 1008
    async with launched(BARE, env, ready=RUNNING) as server, users_of(server.address) as users:
        assert await login(users, "ann", PASSWORD) == 200
    (data / "signing.key").unlink()
    code, _, error = await command("serve", "--port", "0", *words)
    assert code == 1
    assert "is missing" in error
    with trio.fail_after(30):
        done = await trio.run_process(
            BARE, capture_stderr=True, capture_stdout=True, check=False, env=environment(env)
        )
    assert b"signing.key: is missing, and 1 logins are open by it" in done.stderr + done.stdout


async def test_a_configured_secret_is_not_rotated_by_a_command(words: tuple[str, str]) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    secret = {"TRICHAT_AUTH_SECRET": "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"}
    code, _, error = await command("signing-key", "rotate", *words, env=secret)
    assert code == 1
    assert error.startswith("Error: auth.secret is set, and signs: set another in its place")

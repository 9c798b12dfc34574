"""`trichat user`, `trichat token`, `trichat key`: before the server runs and while it does."""

from pathlib import Path

import httpx
import pytest
from trio_websocket import open_websocket_url

from tests.e2e.launching import command
from tests.e2e.users import PASSWORD, Person, Users
from tests.server import Client
from tests.store.test_naming import stood

LOBBY = "/ws/chat"


@pytest.fixture
def words(data: Path) -> tuple[str, str]:
    return ("--data", str(data))


async def trichat(*words: str) -> str:
    """A command that succeeds, silent on the error stream: what it printed."""
    code, said, error = await command(*words)
    assert (code, error) == (0, "")
    return said.strip()


async def login(users: Users, name: str, password: str) -> int:
    body = {"username": name, "password": password}
    async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
        return (await client.post("/api/v1/auth/login", json=body)).status_code


async def lobby_answers(users: Users, key: str) -> int:
    """What the lobby's door answers to the key: 101 is open."""
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "x-api-key": key,
    }
    async with (
        httpx.AsyncClient(base_url=users.address, trust_env=False) as client,
        client.stream("GET", LOBBY, headers=headers) as answer,
    ):
        return answer.status_code


async def test_version() -> None:
    said = await trichat("--version")
    assert said.startswith("trichat, version ")


async def test_help() -> None:
    said = await trichat("--help")
    assert all(word in said for word in ("serve", "user", "token", "key"))


async def test_a_user_is_added_once(data: Path, words: tuple[str, str]) -> None:
    """Without a server: the directory is made."""
    said = await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    assert said.startswith("ann has id 1 and UUID ")
    code, _, error = await command("user", "add", "ann", "--password", PASSWORD, *words)
    assert (code, error) == (1, "Error: user 'ann' was not added: the name is taken\n")


async def test_an_address_is_of_one_user(words: tuple[str, str]) -> None:
    whose = ("--email", "a@example.com", "--password", PASSWORD)
    await trichat("user", "add", "ann", *whose, *words)
    code, _, error = await command("user", "add", "bob", *whose, *words)
    assert (code, error) == (1, "Error: user 'bob' was not added: the address is taken\n")


@pytest.mark.parametrize("given", [("--password", ""), ()], ids=["empty", "end of file"])
async def test_no_account_is_without_a_password(
    words: tuple[str, str], given: tuple[str, ...]
) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    for line in (("user", "add", "dan"), ("user", "password", "ann")):
        assert await command(*line, *given, *words) == (1, "", "Error: no password given\n"), line
    code, _, _ = await command("token", "dan", *words)
    assert code == 1


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("Short-7", "Password must have at least 8 characters"),
        ("x" * 1025, "Password must have at most 1024 bytes"),
        ("Password1", "Password is too common, choose another one"),
    ],
)
async def test_all_20_the_command_line_gives_no_weak_password(
    words: tuple[str, str], weak: str, why: str
) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    for line in (("user", "add", "dan"), ("user", "password", "ann")):
        done = await command(*line, "--password", weak, *words)
        assert done == (1, "", f"Error: {why}\n"), line
    code, _, _ = await command("token", "dan", *words)
    assert code == 1


UNCLEAN = "Username must not contain control, invisible or unknown characters"
BLANK = "Username must not be blank"
LONG = "Username must have at most 100 characters"
ALTERED = (
    "Username must have no blanks at its ends and none in a row, and only characters in their"
    " usual form"
)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a\x1b[31mb", rf"user 'a\x1b[31mb' was not added: {UNCLEAN}"),
        ("x" * 101, f"user '{'x' * 101}' was not added: {LONG}"),
        ("", f"user '' was not added: {BLANK}"),
        ("ma\u200bria", rf"user 'ma\u200bria' was not added: {UNCLEAN}"),
        ("ann ", f"user 'ann ' was not added: {ALTERED}"),
        ("ANN", "user 'ANN' was not added: the name is taken"),
    ],
)
async def test_all_20_the_command_line_takes_the_names_that_rest_takes(
    words: tuple[str, str], name: str, why: str
) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    done = await command("user", "add", name, "--password", PASSWORD, *words)
    assert done == (1, "", f"Error: {why}\n")


async def test_all_20_the_operator_gives_reserved_names(words: tuple[str, str]) -> None:
    said = await trichat("user", "add", "admin", "--password", PASSWORD, *words)
    assert said.startswith("admin has id 1 and UUID ")


async def test_all_20_check_lists_the_names_that_are_alike(tmp_path: Path) -> None:
    stood(tmp_path / "old.db")
    whole, *alike = (await trichat("check", str(tmp_path / "old.db"))).splitlines()
    assert whole.endswith("is whole: 9 users, 0 rooms, 0 messages, 0 events")
    assert alike == [
        "names that are alike: 'ann', 'Ann', 'ANN'",
        "names that are alike: 'bob', 'bo\\u200bb'",
        "addresses that are alike: 'A@x.org', 'a@X.org'",
    ]


async def test_what_is_not_there_is_refused_in_a_line(words: tuple[str, str]) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    for line in (
        ("token", "nobody"),
        ("user", "role", "nobody", "ADMIN"),
        ("key", "revoke", "7"),
    ):
        code, _, error = await command(*line, *words)
        assert code != 0, line
        assert error.startswith("Error: there is no "), line
        assert error.count("\n") == 1, line


async def test_accounts_beside_a_running_server(users: Users, words: tuple[str, str]) -> None:
    await trichat(
        "user", "add", "ann", "--email", "a@example.com", "--password", "First-1x", *words
    )
    assert await login(users, "ann", "First-1x") == 200
    await trichat("user", "password", "ann", "--password", PASSWORD, *words)
    assert await login(users, "ann", "First-1x") == 401
    assert await login(users, "ann", PASSWORD) == 200
    assert await trichat("user", "role", "ann", "ADMIN", *words) == "ann is ADMIN"


async def test_a_token_opens_a_socket(users: Users, words: tuple[str, str]) -> None:
    added = await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    ann = Person("ann", added.rpartition(" ")[2], await trichat("token", "ann", *words))
    async with users.socket("channels", ann) as socket:
        assert (await socket.next())["user_id"] == ann.uuid


@pytest.mark.promise("lobby-2")
async def test_a_key_opens_the_lobby_until_it_is_revoked(
    users: Users, words: tuple[str, str]
) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    code, key, note = await command("key", "add", "ann", "--label", "a bot", *words)
    assert code == 0
    assert "not shown again" in note
    listed = await trichat("key", "list", "ann", *words)
    number, state, _, expires, used, label = listed.split("\t")
    assert (state, expires, used, label) == ("living", "-", "-", "a bot")
    assert key.strip() not in listed
    assert await lobby_answers(users, key.strip()) == 101
    await trichat("key", "revoke", number, *words)
    assert "revoked" in await trichat("key", "list", "ann", *words)
    assert await lobby_answers(users, key.strip()) == 401


@pytest.mark.promise("lobby-2", "all-17")
async def test_a_revoked_key_closes_the_sockets_it_opened(
    users: Users, words: tuple[str, str]
) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    _, key, _ = await command("key", "add", "ann", *words)
    number = (await trichat("key", "list", "ann", *words)).split("\t")[0]
    url = users.address.replace("http", "ws", 1) + LOBBY
    headers = [(b"x-api-key", key.strip().encode())]
    async with open_websocket_url(url, extra_headers=headers) as socket:
        client = Client(socket)
        await client.request({"type": "list_rooms"})
        await trichat("key", "revoke", number, *words)
        assert await client.close_code() == 1008
        await client.abort()


@pytest.mark.promise("lobby-2")
async def test_a_key_may_end_by_itself(data: Path, words: tuple[str, str]) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    for span in ("1ms", "720h", "3600"):
        code, _, error = await command("key", "add", "ann", "--expires-in", span, *words)
        assert code == 0, error
    listed = [
        line.split("\t") for line in (await trichat("key", "list", "ann", *words)).split("\n")
    ]
    assert [line[1] for line in listed] == ["expired", "living", "living"]
    assert all(line[3].startswith("20") for line in listed)
    for wrong in ("soon", "0", "-1s"):
        code, _, error = await command("key", "add", "ann", "--expires-in", wrong, *words)
        assert code == 2
        assert "expected a positive duration" in error
    bounded = {"TRICHAT_AUTH_API_KEY_LIFETIME": "1h"}
    line = ("key", "add", "ann", "--expires-in", "2h", *words)
    code, _, error = await command(*line, env=bounded)
    told = "Error: auth.api_key_lifetime is 3600 s: a key lives no longer\n"
    assert (code, error) == (1, told)


@pytest.mark.promise("lobby-2", "all-25")
async def test_the_operator_makes_no_more_keys_than_the_user_may(words: tuple[str, str]) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    one = {"TRICHAT_AUTH_API_KEYS_PER_USER": "1"}
    assert (await command("key", "add", "ann", *words, env=one))[0] == 0
    code, _, error = await command("key", "add", "ann", *words, env=one)
    told = "user 'ann' has 1 API keys (auth.api_keys_per_user): revoke one first"
    assert (code, error) == (1, f"Error: {told}\n")


@pytest.mark.promise("lobby-2", "all-17")
async def test_the_operators_new_password_ends_keys_unless_they_are_kept(
    users: Users, words: tuple[str, str]
) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, *words)
    _, key, _ = await command("key", "add", "ann", *words)
    await trichat("user", "password", "ann", "--keep-keys", "--password", "Another-2", *words)
    assert await lobby_answers(users, key.strip()) == 101
    url = users.address.replace("http", "ws", 1) + LOBBY
    headers = [(b"x-api-key", key.strip().encode())]
    async with open_websocket_url(url, extra_headers=headers) as socket:
        client = Client(socket)
        await client.request({"type": "list_rooms"})
        await trichat("user", "password", "ann", "--password", PASSWORD, *words)
        assert await client.close_code() == 1008
        await client.abort()
    assert await lobby_answers(users, key.strip()) == 401

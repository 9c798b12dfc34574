"""Signing keys over a whole server: rotated, taken away, exchanged, under a server and without."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
import trio
from attrs import evolve
from typed_settings import Secret

from tests.dialects.speech import CLOSED, DIALECTS, heard
from tests.server import NEW_KEY, PASSWORD, ChatServer, Person, open_chat_server, settings_for
from trichat.auth import signingkey
from trichat.auth.signingkey import SigningKeyError
from trichat.composition.server import open_server
from trichat.runtime import signing
from trichat.settings import Settings
from trichat.store.health import StoreError
from trichat.store.logins import EndLogin
from trichat.store.signing import EndEverything, UseSigningKey
from trichat.store.sqlite.backup import back_up, restore

pytestmark = pytest.mark.promise("all-17")

BAD = (401, {"detail": "Could not validate credentials"})
SECRETS = ("q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa", "Ht6Wq2Zx8Lc4Vb0Nm5Kj9Pf3Rd7Sg1Ya")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "LOOK_EVERY", 0.05)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data")


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings) as server:
        yield server


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


# -- rotated


async def test_a_rotated_key_ends_nothing(server: ChatServer, settings: Settings) -> None:
    old = await server.person("ann")
    _, refresh = await log_in(server, "ann")
    async with server.socket("channels", old) as client:
        await heard(client, "channels")
        rotated = signingkey.rotate(settings.server.data, life=60)
        assert rotated is not None
        new = await until_kid_is_not(server, "ann", kid(old.token))
        assert kid(new.token) == rotated.current.kid
        assert (await me(server, old))[0] == (await me(server, new))[0] == 200
        status, answer = await refreshed(server, refresh)
        assert (status, kid(answer["access_token"])) == (200, rotated.current.kid)
        await heard(client, "channels")
    async with server.socket("lobby", old) as client:
        await heard(client, "lobby")
    async with open_again(server, settings) as again:
        assert (await me(again, old))[0] == 200  # a restart knows of it too
        assert (await refreshed(again, answer["refresh_token"]))[0] == 200


async def test_what_the_key_before_signed_ends_with_its_time(
    server: ChatServer, settings: Settings
) -> None:
    old = await server.person("ann")
    assert signingkey.rotate(settings.server.data, life=0) is not None
    new = await until_kid_is_not(server, "ann", kid(old.token))
    with trio.fail_after(10):
        while (await me(server, old))[0] == 200:  # for less than a second
            pass
    assert await me(server, old) == BAD
    assert (await me(server, new))[0] == 200


async def test_an_answer_that_was_lost_before_the_rotation_is_given_again(
    server: ChatServer, settings: Settings
) -> None:
    """The token that follows is made by the key: by the one of then."""
    ann = await server.person("ann")
    _, refresh = await log_in(server, "ann")
    _, lost = await refreshed(server, refresh)
    signingkey.rotate(settings.server.data, life=60)
    await until_kid_is_not(server, "ann", kid(ann.token))
    status, again = await refreshed(server, refresh)
    assert (status, again["refresh_token"]) == (200, lost["refresh_token"])
    assert (await refreshed(server, again["refresh_token"]))[0] == 200
    assert (await refreshed(server, refresh))[0] == 401  # used twice, now that its successor was


# -- taken away


async def test_a_key_that_is_taken_away_ends_everything(
    server: ChatServer, settings: Settings
) -> None:
    ann = await server.person("ann")
    user = await server.runtime.store.user_by_name("ann")
    assert user is not None
    bare = evolve(ann, token=server.runtime.accounts.token(user))
    _, refresh = await log_in(server, "ann")
    _, ticket = await server.rest(ann, "POST", "/auth/ticket")
    _, made = await server.rest(ann, "POST", "/auth/keys", NEW_KEY)
    headers = {"x-api-key": made["key"]}
    async with AsyncExitStack() as stack:
        clients = {
            dialect: await stack.enter_async_context(server.socket(dialect, ann, "hall"))
            for dialect in DIALECTS
        }
        bot = await stack.enter_async_context(server.socket("lobby", None, headers=headers))
        for dialect, client in clients.items():
            await heard(client, dialect)
        await heard(bot, "lobby")
        key_file(settings).unlink()
        for dialect, client in clients.items():
            assert await client.close_code() == CLOSED[dialect]
        assert await bot.close_code() == CLOSED["lobby"]
    assert await me(server, ann) == await me(server, bare) == BAD
    assert await refreshed(server, refresh) == BAD
    assert (await server.refusal(f"/ws/chat?ticket={ticket['ticket']}")).status_code == 401
    assert (await server.refusal("/ws/chat", headers)).status_code == 101  # a key is no login
    new, _ = await log_in(server, "ann")
    assert kid(new.token) != kid(ann.token)
    assert (await me(server, new))[0] == 200
    assert not key_file(settings).exists()
    async with open_again(server, settings) as again:
        assert key_file(again.runtime.settings).exists()
        for person in (ann, new):  # what was signed meanwhile ended with that process
            assert await me(again, person) == BAD
        assert (await me(again, (await log_in(again, "ann"))[0]))[0] == 200


async def test_a_key_that_is_taken_away_at_the_last_moment_is_seen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "LOOK_EVERY", 3600.0)
    async with open_chat_server(settings) as server:
        await server.person("ann")
        _, refresh = await log_in(server, "ann")
        key_file(settings).unlink()
    async with open_chat_server(settings) as server:
        assert await refreshed(server, refresh) == BAD


async def test_another_key_in_its_place_ends_everything(
    server: ChatServer, settings: Settings
) -> None:
    ann = await server.person("ann")
    _, refresh = await log_in(server, "ann")
    async with server.socket("channels", ann) as client:
        await heard(client, "channels")
        put(settings, SECRETS[0])
        assert await client.close_code() == CLOSED["channels"]
    assert await me(server, ann) == await refreshed(server, refresh) == BAD
    new, _ = await log_in(server, "ann")
    async with open_again(server, settings) as again:
        assert (await me(again, new))[0] == 200  # this one is stored


def put(settings: Settings, secret: str) -> None:
    """As `mv` does, in one step."""
    other = settings.server.data / "other"
    other.write_text(secret)
    other.chmod(0o600)
    other.replace(key_file(settings))


async def test_a_file_that_cannot_be_used_changes_nothing(
    server: ChatServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await server.person("ann")
    path = key_file(settings)
    for break_it in (partial(path.chmod, 0o644), partial(put, settings, "hunter2")):
        caplog.clear()
        break_it()
        with trio.fail_after(30):
            while "the signing key stays as it was" not in caplog.text:
                assert (await me(server, ann))[0] == 200
        for _ in range(50):  # some looks later
            assert (await me(server, ann))[0] == 200
        assert caplog.text.count("the signing key stays as it was") == 1  # told once
    assert "hunter2" not in caplog.text


async def test_a_directory_that_is_away_takes_no_key_away(
    server: ChatServer, settings: Settings
) -> None:
    """A volume that was unmounted: everybody would be logged out for a fault of the machine."""
    ann = await server.person("ann")
    data = settings.server.data
    away = data.with_name("away")
    data.rename(away)
    data.mkdir()
    await trio.sleep(0.3)
    data.rmdir()
    await trio.sleep(0.3)
    away.rename(data)
    await trio.sleep(0.3)
    assert (await me(server, ann))[0] == 200


async def test_an_end_that_cannot_be_stored_is_tried_again(
    server: ChatServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await server.person("ann")
    _, refresh = await log_in(server, "ann")
    stock, tries = server.runtime.storage.submit, []

    async def failing(write: Any) -> Any:
        if isinstance(write, UseSigningKey):
            tries.append(write)
            if len(tries) < 3:
                raise StoreError("disk")
        return await stock(write)

    monkeypatch.setattr(server.runtime.storage, "submit", failing)
    key_file(settings).unlink()
    with trio.fail_after(30):
        while len(tries) < 3 or await refreshed(server, refresh) != BAD:
            await trio.lowlevel.checkpoint()
    assert await me(server, ann) == BAD


# -- the start


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


async def left_with_a_login(settings: Settings) -> tuple[Person, str]:
    async with open_chat_server(settings) as server:
        await server.person("ann")
        return await log_in(server, "ann")


async def refused_start(settings: Settings) -> str:
    with pytest.raises(SigningKeyError) as caught:
        async with open_server(settings):
            pass
    return str(caught.value)


async def test_without_its_key_a_server_that_has_logins_does_not_start(settings: Settings) -> None:
    ann, refresh = await left_with_a_login(settings)
    path = key_file(settings)
    key = path.read_bytes()
    path.unlink()
    for _ in range(2):
        assert await refused_start(settings) == (
            f"{path}: is missing, and 2 logins are open by it; put it back (mode 0600), or end them"
            " with: trichat logout --all; the next start makes a new key then"
        )
        assert not path.exists()
    path.write_bytes(key)
    path.chmod(0o600)
    async with open_chat_server(settings) as server:
        assert (await me(server, ann))[0] == 200
        assert (await refreshed(server, refresh))[0] == 200


async def test_once_they_have_ended_it_makes_a_new_key(settings: Settings) -> None:
    ann, refresh = await left_with_a_login(settings)
    async with open_server(settings) as (runtime, _):
        await runtime.storage.submit(EndEverything(runtime.clock()))
    key_file(settings).unlink()
    async with open_chat_server(settings) as server:
        assert await me(server, ann) == await refreshed(server, refresh) == BAD
        await log_in(server, "ann")


async def test_logins_that_are_over_need_no_key(settings: Settings) -> None:
    async with open_server(settings) as (runtime, _):
        made = await runtime.accounts.register("ann", None, PASSWORD)
        user: Any = made.user  # type: ignore[union-attr]
        for name, expires_at in (("ended", 2**50), ("expired", 1)):
            await runtime.storage.submit(EndLogin(name, user.id, 5, expires_at))
        runtime.storage._store._writer.execute(  # type: ignore[attr-defined]
            "UPDATE logins SET ended_at = NULL WHERE name = 'expired'"
        )
    key_file(settings).unlink()
    async with open_server(settings):
        assert key_file(settings).exists()


@pytest.mark.parametrize("keeps", [False, True])
async def test_another_secret_in_the_settings_ends_refresh_tokens_too(
    settings: Settings, keeps: bool
) -> None:
    def signed_by(secret: str, former: str = "") -> Settings:
        auth = evolve(settings.auth, secret=Secret(secret), former_secret=Secret(former))
        return evolve(settings, auth=auth)

    ann, refresh = await left_with_a_login(signed_by(SECRETS[0]))
    assert not key_file(settings).exists()
    async with open_chat_server(signed_by(SECRETS[1], SECRETS[0] if keeps else "")) as server:
        if not keeps:
            assert await me(server, ann) == await refreshed(server, refresh) == BAD
            return
        assert (await me(server, ann))[0] == 200
        status, answer = await refreshed(server, refresh)
        assert status == 200
    async with open_chat_server(
        signed_by(SECRETS[1])
    ) as server:  # and without it when its time is over
        assert await me(server, ann) == BAD
        assert (await refreshed(server, answer["refresh_token"]))[0] == 200


@pytest.mark.parametrize("beside", [False, True], ids=["without its key", "with its key"])
async def test_what_was_restored_starts_without_its_key_and_ends_logins_then(
    settings: Settings, tmp_path: Path, beside: bool
) -> None:
    """The key is in no backup. With it everything goes on."""
    ann, refresh = await left_with_a_login(settings)
    key = key_file(settings).read_bytes()
    backup, progress = tmp_path / "b.db", lambda done, total: None
    back_up(settings.database, backup, replace=False, progress=progress)
    elsewhere = evolve(settings, server=evolve(settings.server, data=tmp_path / "elsewhere"))
    elsewhere.server.data.mkdir(mode=0o700)
    restore(backup, elsewhere.database, replace=False, progress=progress)
    if beside:
        key_file(elsewhere).write_bytes(key)
        key_file(elsewhere).chmod(0o600)
    async with open_chat_server(elsewhere) as server:
        found = [await me(server, ann), await refreshed(server, refresh)]
        assert [status for status, _ in found] == ([200, 200] if beside else [401, 401])
        await log_in(server, "ann")
    key_file(elsewhere).unlink()
    assert "is missing" in await refused_start(elsewhere)  # it lives here now


async def test_a_database_that_knows_of_no_key_loses_no_login(settings: Settings) -> None:
    """As an earlier version left it."""
    ann, refresh = await left_with_a_login(settings)
    async with open_server(settings) as (runtime, _):
        runtime.storage._store._writer.execute("DELETE FROM signing")  # type: ignore[attr-defined]
    async with open_chat_server(settings) as server:
        assert (await me(server, ann))[0] == 200
        assert (await refreshed(server, refresh))[0] == 200

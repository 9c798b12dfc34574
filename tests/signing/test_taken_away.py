"""A signing key that is taken away, or exchanged, under a server."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
import trio
from attrs import evolve

from tests.dialects.speech import CLOSED, DIALECTS, heard
from tests.server import NEW_KEY, ChatServer, open_chat_server
from tests.signing.keyed import BAD, key_file, kid, log_in, me, open_again, refreshed
from trichat.runtime import signing
from trichat.settings import Settings
from trichat.store.health import StoreError
from trichat.store.signing import UseSigningKey

pytestmark = pytest.mark.promise("all-17")

SECRETS = ("q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa", "Ht6Wq2Zx8Lc4Vb0Nm5Kj9Pf3Rd7Sg1Ya")


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

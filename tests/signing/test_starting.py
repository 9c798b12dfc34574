"""What a server does at its start whose signing key is gone, or is another."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from typed_settings import Secret

from tests.server import PASSWORD, Person, open_chat_server
from tests.signing.keyed import BAD, key_file, log_in, me, refreshed
from trichat.auth.signingkey import SigningKeyError
from trichat.composition.server import open_server
from trichat.settings import Settings
from trichat.store.logins import EndLogin
from trichat.store.signing import EndEverything
from trichat.store.sqlite.backup import back_up, restore

pytestmark = pytest.mark.promise("all-17")

SECRETS = ("q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa", "Ht6Wq2Zx8Lc4Vb0Nm5Kj9Pf3Rd7Sg1Ya")


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

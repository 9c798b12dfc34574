"""API keys: whose they are, how many there may be, and when each ends or was used."""

from typing import Any

from attrs import evolve

from tests.store.ledger import NOW, Ledger
from trichat.core.model import User
from trichat.core.refusals import Outdated, TooManyKeys
from trichat.store.apikeys import AddApiKey, ApiKey, KeyHolder, NoteKeysUsed, RevokeApiKey
from trichat.store.port import Store
from trichat.store.users import SetPassword

MINUTE = 60_000


def adding(user: User, digest: str, at: int = NOW, **more: Any) -> AddApiKey:
    return evolve(AddApiKey(user.id, digest, digest, at), **more)


class ApiKeys:
    async def test_a_key_opens_its_users_door_until_it_is_revoked(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        one = await ledger.write(adding(alice, "one"))
        two = await ledger.write(adding(alice, "two", NOW + 1, expires_at=NOW + MINUTE))
        assert await store.key_holder("one") == KeyHolder(alice, one, None)
        assert await store.key_holder("two") == KeyHolder(alice, two, NOW + MINUTE)
        assert await store.key_holder("three") is None
        assert await ledger.write(RevokeApiKey(one, NOW + 2)) is True
        assert await ledger.write(RevokeApiKey(one, NOW + 3)) is False
        assert await ledger.write(RevokeApiKey(999, NOW)) is False
        assert await store.key_holder("one") is None
        assert await store.living_keys([one, two, 999]) == {two}
        assert (await store.user_of_living_key(one), await store.user_of_living_key(two)) == (
            None,
            alice,
        )
        assert await store.api_keys(alice.id) == [
            ApiKey(one, alice.id, "one", NOW, NOW + 2),
            ApiKey(two, alice.id, "two", NOW + 1, None, NOW + MINUTE),
        ]
        assert await store.api_keys(bob.id) == []

    async def test_so_many_living_ones_of_one_user(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        one = await ledger.write(adding(alice, "one", most=2))
        await ledger.write(adding(alice, "two", most=2, expires_at=NOW + MINUTE))
        refused = await store.write([adding(alice, "three", NOW + 1000, most=2)])
        assert refused == [TooManyKeys(59.0)]  # until one ends by itself
        assert await store.key_holder("three") is None
        assert isinstance(await ledger.write(adding(bob, "bob's", most=2)), int)
        assert isinstance(await ledger.write(adding(alice, "three", NOW + MINUTE, most=2)), int)
        assert await store.write([adding(alice, "four", NOW + MINUTE, most=2)]) == [
            TooManyKeys(3600.0)
        ]
        await ledger.write(RevokeApiKey(one, NOW))
        assert isinstance(await ledger.write(adding(alice, "four", NOW + MINUTE, most=2)), int)
        assert isinstance(await ledger.write(adding(alice, "five")), int)  # without a limit

    async def test_of_those_that_are_over_the_latest_are_kept(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        his = await ledger.write(adding(bob, "bob's"))
        await ledger.write(RevokeApiKey(his, NOW))
        for number in range(5):
            key = await ledger.write(adding(alice, f"{number}", most=2))
            await ledger.write(RevokeApiKey(key, NOW))
        assert [key.label for key in await store.api_keys(alice.id)] == ["2", "3", "4"]
        await ledger.write(adding(alice, "5", most=2))
        assert [key.label for key in await store.api_keys(alice.id)] == ["3", "4", "5"]
        assert len(await store.api_keys(bob.id)) == 1

    async def test_a_password_that_is_another_by_now_makes_none(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(SetPassword(alice.id, "old", NOW))
        shown = adding(alice, "one", password_hash="old")
        await ledger.write(SetPassword(alice.id, "new", NOW + 1))
        assert await store.write([shown]) == [Outdated()]
        assert await store.api_keys(alice.id) == []
        assert isinstance(await ledger.write(evolve(shown, password_hash="new")), int)

    async def test_a_new_password_ends_them_where_that_is_said(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        for user in (alice, bob):
            await ledger.write(adding(user, user.username))
        await ledger.write(SetPassword(alice.id, "new", NOW + 5, ends=True))
        assert await store.key_holder("alice") is not None
        await ledger.write(SetPassword(alice.id, "newer", NOW + 6, ends=True, keys=True))
        assert await store.key_holder("alice") is None
        assert (await store.api_keys(alice.id))[0].revoked_at == NOW + 6
        assert await store.key_holder("bob") is not None

    async def test_the_latest_use_of_each_stands(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        one, two = [await ledger.write(adding(alice, name)) for name in ("one", "two")]
        assert await ledger.write(NoteKeysUsed(((one, NOW + 5), (999, NOW)))) is True
        await ledger.write(NoteKeysUsed(((one, NOW + 3),)))  # the clock was set back
        assert [key.used_at for key in await store.api_keys(alice.id)] == [NOW + 5, None]
        await ledger.write(NoteKeysUsed(((one, NOW + 7), (two, NOW + 7))))
        assert [key.used_at for key in await store.api_keys(alice.id)] == [NOW + 7, NOW + 7]

"""Reads about users."""

from functools import partial

import pytest

from tests.store.ledger import NOW, Ledger
from trichat.core.refusals import Taken
from trichat.store import port


class People:
    async def test_a_user_is_found_by_each_of_his_names(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        assert await store.user(alice.id) == alice
        assert await store.user_by_uuid(alice.uuid) == alice
        assert await store.user_by_name("alice") == alice
        assert await store.users([alice.uuid, bob.uuid, "unknown"]) == {
            alice.uuid: alice,
            bob.uuid: bob,
        }
        assert await store.users([]) == {}
        assert await store.active_users(now=NOW) == [alice, bob]
        for everyone in (partial(store.active_users, now=NOW), store.all_users):
            assert await everyone(limit=1) == [alice]
            assert await everyone(after=("alice", alice.id)) == [bob]
            assert await everyone(after=("bob", bob.id)) == []
            assert await everyone(after=("b", 10**6)) == [bob]  # whoever it was is gone from there

    async def test_names_are_exact(self, store: port.Store) -> None:
        await Ledger(store).people("alice")
        for name in ("Alice", "alice ", "alic%", ""):
            assert await store.user_by_name(name) is None
        for name in ("alicia", "alic%", ""):
            assert await store.credentials(name) is None
        assert await store.user(999) is None
        assert await store.user_by_uuid("x") is None

    async def test_all_20_who_logs_in_is_found_by_a_name_that_is_alike(
        self, store: port.Store
    ) -> None:
        alice, _ = await Ledger(store).people("Alice", "bob")
        for name in ("Alice", "alice", "ALICE", "\uff21lice", " alice "):
            assert await store.credentials(name) == (alice, "hash")

    async def test_all_20_a_name_is_given_once_however_it_is_written(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice", "alice@x.org")
        bob = await ledger.person("bob", "bob@x.org")
        for change, field in (
            ({"username": "ALICE"}, "username"),
            ({"username": "\uff41lice"}, "username"),
            ({"email": "Alice@X.org"}, "email"),
            ({"username": "Alice", "email": "Alice@x.org"}, "username"),
        ):
            assert await ledger.write(port.UpdateUser(bob.id, NOW, **change)) == Taken(field)
        assert await store.user(bob.id) == bob
        mine = port.UpdateUser(alice.id, NOW, username="ALICE", email="ALICE@x.org")
        changed = await ledger.write(mine)
        assert (changed.username, changed.email) == ("ALICE", "ALICE@x.org")
        assert await ledger.write(port.UpdateUser(bob.id, NOW, username="alice")) == Taken(
            "username"
        )
        free = await ledger.write(port.UpdateUser(alice.id, NOW, username="carol"))
        assert free.username == "carol"
        taken = await ledger.write(port.UpdateUser(bob.id, NOW, username="alice"))
        assert taken.username == "alice"

    async def test_all_are_listed_by_name_whatever_its_case(self, store: port.Store) -> None:
        await Ledger(store).people("bob", "Zoe", "alice", "Émile", "ADAM")
        names = [user.username for user in await store.active_users(now=NOW)]
        assert names == ["ADAM", "alice", "bob", "Zoe", "Émile"]

    @pytest.mark.parametrize(
        ("part", "found"),
        [
            ("ann", ["Anna", "Hanni", "joann"]),
            ("ANN", ["Anna", "Hanni", "joann"]),
            ("élise", ["Élise"]),
            ("ÉLI", ["Élise"]),
            ("strasse", ["Straße"]),
            ("STRAẞE", ["Straße"]),
            ("ДМИ", ["Дмитрий"]),
            ("%", ["50%"]),
            ("_", ["a_b"]),
            ("\\", ["back\\slash"]),
            ("'", ["o'neil"]),
            ("0%", ["50%"]),
            ("n_", []),
            ("👋", ["wave👋"]),
            ("nobody", []),
        ],
    )
    async def test_search_ignores_case_and_takes_nothing_for_a_pattern(
        self, store: port.Store, part: str, found: list[str]
    ) -> None:
        ledger = Ledger(store)
        me = await ledger.person("me")
        await ledger.people("joann", "Hanni", "Anna", "Élise", "Straße", "Дмитрий", "o'neil")
        await ledger.people("50%", "a_b", "back\\slash", "wave👋")
        users = await store.search_names(part, limit=50, without=me.id)
        assert [user.username for user in users] == found

    async def test_search_is_capped_and_goes_without_oneself(self, store: port.Store) -> None:
        ledger = Ledger(store)
        users = await ledger.people(*(f"user{number}" for number in range(5)))
        found = await store.search_names("user", limit=3, without=users[1].id)
        assert found == [users[0], users[2], users[3]]
        assert await store.search_names("user1", limit=3, without=users[1].id) == []

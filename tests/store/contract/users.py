"""Accounts, names and passwords."""

from functools import partial
from typing import Any

import pytest
from attrs import evolve

from tests.store.contract.acting import LATER
from tests.store.ledger import NOW, Ledger
from trichat.core import refusals as r
from trichat.core.model import Role, User
from trichat.core.refusals import NoSuchUser, Taken
from trichat.runtime.clock import new_uuid
from trichat.store.port import Store
from trichat.store.roles import SetRole
from trichat.store.users import CreateUser, Registered, SetPassword, UpdateUser


class Users:
    async def test_a_user_is_found_by_each_of_his_names(self, store: Store) -> None:
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

    async def test_names_are_exact(self, store: Store) -> None:
        await Ledger(store).people("alice")
        for name in ("Alice", "alice ", "alic%", ""):
            assert await store.user_by_name(name) is None
        for name in ("alicia", "alic%", ""):
            assert await store.credentials(name) is None
        assert await store.user(999) is None
        assert await store.user_by_uuid("x") is None

    async def test_all_20_who_logs_in_is_found_by_a_name_that_is_alike(self, store: Store) -> None:
        alice, _ = await Ledger(store).people("Alice", "bob")
        for name in ("Alice", "alice", "ALICE", "\uff21lice", " alice "):
            assert await store.credentials(name) == (alice, "hash")

    async def test_all_20_a_name_is_given_once_however_it_is_written(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice", "alice@x.org")
        bob = await ledger.person("bob", "bob@x.org")
        for change, field in (
            ({"username": "ALICE"}, "username"),
            ({"username": "\uff41lice"}, "username"),
            ({"email": "Alice@X.org"}, "email"),
            ({"username": "Alice", "email": "Alice@x.org"}, "username"),
        ):
            assert await ledger.write(UpdateUser(bob.id, NOW, **change)) == Taken(field)
        assert await store.user(bob.id) == bob
        mine = UpdateUser(alice.id, NOW, username="ALICE", email="ALICE@x.org")
        changed = await ledger.write(mine)
        assert (changed.username, changed.email) == ("ALICE", "ALICE@x.org")
        assert await ledger.write(UpdateUser(bob.id, NOW, username="alice")) == Taken("username")
        free = await ledger.write(UpdateUser(alice.id, NOW, username="carol"))
        assert free.username == "carol"
        taken = await ledger.write(UpdateUser(bob.id, NOW, username="alice"))
        assert taken.username == "alice"

    async def test_all_are_listed_by_name_whatever_its_case(self, store: Store) -> None:
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
        self, store: Store, part: str, found: list[str]
    ) -> None:
        ledger = Ledger(store)
        me = await ledger.person("me")
        await ledger.people("joann", "Hanni", "Anna", "Élise", "Straße", "Дмитрий", "o'neil")
        await ledger.people("50%", "a_b", "back\\slash", "wave👋")
        users = await store.search_names(part, limit=50, without=me.id)
        assert [user.username for user in users] == found

    async def test_search_is_capped_and_goes_without_oneself(self, store: Store) -> None:
        ledger = Ledger(store)
        users = await ledger.people(*(f"user{number}" for number in range(5)))
        found = await store.search_names("user", limit=3, without=users[1].id)
        assert found == [users[0], users[2], users[3]]
        assert await store.search_names("user1", limit=3, without=users[1].id) == []

    async def test_an_account_is_as_it_was_asked_for(self, store: Store) -> None:
        ledger = Ledger(store)
        write = CreateUser(new_uuid(), "Élise 👋", "e@x.org", "hash", "a.png", NOW, role=Role.ADMIN)
        outcome = await ledger.write(write)
        assert isinstance(outcome, Registered)
        user = outcome.user
        assert (user.uuid, user.username, user.email) == (write.uuid, "Élise 👋", "e@x.org")
        assert (user.avatar, user.role, user.created_at) == ("a.png", Role.ADMIN, NOW)
        assert 0 < user.id < 2**53
        assert await store.user(user.id) == user
        assert await store.credentials("Élise 👋") == (user, "hash")

    async def test_only_the_first_account_is_the_first(self, store: Store) -> None:
        writes = [CreateUser(new_uuid(), name, None, None, None, 1) for name in "abc"]
        outcomes = await store.write(writes)
        firsts = [isinstance(made, Registered) and made.first for made in outcomes]
        assert firsts == [True, False, False]

    async def test_names_and_addresses_are_taken_once_and_the_address_is_told_first(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        await ledger.person("alice", "a@x.org")

        async def again(name: str, email: str | None) -> object:
            return await ledger.write(CreateUser(new_uuid(), name, email, None, None, 1))

        assert await again("alice", None) == Taken("username")
        assert await again("bob", "a@x.org") == Taken("email")
        assert await again("alice", "a@x.org") == Taken("email")
        assert await again("bob", "A@X.ORG") == Taken("email")
        for alike in ("Alice", "ALICE", "\uff41lice", " alice", "ali\u200bce"):
            assert await again(alike, "b@x.org") == Taken("username"), alike
        assert isinstance(await again("Alicia", "b@x.org"), Registered)
        assert isinstance(await again("carol", None), Registered)
        assert isinstance(await again("dave", None), Registered)

    async def test_the_second_of_one_transaction_finds_the_name_taken(self, store: Store) -> None:
        writes = [CreateUser(new_uuid(), "alice", None, None, None, 1) for _ in range(2)]
        first, second = await store.write(writes)
        assert isinstance(first, Registered)
        assert second == Taken("username")

    async def test_passwords_and_roles_change(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        changed = await ledger.write(SetPassword(alice.id, "new", NOW + 5))
        assert changed == evolve(alice, updated_at=NOW + 5)
        assert await store.credentials("alice") == (changed, "new")
        raised = await ledger.write(SetRole(alice.id, Role.MODERATOR, NOW + 6))
        assert raised == evolve(alice, updated_at=NOW + 6, role=Role.MODERATOR)
        assert await store.user(alice.id) == raised
        assert await ledger.write(SetPassword(999, "new", NOW)) == NoSuchUser()
        assert await ledger.write(SetRole(999, Role.ADMIN, NOW)) == NoSuchUser()

    async def test_what_is_given_changes_and_the_rest_stays(self, store: Store) -> None:
        ledger = Ledger(store)
        bob = await ledger.person("bob", "bob@x.org")
        changed = await ledger.write(UpdateUser(bob.id, LATER, avatar="a.png"))
        assert changed == evolve(bob, avatar="a.png", updated_at=LATER)
        changed = await ledger.write(UpdateUser(bob.id, LATER, username="Rob", email="Rob@x.org"))
        assert (changed.username, changed.email, changed.avatar) == ("Rob", "Rob@x.org", "a.png")
        assert changed.updated_at > LATER  # two of one moment are told apart
        assert await store.user_by_name("Rob") == await store.user(bob.id) == changed
        assert await store.user_by_name("bob") is None
        changed = await ledger.write(UpdateUser(bob.id, LATER, avatar=""))
        assert changed.avatar is None
        assert await ledger.write(UpdateUser(999, LATER, avatar="")) == r.NoSuchUser()

    async def test_what_another_has_is_taken_and_one_s_own_is_not(self, store: Store) -> None:
        ledger = Ledger(store)
        bob = await ledger.person("bob", "bob@x.org")
        await ledger.person("ann", "ann@x.org")

        async def change(**fields: str) -> object:
            return await ledger.write(UpdateUser(bob.id, LATER, **fields))

        assert await change(username="ann", email="ann@x.org") == r.Taken("username")
        assert await change(username="new", email="ann@x.org") == r.Taken("email")
        assert await store.user(bob.id) == bob
        assert isinstance(await change(username="bob", email="bob@x.org"), User)

    async def test_a_mention_outlives_the_name(self, store: Store) -> None:
        ledger = Ledger(store)
        ann, bob = await ledger.people("ann", "bob")
        room = await ledger.room(ann, bob)
        await ledger.say(room, ann, "@bob and @ann")
        renamed = await ledger.write(UpdateUser(bob.id, LATER, username="rob"))
        ((said,), _) = await store.history(room.id, limit=1)
        assert said.mentions == (renamed, ann)

    async def test_users_are_listed_and_searched(self, store: Store) -> None:
        ledger = Ledger(store)
        for name, email in (("Zoe", "z@x.org"), ("ann", "Lee@Y.org"), ("bob", None), ("LEE", None)):
            await ledger.person(name, email)
        assert [user.username for user in await store.all_users()] == ["LEE", "Zoe", "ann", "bob"]

        async def found(part: str, limit: int = 10) -> list[str]:
            return [user.username for user in await store.search_users(part, limit=limit)]

        assert await found("lee") == ["LEE", "ann"]
        assert await found("lee", 1) == ["LEE"]
        assert await found("@y.ORG") == ["ann"]
        assert await found("%") == []
        await ledger.write(UpdateUser(1, LATER, username="Moe", email="new@x.org"))
        assert (await found("zoe"), await found("z@x"), await found("NEW")) == ([], [], ["Moe"])

    async def test_who_is_made_with_a_role_was_given_it(self, store: Store) -> None:
        write = CreateUser(new_uuid(), "ann", None, None, None, NOW, role=Role.ADMIN)
        made: Any = await Ledger(store).write(write)
        (grant,) = await store.grants(made.user.id)
        assert (grant.role, grant.room, grant.at, grant.by) == (Role.ADMIN, None, NOW, None)

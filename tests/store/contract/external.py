"""Users whom an identity provider knows, made on first sight."""

from typing import Any

from tests.store.ledger import NOW, Ledger
from trichat.core.model import User
from trichat.runtime.clock import new_uuid
from trichat.store.external import AddExternalUser
from trichat.store.port import Store
from trichat.store.users import Registered

ISSUER = "https://id.example"


def admission(subject: str, username: str = "ann", **more: Any) -> AddExternalUser:
    fields = {"issuer": ISSUER, "email": None, "at": NOW} | more
    return AddExternalUser(new_uuid(), subject=subject, username=username, **fields)


class ExternalUsers:
    async def admit(self, store: Store, *args: Any, **more: Any) -> User:
        (outcome,) = await store.write([admission(*args, **more)])
        assert isinstance(outcome, Registered)
        return outcome.user

    async def test_one_is_made_once_and_found_by_his_own_id(self, store: Store) -> None:
        assert await store.external_user(ISSUER, "7") is None
        write = admission("7", email="ann@example.com")
        (made,) = await store.write([write])
        assert isinstance(made, Registered)
        assert made.first
        user = made.user
        assert (user.uuid, user.username, user.email) == (write.uuid, "ann", "ann@example.com")
        assert await store.external_user(ISSUER, "7") == user == await store.user_by_name("ann")
        assert await store.credentials("ann") == (user, None)
        (again,) = await store.write([admission("7", "another name")])
        assert again == Registered(user, first=False)
        assert await store.user_by_name("another name") is None

    async def test_a_race_makes_one(self, store: Store) -> None:
        outcomes = await store.write([admission("7") for _ in range(5)])
        users = {out.user.id for out in outcomes if isinstance(out, Registered)}
        assert len(users) == 1

    async def test_the_issuer_is_part_of_who_he_is(self, store: Store) -> None:
        ann = await self.admit(store, "7")
        other = await self.admit(store, "7", issuer="https://other.example")
        nameless = await self.admit(store, "7", issuer="")
        assert len({ann.id, other.id, nameless.id}) == 3
        assert await store.external_user("https://other.example", "7") == other

    async def test_no_claim_opens_an_account_that_was_there(self, store: Store) -> None:
        local = await Ledger(store).person("ann", "ann@example.com")
        outsider = await self.admit(store, "7", email="ann@example.com")
        assert (outsider.username, outsider.email) == ("ann-2", None)
        assert outsider.id != local.id
        assert await store.user_by_name("ann") == local

    async def test_a_name_is_made_unique_and_stays_a_name(self, store: Store) -> None:
        names = [(await self.admit(store, str(n))).username for n in range(102)]
        assert names[:3] == ["ann", "ann-2", "ann-3"]
        assert names[98] == "ann-99"
        assert len(set(names)) == 102
        longest = [(await self.admit(store, f"x{n}", "x" * 100)).username for n in range(2)]
        assert longest == ["x" * 100, "x" * 98 + "-2"]
        assert all(len(name) <= 100 for name in names)

    async def test_all_20_nobody_is_locked_out_by_a_name_that_is_alike(self, store: Store) -> None:
        await Ledger(store).person("Ann", "ann@example.com")
        outsider = await self.admit(store, "7", "ann", email="ANN@example.com")
        assert (outsider.username, outsider.email) == ("ann-2", None)
        reserved = frozenset({"admin"})
        assert (await self.admit(store, "8", "Admin", reserved=reserved)).username == "Admin-2"
        assert (await self.admit(store, "9", "admins", reserved=reserved)).username == "admins"

    async def test_all_20_a_name_that_is_cut_is_a_name_still(self, store: Store) -> None:
        name = "x" * 97 + " yz"
        assert (await self.admit(store, "1", name)).username == name
        assert (await self.admit(store, "2", name)).username == "x" * 97 + " -2"
        nobody = await self.admit(store, "3", "\u200b")
        assert nobody.username == f"user-{nobody.uuid}"

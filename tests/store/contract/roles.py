"""Roles are given and taken below one's own, by those who still may."""

from tests.store.contract.acting import LATER, assign, bearer, remove
from tests.store.ledger import Ledger
from trichat.core import refusals as r
from trichat.core.ids import is_uuid
from trichat.core.model import Action, Role, User
from trichat.store.port import Store, Write
from trichat.store.roles import SetRole


class Roles:
    async def test_the_highest_role_that_holds_everywhere_counts(self, store: Store) -> None:
        ledger = Ledger(store)
        chief = await bearer(ledger, "chief", Role.SUPER_ADMIN)
        bob = await ledger.person("bob")
        room = await ledger.room(chief)

        async def role_after(write: Write) -> Role:
            outcome = await ledger.write(write)
            assert isinstance(outcome, User), outcome
            return outcome.role

        assert await role_after(assign(chief, bob, Role.ADMIN, room)) is Role.MEMBER
        assert await role_after(assign(chief, bob, Role.MODERATOR)) is Role.MODERATOR
        assert await role_after(assign(chief, bob, Role.ADMIN)) is Role.ADMIN
        grants = await store.grants(bob.id)
        assert [(grant.role, grant.room) for grant in grants] == [
            (Role.ADMIN, room.uuid), (Role.MODERATOR, None), (Role.ADMIN, None),
        ]  # fmt: skip
        assert {(grant.at, grant.by) for grant in grants} == {(LATER, chief.uuid)}
        assert all(is_uuid(grant.uuid) for grant in grants)
        assert await role_after(remove(chief, bob, Role.ADMIN)) is Role.MODERATOR
        assert await role_after(remove(chief, bob, Role.ADMIN, room)) is Role.MODERATOR
        assert await role_after(remove(chief, bob, Role.MODERATOR)) is Role.MEMBER
        assert await store.grants(bob.id) == []
        acts = await store.acts(limit=10)
        assert [act.action for act in acts] == [Action.REMOVE_ROLE] * 3 + [Action.ASSIGN_ROLE] * 3

    async def test_a_role_is_given_once_and_taken_if_it_was_given(self, store: Store) -> None:
        ledger = Ledger(store)
        admin, bob = await bearer(ledger, "admin", Role.ADMIN), await ledger.person("bob")
        room = await ledger.room(admin)
        for where in (None, room):
            assert await ledger.write(remove(admin, bob, Role.MODERATOR, where)) == r.NoSuchGrant()
            assert isinstance(await ledger.write(assign(admin, bob, Role.MODERATOR, where)), User)
            assert await ledger.write(assign(admin, bob, Role.MODERATOR, where)) == r.HasRole()
        assert await ledger.write(assign(admin, bob, Role.MEMBER)) == r.HasRole()
        assert await ledger.write(remove(admin, bob, Role.MEMBER)) == r.NoSuchGrant()
        assert isinstance(await ledger.write(assign(admin, bob, Role.MEMBER, room)), User)

    async def test_roles_are_given_below_one_s_own_to_those_below(self, store: Store) -> None:
        ledger = Ledger(store)
        people = {role: await bearer(ledger, role.lower(), role) for role in Role}
        admin, mod = people[Role.ADMIN], people[Role.MODERATOR]
        for role in (Role.ADMIN, Role.SUPER_ADMIN):
            assert await ledger.write(assign(admin, mod, role)) == r.RoleTooHigh()
            assert await ledger.write(remove(admin, mod, role)) == r.RoleTooHigh()
        for other in (admin, people[Role.SUPER_ADMIN]):
            assert await ledger.write(assign(admin, other, Role.MODERATOR)) == r.Outranked()
            assert await ledger.write(remove(admin, other, Role.MODERATOR)) == r.Outranked()
        member = people[Role.MEMBER]
        assert await ledger.write(assign(mod, member, Role.MODERATOR)) == r.Forbidden()
        assert await store.acts(limit=1) == []

    async def test_the_operator_puts_one_role_in_place_of_all_others(self, store: Store) -> None:
        ledger = Ledger(store)
        chief = await bearer(ledger, "chief", Role.SUPER_ADMIN)
        bob, room = await ledger.person("bob"), await ledger.room(chief)
        for write in (
            assign(chief, bob, Role.MODERATOR),
            assign(chief, bob, Role.ADMIN),
            assign(chief, bob, Role.MODERATOR, room),
        ):
            await ledger.write(write)
        (user,) = await store.write([SetRole(bob.id, Role.MODERATOR, LATER)])
        assert isinstance(user, User)
        assert user.role is Role.MODERATOR
        here, everywhere = await store.grants(bob.id)
        assert (here.room, everywhere.room, everywhere.by) == (room.uuid, None, None)
        (user,) = await store.write([SetRole(bob.id, Role.MEMBER, LATER)])
        assert await store.grants(bob.id) == [here]
        assert await ledger.write(SetRole(999, Role.ADMIN, LATER)) == r.NoSuchUser()

"""Profiles, sentences, roles and the audit log: rank is judged in the transaction itself."""

from typing import Any

import pytest
from attrs import evolve

from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core import refusals as r
from trichat.core.ids import is_uuid, new_uuid
from trichat.core.model import Action, Grounds, Role, Status, Target, User
from trichat.store import port

LATER = NOW + 10**9


async def bearer(ledger: Ledger, name: str, role: Role) -> User:
    user = await ledger.person(name)
    ranked = await ledger.write(port.SetRole(user.id, role, NOW))
    assert ranked.role is role
    return ranked  # type: ignore[no-any-return]


def why(reason: str | None = None, **metadata: Any) -> Grounds:
    return Grounds(new_uuid(), reason, metadata or None)


def judge(by: User, user: User, status: Status, **fields: Any) -> port.Judge:
    return port.Judge(fields.pop("why", why()), by.id, user.id, status, LATER, **fields)


def assign(by: User, user: User, role: Role, room: Any = None) -> port.AssignRole:
    return port.AssignRole(why(), by.id, user.id, role, room, LATER)


def remove(by: User, user: User, role: Role, room: Any = None) -> port.RemoveRole:
    return port.RemoveRole(why(), by.id, user.id, role, room, LATER)


class Administering:
    # -- profiles

    async def test_what_is_given_changes_and_the_rest_stays(self, store: port.Store) -> None:
        ledger = Ledger(store)
        bob = await ledger.person("bob", "bob@x.org")
        changed = await ledger.write(port.UpdateUser(bob.id, LATER, avatar="a.png"))
        assert changed == evolve(bob, avatar="a.png", updated_at=LATER)
        changed = await ledger.write(
            port.UpdateUser(bob.id, LATER, username="Rob", email="Rob@x.org")
        )
        assert (changed.username, changed.email, changed.avatar) == ("Rob", "Rob@x.org", "a.png")
        assert changed.updated_at > LATER  # two of one moment are told apart
        assert await store.user_by_name("Rob") == await store.user(bob.id) == changed
        assert await store.user_by_name("bob") is None
        changed = await ledger.write(port.UpdateUser(bob.id, LATER, avatar=""))
        assert changed.avatar is None
        assert await ledger.write(port.UpdateUser(999, LATER, avatar="")) == r.NoSuchUser()

    async def test_what_another_has_is_taken_and_one_s_own_is_not(self, store: port.Store) -> None:
        ledger = Ledger(store)
        bob = await ledger.person("bob", "bob@x.org")
        await ledger.person("ann", "ann@x.org")

        async def change(**fields: str) -> object:
            return await ledger.write(port.UpdateUser(bob.id, LATER, **fields))

        assert await change(username="ann", email="ann@x.org") == r.Taken("username")
        assert await change(username="new", email="ann@x.org") == r.Taken("email")
        assert await store.user(bob.id) == bob
        assert isinstance(await change(username="bob", email="bob@x.org"), User)

    async def test_a_mention_outlives_the_name(self, store: port.Store) -> None:
        ledger = Ledger(store)
        ann, bob = await ledger.people("ann", "bob")
        room = await ledger.room(ann, bob)
        await ledger.say(room, ann, "@bob and @ann")
        renamed = await ledger.write(port.UpdateUser(bob.id, LATER, username="rob"))
        ((said,), _) = await store.history(room.id, limit=1)
        assert said.mentions == (renamed, ann)

    async def test_users_are_listed_and_searched(self, store: port.Store) -> None:
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
        await ledger.write(port.UpdateUser(1, LATER, username="Moe", email="new@x.org"))
        assert (await found("zoe"), await found("z@x"), await found("NEW")) == ([], [], ["Moe"])

    # -- sentences

    @pytest.mark.parametrize(
        ("status", "action"),
        [(Status.BANNED, Action.BAN_USER), (Status.SUSPENDED, Action.SUSPEND_USER)],
    )
    async def test_who_is_judged_is_out_until_let_in_again(
        self, store: port.Store, status: Status, action: Action
    ) -> None:
        ledger = Ledger(store)
        admin, bob = await bearer(ledger, "admin", Role.ADMIN), await ledger.person("bob")
        grounds = why("rude", hours=2)
        out = await ledger.write(judge(admin, bob, status, why=grounds, until=LATER + 5))
        assert (out.status, out.banned_until) == (status, LATER + 5)
        assert await store.user(bob.id) == out
        back = await ledger.write(judge(admin, bob, Status.ACTIVE))
        assert (back.status, back.banned_until) == (Status.ACTIVE, None)
        in_again, first = await store.acts(limit=10)
        assert first.grounds == grounds
        assert (first.action, first.target, first.target_id) == (action, Target.USER, bob.uuid)
        assert (first.by, first.at) == (admin, LATER)
        assert in_again.action is Action(f"UN{action}")

    async def test_a_sentence_with_an_end_ends(self, store: port.Store) -> None:
        ledger = Ledger(store)
        admin, bob = await bearer(ledger, "admin", Role.ADMIN), await ledger.person("bob")
        out = await ledger.write(judge(admin, bob, Status.SUSPENDED, until=LATER + 5))
        early = await ledger.write(port.EndSentence(bob.id, LATER + 4))
        assert early == out
        assert [user.id for user in await store.active_users(now=LATER + 4)] == [admin.id]
        assert len(await store.active_users(now=LATER + 5)) == 2
        tally = await store.tally(now=LATER + 4, since=0)
        assert tally.users == {Status.ACTIVE: 1, Status.SUSPENDED: 1, Status.BANNED: 0}
        tally = await store.tally(now=LATER + 5, since=0)
        assert tally.users == {Status.ACTIVE: 2, Status.SUSPENDED: 0, Status.BANNED: 0}
        ended = await ledger.write(port.EndSentence(bob.id, LATER + 5))
        assert (ended.status, ended.banned_until) == (Status.ACTIVE, None)
        for_ever = await ledger.write(judge(admin, bob, Status.BANNED))
        assert await ledger.write(port.EndSentence(bob.id, LATER * 2)) == for_ever
        assert await ledger.write(port.EndSentence(999, LATER)) == r.NoSuchUser()

    @pytest.mark.parametrize("status", list(Status))
    async def test_only_who_is_strictly_below_is_judged(
        self, store: port.Store, status: Status
    ) -> None:
        ledger = Ledger(store)
        people = {role: await bearer(ledger, role.lower(), role) for role in Role}
        ranks = list(Role)
        for by in ranks:
            for on in ranks:
                outcome = await ledger.write(judge(people[by], people[on], status))
                if by in (Role.MEMBER, Role.MODERATOR):
                    assert outcome == r.Forbidden()
                elif ranks.index(by) > ranks.index(on):
                    assert outcome.status is status
                    await ledger.write(judge(people[by], people[on], Status.ACTIVE))
                else:
                    assert outcome == r.Outranked()
        unknown = evolve(judge(people[Role.ADMIN], people[Role.MEMBER], status), user_id=999)
        assert await ledger.write(unknown) == r.NoSuchUser()

    async def test_two_admins_who_judge_a_moderator_who_was_raised_meanwhile(
        self, store: port.Store
    ) -> None:
        """In one transaction: what one write did, the next one sees."""
        ledger = Ledger(store)
        chief = await bearer(ledger, "chief", Role.SUPER_ADMIN)
        admin, other = [await bearer(ledger, name, Role.ADMIN) for name in ("admin", "other")]
        bob = await ledger.person("bob")
        raised, outranked, put_out, forbidden = await store.write(
            [
                assign(chief, bob, Role.ADMIN),
                judge(admin, bob, Status.BANNED),
                judge(chief, other, Status.SUSPENDED),
                judge(other, bob, Status.BANNED),
            ]
        )
        assert isinstance(raised, User)
        assert isinstance(put_out, User)
        assert (outranked, forbidden) == (r.Outranked(), r.Forbidden())
        assert len(await store.acts(limit=10)) == 2

    # -- roles

    async def test_the_highest_role_that_holds_everywhere_counts(self, store: port.Store) -> None:
        ledger = Ledger(store)
        chief = await bearer(ledger, "chief", Role.SUPER_ADMIN)
        bob = await ledger.person("bob")
        room = await ledger.room(chief)

        async def role_after(write: port.Write) -> Role:
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

    async def test_a_role_is_given_once_and_taken_if_it_was_given(self, store: port.Store) -> None:
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

    async def test_roles_are_given_below_one_s_own_to_those_below(self, store: port.Store) -> None:
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

    async def test_the_operator_puts_one_role_in_place_of_all_others(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        chief = await bearer(ledger, "chief", Role.SUPER_ADMIN)
        bob, room = await ledger.person("bob"), await ledger.room(chief)
        for write in (
            assign(chief, bob, Role.MODERATOR),
            assign(chief, bob, Role.ADMIN),
            assign(chief, bob, Role.MODERATOR, room),
        ):
            await ledger.write(write)
        (user,) = await store.write([port.SetRole(bob.id, Role.MODERATOR, LATER)])
        assert isinstance(user, User)
        assert user.role is Role.MODERATOR
        here, everywhere = await store.grants(bob.id)
        assert (here.room, everywhere.room, everywhere.by) == (room.uuid, None, None)
        (user,) = await store.write([port.SetRole(bob.id, Role.MEMBER, LATER)])
        assert await store.grants(bob.id) == [here]
        assert await ledger.write(port.SetRole(999, Role.ADMIN, LATER)) == r.NoSuchUser()

    async def test_who_is_made_with_a_role_was_given_it(self, store: port.Store) -> None:
        write = port.CreateUser(new_uuid(), "ann", None, None, None, NOW, role=Role.ADMIN)
        made: Any = await Ledger(store).write(write)
        (grant,) = await store.grants(made.user.id)
        assert (grant.role, grant.room, grant.at, grant.by) == (Role.ADMIN, None, NOW, None)

    # -- messages, and the log of it all

    async def test_a_message_that_is_taken_away_is_in_the_audit_log(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        mod, bob = await bearer(ledger, "mod", Role.MODERATOR), await ledger.person("bob")
        room = await ledger.room(bob)
        one, two = await ledger.say(room, bob, "one", "two")
        grounds = why("spam", bulk=True)
        await ledger.do(room, (mod, c.Delete(one.uuid, grounds)))
        await ledger.do(room, (bob, c.Delete(two.uuid)))
        (act,) = await store.acts(limit=10)
        assert (act.grounds, act.action) == (grounds, Action.DELETE_MESSAGE)
        assert (act.target, act.target_id, act.by) == (Target.MESSAGE, one.uuid, mod)
        assert (await store.history(room.id, limit=10))[0] == []

    async def test_a_commit_that_fails_leaves_no_entry(self, store: port.Store) -> None:
        ledger = Ledger(store)
        mod, bob = await bearer(ledger, "mod", Role.MODERATOR), await ledger.person("bob")
        room = await ledger.room(bob)
        one, two = await ledger.say(room, bob, "one", "two")
        grounds = why()
        await ledger.do(room, (mod, c.Delete(one.uuid, grounds)))
        again = await ledger.commit_of(room, (mod, c.Delete(two.uuid, grounds)))
        assert await ledger.write(again) == r.Failed()  # an entry is made once
        assert [said.text for said in (await store.history(room.id, limit=10))[0]] == ["two"]
        stale = await ledger.commit_of(room, (mod, c.Delete(two.uuid, why())))
        await ledger.say(room, bob, "three")
        assert isinstance(await ledger.write(stale), port.Stale)
        assert len(await store.acts(limit=10)) == 1

    async def test_the_log_is_filtered_and_paged(self, store: port.Store) -> None:
        ledger = Ledger(store)
        admin, chief = [
            await bearer(ledger, name, role)
            for name, role in (("admin", Role.ADMIN), ("chief", Role.SUPER_ADMIN))
        ]
        bob = await ledger.person("bob")
        room = await ledger.room(bob)
        (said,) = await ledger.say(room, bob, "x")
        await ledger.write(judge(admin, bob, Status.BANNED))
        await ledger.write(judge(chief, bob, Status.ACTIVE))
        await ledger.do(room, (chief, c.Delete(said.uuid, why())))

        async def actions(limit: int = 10, **wanted: Any) -> list[str]:
            return [act.action.value for act in await store.acts(limit=limit, **wanted)]

        assert await actions() == ["DELETE_MESSAGE", "UNBAN_USER", "BAN_USER"]
        assert await actions(1, offset=1) == ["UNBAN_USER"]
        assert await actions(action=Action.BAN_USER) == ["BAN_USER"]
        assert await actions(target=Target.USER) == ["UNBAN_USER", "BAN_USER"]
        assert await actions(by=chief.uuid) == ["DELETE_MESSAGE", "UNBAN_USER"]
        assert await actions(by=chief.uuid, target=Target.USER) == ["UNBAN_USER"]
        assert await actions(by="nobody") == []

    # -- what administrators read

    async def test_accounts_newest_first_with_what_they_did(self, store: port.Store) -> None:
        ledger = Ledger(store)
        admin = await bearer(ledger, "admin", Role.ADMIN)
        bob = await ledger.person("Bob", "bob@x.org")
        room, pair = await ledger.room(bob, admin), await ledger.direct(bob, admin)
        one, _ = await ledger.say(room, bob, "one", "two")
        await ledger.say(pair, bob, "in private")
        await ledger.do(room, (bob, c.Delete(one.uuid)))
        out = await ledger.write(judge(admin, bob, Status.SUSPENDED, until=LATER + 5))

        async def listed(now: int = LATER, **wanted: Any) -> list[port.Account]:
            return await store.accounts(now=now, **({"limit": 10, "offset": 0} | wanted))

        assert await listed() == [port.Account(out, 1, 1), port.Account(admin, 0, 1)]
        assert await listed(limit=1, offset=1) == [port.Account(admin, 0, 1)]
        assert await listed(part="BOB@") == await listed(part="bOb") == [port.Account(out, 1, 1)]
        assert await listed(part="%") == []
        assert await listed(status=Status.SUSPENDED) == [port.Account(out, 1, 1)]
        assert await listed(status=Status.BANNED) == []
        assert await listed(LATER + 5, status=Status.SUSPENDED) == []
        back, _ = await listed(LATER + 5, status=Status.ACTIVE)
        assert (back.user.status, back.user.banned_until) == (Status.ACTIVE, None)

    async def test_what_there_is_is_counted_without_direct_rooms(self, store: port.Store) -> None:
        ledger = Ledger(store)
        ann, bob = await ledger.people("ann", "bob")
        room, pair = await ledger.room(ann), await ledger.direct(ann, bob)
        one, two, _ = await ledger.say(room, ann, "one", "two", "three")
        await ledger.say(pair, ann, "in private")
        await ledger.do(room, (ann, c.Delete(one.uuid)))
        tally = await store.tally(now=NOW, since=two.created_at + 1)
        assert (tally.channels, tally.messages, tally.messages_since) == (1, 2, 1)

    async def test_members_of_many_rooms_at_once(self, store: port.Store) -> None:
        ledger = Ledger(store)
        ann, bob, cat = await ledger.people("ann", "bob", "cat")
        one, two = await ledger.room(cat, ann, bob), await ledger.room(bob)
        empty = await ledger.room(ann, owned=False)
        ids = [one.id, two.id, empty.id, 999]
        found = await store.shown_members(ids, limit=9, among=ann.id)
        assert found == {one.id: ([cat, ann, bob], 3), two.id: ([bob], 1)}
        found = await store.shown_members(ids, limit=2, among=bob.id)
        assert found == {one.id: ([cat, bob], 3), two.id: ([bob], 1)}
        found = await store.shown_members(ids, limit=1, among=ann.id)
        assert found == {one.id: ([ann], 3), two.id: ([bob], 1)}
        assert await store.shown_members([], limit=2, among=1) == {}

    # -- what became of it

    async def test_it_is_known_to_have_landed(self, store: port.Store) -> None:
        ledger = Ledger(store)
        admin, bob = await bearer(ledger, "admin", Role.ADMIN), await ledger.person("bob")
        writes: list[port.Write] = [
            port.UpdateUser(bob.id, LATER, username="rob", avatar=""),
            judge(admin, bob, Status.SUSPENDED, until=LATER + 5),
            port.EndSentence(bob.id, LATER + 6),
            assign(admin, bob, Role.MODERATOR),
            remove(admin, bob, Role.MODERATOR),
        ]
        for write in writes:
            assert await store.landed(write) is None, write
            outcome = await ledger.write(write)
            assert isinstance(outcome, User)
            assert await store.landed(write) == outcome
        refused = judge(admin, admin, Status.BANNED)
        assert await ledger.write(refused) == r.Outranked()
        assert await store.landed(refused) is None

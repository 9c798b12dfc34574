"""Who may not come in is judged in the transaction, and the audit log says so."""

import pytest
from attrs import evolve

from tests.store.contract.acting import LATER, assign, bearer, judge, why
from tests.store.ledger import Ledger
from trichat.core import refusals as r
from trichat.core.model import Action, Role, Status, Target, User
from trichat.store.port import Store
from trichat.store.suspensions import EndSuspension


class Suspensions:
    @pytest.mark.parametrize(
        ("status", "action"),
        [(Status.BANNED, Action.BAN_USER), (Status.SUSPENDED, Action.SUSPEND_USER)],
    )
    async def test_who_is_judged_is_out_until_let_in_again(
        self, store: Store, status: Status, action: Action
    ) -> None:
        ledger = Ledger(store)
        admin, bob = await bearer(ledger, "admin", Role.ADMIN), await ledger.person("bob")
        reason = why("rude", hours=2)
        out = await ledger.write(judge(admin, bob, status, why=reason, until=LATER + 5))
        assert (out.status, out.banned_until) == (status, LATER + 5)
        assert await store.user(bob.id) == out
        back = await ledger.write(judge(admin, bob, Status.ACTIVE))
        assert (back.status, back.banned_until) == (Status.ACTIVE, None)
        in_again, first = await store.acts(limit=10)
        assert first.reason == reason
        assert (first.action, first.target, first.target_id) == (action, Target.USER, bob.uuid)
        assert (first.by, first.at) == (admin, LATER)
        assert in_again.action is Action(f"UN{action}")

    async def test_a_sentence_with_an_end_ends(self, store: Store) -> None:
        ledger = Ledger(store)
        admin, bob = await bearer(ledger, "admin", Role.ADMIN), await ledger.person("bob")
        out = await ledger.write(judge(admin, bob, Status.SUSPENDED, until=LATER + 5))
        early = await ledger.write(EndSuspension(bob.id, LATER + 4))
        assert early == out
        assert [user.id for user in await store.active_users(now=LATER + 4)] == [admin.id]
        assert len(await store.active_users(now=LATER + 5)) == 2
        tally = await store.tally(now=LATER + 4, since=0)
        assert tally.users == {Status.ACTIVE: 1, Status.SUSPENDED: 1, Status.BANNED: 0}
        tally = await store.tally(now=LATER + 5, since=0)
        assert tally.users == {Status.ACTIVE: 2, Status.SUSPENDED: 0, Status.BANNED: 0}
        ended = await ledger.write(EndSuspension(bob.id, LATER + 5))
        assert (ended.status, ended.banned_until) == (Status.ACTIVE, None)
        for_ever = await ledger.write(judge(admin, bob, Status.BANNED))
        assert await ledger.write(EndSuspension(bob.id, LATER * 2)) == for_ever
        assert await ledger.write(EndSuspension(999, LATER)) == r.NoSuchUser()

    @pytest.mark.parametrize("status", list(Status))
    async def test_only_who_is_strictly_below_is_judged(self, store: Store, status: Status) -> None:
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
        self, store: Store
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

"""The audit log, and what administrators read."""

from typing import Any

from tests.store.contract.acting import LATER, bearer, judge, why
from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core import refusals as r
from trichat.core.model import Action, Role, Status, Target
from trichat.store.audit import Account
from trichat.store.log import Stale
from trichat.store.port import Store


class Audit:
    async def test_a_message_that_is_taken_away_is_in_the_audit_log(self, store: Store) -> None:
        ledger = Ledger(store)
        mod, bob = await bearer(ledger, "mod", Role.MODERATOR), await ledger.person("bob")
        room = await ledger.room(bob)
        one, two = await ledger.say(room, bob, "one", "two")
        reason = why("spam", bulk=True)
        await ledger.do(room, (mod, c.Delete(one.uuid, reason)))
        await ledger.do(room, (bob, c.Delete(two.uuid)))
        (act,) = await store.acts(limit=10)
        assert (act.reason, act.action) == (reason, Action.DELETE_MESSAGE)
        assert (act.target, act.target_id, act.by) == (Target.MESSAGE, one.uuid, mod)
        assert (await store.history(room.id, limit=10))[0] == []

    async def test_a_commit_that_fails_leaves_no_entry(self, store: Store) -> None:
        ledger = Ledger(store)
        mod, bob = await bearer(ledger, "mod", Role.MODERATOR), await ledger.person("bob")
        room = await ledger.room(bob)
        one, two = await ledger.say(room, bob, "one", "two")
        reason = why()
        await ledger.do(room, (mod, c.Delete(one.uuid, reason)))
        again = await ledger.commit_of(room, (mod, c.Delete(two.uuid, reason)))
        assert await ledger.write(again) == r.Failed()  # an entry is made once
        assert [said.text for said in (await store.history(room.id, limit=10))[0]] == ["two"]
        stale = await ledger.commit_of(room, (mod, c.Delete(two.uuid, why())))
        await ledger.say(room, bob, "three")
        assert isinstance(await ledger.write(stale), Stale)
        assert len(await store.acts(limit=10)) == 1

    async def test_the_log_is_filtered_and_paged(self, store: Store) -> None:
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

    async def test_accounts_newest_first_with_what_they_did(self, store: Store) -> None:
        ledger = Ledger(store)
        admin = await bearer(ledger, "admin", Role.ADMIN)
        bob = await ledger.person("Bob", "bob@x.org")
        room, pair = await ledger.room(bob, admin), await ledger.direct(bob, admin)
        one, _ = await ledger.say(room, bob, "one", "two")
        await ledger.say(pair, bob, "in private")
        await ledger.do(room, (bob, c.Delete(one.uuid)))
        out = await ledger.write(judge(admin, bob, Status.SUSPENDED, until=LATER + 5))

        async def listed(now: int = LATER, **wanted: Any) -> list[Account]:
            return await store.accounts(now=now, **({"limit": 10, "offset": 0} | wanted))

        assert await listed() == [Account(out, 1, 1), Account(admin, 0, 1)]
        assert await listed(limit=1, offset=1) == [Account(admin, 0, 1)]
        assert await listed(part="BOB@") == await listed(part="bOb") == [Account(out, 1, 1)]
        assert await listed(part="%") == []
        assert await listed(status=Status.SUSPENDED) == [Account(out, 1, 1)]
        assert await listed(status=Status.BANNED) == []
        assert await listed(LATER + 5, status=Status.SUSPENDED) == []
        back, _ = await listed(LATER + 5, status=Status.ACTIVE)
        assert (back.user.status, back.user.banned_until) == (Status.ACTIVE, None)

    async def test_what_there_is_is_counted_without_direct_rooms(self, store: Store) -> None:
        ledger = Ledger(store)
        ann, bob = await ledger.people("ann", "bob")
        room, pair = await ledger.room(ann), await ledger.direct(ann, bob)
        one, two, _ = await ledger.say(room, ann, "one", "two", "three")
        await ledger.say(pair, ann, "in private")
        await ledger.do(room, (ann, c.Delete(one.uuid)))
        tally = await store.tally(now=NOW, since=two.created_at + 1)
        assert (tally.channels, tally.messages, tally.messages_since) == (1, 2, 1)

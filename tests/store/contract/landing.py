"""What became of a write whose outcome is unknown: exactly what its answer would have said."""

import pytest
from attrs import evolve

from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core.model import Role
from trichat.core.refusals import RateLimited
from trichat.runtime.clock import new_uuid
from trichat.store.apikeys import AddApiKey, RevokeApiKey
from trichat.store.log import Committed
from trichat.store.logins import EndLogin, EndLogins, NewLogin, OpenLogin, RenewLogin
from trichat.store.port import Store, Write
from trichat.store.roles import SetRole
from trichat.store.rooms import OpenDirect, Opened
from trichat.store.signing import EndEverything, UseSigningKey
from trichat.store.tickets import AddTicket, Ticket
from trichat.store.users import CreateUser, SetPassword


class Landing:
    async def test_a_commit(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        (old,) = await ledger.say(room, alice, "old")
        commit = await ledger.commit_of(
            room,
            (alice, c.Say("@bob")),
            (bob, c.Join()),
            (alice, c.Edit(old.uuid, "new")),
            (bob, c.React(old.uuid, "+")),
            (bob, c.Leave()),
        )
        assert await store.landed(commit) is None
        outcome = await ledger.write(commit)
        assert isinstance(outcome, Committed)
        landed = await store.landed(commit)
        assert isinstance(landed, Committed)
        assert [type(event) for event in landed.events] == [type(event) for event in commit.events]
        assert landed.events[0] == outcome.events[0]

    async def test_a_commit_in_whose_place_another_stands(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        mine = await ledger.commit_of(room, (alice, c.Say("mine")))
        joining = await ledger.commit_of(room, (bob, c.Join()))
        await ledger.say(room, alice, "another's")
        assert await store.landed(mine) is None
        assert await store.landed(joining) is None

    async def test_a_reaction_in_whose_place_another_stands(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        (said,) = await ledger.say(room, alice, "hi")
        mine = await ledger.commit_of(room, (alice, c.React(said.uuid, "+")))
        others = await ledger.commit_of(room, (bob, c.React(said.uuid, "+")))
        (event,) = others.events
        await ledger.write(evolve(others, events=(evolve(event, at=mine.events[0].at),)))
        assert await store.landed(mine) is None

    async def test_half_of_a_commit_is_none(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        both = await ledger.commit_of(room, (alice, c.Say("one")), (alice, c.Say("two")))
        await ledger.write(evolve(both, events=both.events[:1]))
        assert await store.landed(both) is None

    async def test_an_account(self, store: Store) -> None:
        ledger = Ledger(store)
        for name in ("alice", "bob"):
            write = CreateUser(new_uuid(), name, None, "hash", None, NOW)
            assert await store.landed(write) is None
            outcome = await ledger.write(write)
            assert await store.landed(write) == outcome
        refused = evolve(write, uuid=new_uuid())
        await ledger.write(refused)
        assert await store.landed(refused) is None

    async def test_a_room(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        write = ledger.create(alice, owned=True, invited=(bob,), handle="general")
        assert await store.landed(write) is None
        outcome = await ledger.write(write)
        assert await store.landed(write) == outcome
        assert await store.landed(evolve(write, uuid=new_uuid())) is None

    async def test_a_pairs_room_is_told_with_its_events_to_who_made_it(self, store: Store) -> None:
        """They make both follow the room: the other's sockets learn of it in no other way."""
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        write = OpenDirect(new_uuid(), alice, bob, NOW)
        assert await store.landed(write) is None
        outcome = await ledger.write(write)
        assert await store.landed(write) == outcome
        again = OpenDirect(new_uuid(), bob, alice, NOW)
        assert await store.landed(again) == Opened(outcome.room, ())

    async def test_what_changes_an_account(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        writes: list[Write] = [
            SetPassword(alice.id, "new", NOW + 7),
            SetRole(alice.id, Role.ADMIN, NOW + 8),
            AddApiKey(alice.id, "digest", "label", NOW),
        ]
        for write in writes:
            assert await store.landed(write) is None
            outcome = await ledger.write(write)
            assert await store.landed(write) == outcome
        revoke = RevokeApiKey(outcome, NOW + 9)
        assert await store.landed(revoke) is None
        assert await ledger.write(revoke) is True
        assert await store.landed(revoke) is True

    async def test_what_becomes_of_logins(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        later, ends = NOW + 1000, NOW + 2000
        renewal = RenewLogin("f", "s0", "s1", NOW + 2, later, 100)
        writes: tuple[Write, ...] = (
            OpenLogin(alice.id, "hash", NewLogin("one", later, ends, "f", "s0"), NOW, 1),
            OpenLogin(alice.id, "hash", NewLogin("two", later, ends, "g", "t0"), NOW, 1),
            evolve(renewal, family="g", shown="t0"),
            evolve(renewal, family="g", shown="t0", at=NOW + 300),  # used before
            EndLogin("digest", alice.id, NOW + 3, later),
            EndLogins(alice.id, NOW + 4),
            AddTicket("d", Ticket(alice.id, "one", None, later), NOW, later, 1),
            EndEverything(NOW + 5),
            UseSigningKey("a", NOW + 6, ends=True),
            UseSigningKey("", NOW + 6, ends=False),
            AddTicket("d", Ticket(alice.id, "one", None, later), NOW, later, 1),
        )
        for write in writes:
            assert await store.landed(write) is None
            outcome = await ledger.write(write)
            assert await store.landed(write) == outcome
        refused = AddTicket("e", Ticket(alice.id, "one", None, later), NOW, later, 1)
        assert isinstance(await ledger.write(refused), RateLimited)
        assert await store.landed(refused) is None

    @pytest.mark.parametrize("number", [0, 999])
    async def test_nothing_lands_in_a_room_that_is_not_there(
        self, store: Store, number: int
    ) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        commit = await ledger.commit_of(await ledger.room(alice), (alice, c.Say("x")))
        assert await store.landed(evolve(commit, room_id=number)) is None

"""Each write of a transaction succeeds, is refused or fails alone."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve

from tests.store.ledger import NOW, Ledger, numbered
from trichat.core import commands as c
from trichat.core.refusals import Failed, Taken
from trichat.runtime.clock import new_uuid
from trichat.store.apikeys import AddApiKey
from trichat.store.health import Probe, StoreError
from trichat.store.log import Committed, Stale
from trichat.store.port import Outcome, Store, Write
from trichat.store.rooms import OpenDirect
from trichat.store.users import CreateUser, Registered, SetPassword


class Transactions:
    async def test_rooms_of_one_transaction_do_not_hinder_each_other(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        rooms = [await ledger.room(alice) for _ in range(10)]
        commits = [await ledger.commit_of(room, (alice, c.Say("x"))) for room in rooms]
        await ledger.say(rooms[4], alice, "first")
        outcomes = await store.write(commits)
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [Stale if room is rooms[4] else Committed for room in rooms]
        for room in rooms:
            _, head = await store.history(room.id, limit=1)
            assert head == 2

    async def test_what_is_refused_or_fails_is_undone_alone(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room, spoiled = await ledger.room(alice), await ledger.room(alice)
        said = await ledger.commit_of(spoiled, (alice, c.Say("fine")), (bob, c.Join()))
        admitted: Any = said.events[1]
        poisoned = evolve(said, events=(*said.events, evolve(admitted, seq=admitted.seq + 1)))
        good = await ledger.commit_of(room, (alice, c.Say("good")))
        outcomes = await store.write(
            [
                CreateUser("u1", "alice", None, None, None, 1),
                poisoned,
                good,
                CreateUser("u2", "carol", None, None, None, 1),
            ]
        )
        taken, failed, committed, registered = outcomes
        assert (taken, failed) == (Taken("username"), Failed())
        assert isinstance(committed, Committed)
        assert isinstance(registered, Registered)
        assert (await store.history(spoiled.id, limit=10)) == ([], 1)
        assert await store.membership(spoiled.id, bob.id) is None
        assert await ledger.say(spoiled, alice, "goes on")

    async def test_what_no_database_can_hold_fails_alone(self, store: Store) -> None:
        """Text is checked long before; what slips through costs its own write and no other."""
        ledger = Ledger(store)
        alice, _ = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        unclean = await ledger.commit_of(room, (alice, c.Say("\ud800")))
        failed, registered = await store.write(
            [unclean, CreateUser("u3", "carol", None, None, None, 1)]
        )
        assert failed == Failed()
        assert isinstance(registered, Registered)
        assert await store.history(room.id, limit=10) == ([], 1)
        assert await ledger.say(room, alice, "goes on")

    async def test_two_stores_see_each_others_commits(self, store: Store, other: Store) -> None:
        ledger, mirror = Ledger(store), Ledger(other)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        stale = await ledger.commit_of(room, (alice, c.Say("second")))
        missing = await mirror.do(room, (bob, c.Join()), (bob, c.Say("first")))
        assert await store.log(room.id, 1, 10) == list(missing)
        assert await ledger.write(stale) == Stale(numbered(missing))
        assert isinstance(await mirror.write(CreateUser("u4", "alice", None, None, None, 1)), Taken)

    async def test_a_lost_answer_is_given_again(self, store: Store) -> None:
        """Whatever was written: as it was given, or would have been."""
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        (said,) = await ledger.say(room, alice, "said")
        key = AddApiKey(alice.id, "digest", "label", NOW)
        batches: list[list[Write]] = [
            [await ledger.commit_of(room, (alice, c.Say("@bob")), (bob, c.React(said.uuid, "+")))],
            [
                await ledger.commit_of(room, (bob, c.Leave())),
                key,
                SetPassword(alice.id, "new", NOW),
            ],
            [
                ledger.create(alice, owned=True, handle="tea"),
                OpenDirect(new_uuid(), bob, alice, NOW),
            ],
            [CreateUser(new_uuid(), "alice", None, None, None, NOW), key, Probe()],
            [CreateUser(new_uuid(), "alice", None, None, None, NOW)],
        ]
        for writes in batches:
            name = new_uuid()
            outcomes = await store.write(writes, name)
            assert await store.commit_status(name) == outcomes
            assert await store.commit_status(name) == outcomes

    async def test_outcomes_are_told_once_when_they_are_known(self, store: Store) -> None:
        told: list[Sequence[Outcome]] = []
        account = CreateUser(new_uuid(), "alice", None, None, None, NOW)
        outcomes = await store.write([account, account], "one", told.append)
        assert told == [outcomes]
        assert await store.commit_status("two") is None
        with pytest.raises(StoreError):
            await store.write([account], "two", told.append)
        assert told == [outcomes]

    async def test_what_was_given_up_is_never_stored(self, store: Store) -> None:
        """Whoever asked may act upon it: the transaction fails, however late it comes."""
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("late")))
        for _ in range(2):
            assert await store.commit_status("late") is None
        with pytest.raises(StoreError, match="the transaction late was given up"):
            await store.write([commit], "late")
        assert await store.commit_status("late") is None
        assert await store.history(room.id, limit=1) == ([], 1)
        assert isinstance((await store.write([commit], "again"))[0], Committed)

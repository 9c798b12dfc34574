"""Commits and transactions: each write succeeds, is refused or fails alone."""

from typing import Any

from attrs import evolve

from tests.store.ledger import Ledger, numbered, numbers
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.refusals import Failed, Taken
from trichat.store import port


class Writing:
    async def test_a_commit_answers_with_ids_in_the_order_of_saying(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("one")), (alice, c.Say("two")))
        outcome = await ledger.write(commit)
        assert isinstance(outcome, port.Committed)
        one, two = outcome.events
        assert isinstance(one, e.Said)
        assert isinstance(two, e.Said)
        assert 0 < one.message.id < two.message.id
        unstored = [evolve(said, message=evolve(said.message, id=0)) for said in (one, two)]
        assert tuple(unstored) == commit.events

    async def test_a_stale_commit_stores_nothing_and_tells_what_is_missing(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        late = await ledger.commit_of(room, (alice, c.Say("late")))
        missing = await ledger.do(room, (alice, c.Say("first")), (bob, c.Join()))
        assert await ledger.write(late) == port.Stale(numbered(missing))
        history, head = await store.history(room.id, limit=10)
        assert [message.text for message in history] == ["first"]
        assert head == 3

    async def test_a_commit_that_is_ahead_of_the_log_is_stale_too(self, store: port.Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("x")))
        ahead = evolve(commit, expected_seq=commit.expected_seq + 5)
        assert await ledger.write(ahead) == port.Stale(())

    async def test_an_unknown_room_takes_no_commit(self, store: port.Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("x")))
        unknown = evolve(commit, room_id=999, expected_seq=0)
        assert isinstance(await ledger.write(unknown), port.Stale | Failed)
        assert await store.load(999) is None

    async def test_numbers_out_of_turn_are_never_stored(self, store: port.Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("one")), (alice, c.Say("two")))
        gap = evolve(commit, events=commit.events[1:])
        assert await ledger.write(gap) == Failed()
        assert numbers(await store.log(room.id, 0, 10)) == [1]

    async def test_rooms_of_one_transaction_do_not_hinder_each_other(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        rooms = [await ledger.room(alice) for _ in range(10)]
        commits = [await ledger.commit_of(room, (alice, c.Say("x"))) for room in rooms]
        await ledger.say(rooms[4], alice, "first")
        outcomes = await store.write(commits)
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [port.Stale if room is rooms[4] else port.Committed for room in rooms]
        for room in rooms:
            _, head = await store.history(room.id, limit=1)
            assert head == 2

    async def test_what_is_refused_or_fails_is_undone_alone(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room, spoiled = await ledger.room(alice), await ledger.room(alice)
        said = await ledger.commit_of(spoiled, (alice, c.Say("fine")), (bob, c.Join()))
        admitted: Any = said.events[1]
        poisoned = evolve(said, events=(*said.events, evolve(admitted, seq=admitted.seq + 1)))
        good = await ledger.commit_of(room, (alice, c.Say("good")))
        outcomes = await store.write(
            [
                port.CreateUser("u1", "alice", None, None, None, 1),
                poisoned,
                good,
                port.CreateUser("u2", "carol", None, None, None, 1),
            ]
        )
        taken, failed, committed, registered = outcomes
        assert (taken, failed) == (Taken("username"), Failed())
        assert isinstance(committed, port.Committed)
        assert isinstance(registered, port.Registered)
        assert (await store.history(spoiled.id, limit=10)) == ([], 1)
        assert await store.membership(spoiled.id, bob.id) is None
        assert await ledger.say(spoiled, alice, "goes on")

    async def test_what_no_database_can_hold_fails_alone(self, store: port.Store) -> None:
        """Text is checked long before; what slips through costs its own write and no other."""
        ledger = Ledger(store)
        alice, _ = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        unclean = await ledger.commit_of(room, (alice, c.Say("\ud800")))
        failed, registered = await store.write(
            [unclean, port.CreateUser("u3", "carol", None, None, None, 1)]
        )
        assert failed == Failed()
        assert isinstance(registered, port.Registered)
        assert await store.history(room.id, limit=10) == ([], 1)
        assert await ledger.say(room, alice, "goes on")

    async def test_two_stores_see_each_others_commits(
        self, store: port.Store, other: port.Store
    ) -> None:
        ledger, mirror = Ledger(store), Ledger(other)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        stale = await ledger.commit_of(room, (alice, c.Say("second")))
        missing = await mirror.do(room, (bob, c.Join()), (bob, c.Say("first")))
        assert await store.log(room.id, 1, 10) == list(missing)
        assert await ledger.write(stale) == port.Stale(numbered(missing))
        assert isinstance(
            await mirror.write(port.CreateUser("u4", "alice", None, None, None, 1)), Taken
        )

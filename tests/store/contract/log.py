"""Logs take what follows their last number, and read back as it was committed; messages in them
are as they are now.
"""

from attrs import evolve

from tests.store.ledger import Ledger, numbered, numbers
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Reason, Role
from trichat.core.refusals import Failed
from trichat.runtime.clock import new_uuid
from trichat.store.log import Committed, Stale
from trichat.store.port import Store
from trichat.store.roles import SetRole


class Log:
    async def test_a_commit_answers_with_ids_in_the_order_of_saying(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("one")), (alice, c.Say("two")))
        outcome = await ledger.write(commit)
        assert isinstance(outcome, Committed)
        one, two = outcome.events
        assert isinstance(one, e.Said)
        assert isinstance(two, e.Said)
        assert 0 < one.message.id < two.message.id
        for decided, stored in zip(commit.events, (one, two), strict=True):
            new = evolve(stored.message, id=0, created_at=0, updated_at=0)
            assert decided == evolve(stored, seq=0, at=0, message=new)

    async def test_a_stale_commit_stores_nothing_and_tells_what_is_missing(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        late = await ledger.commit_of(room, (alice, c.Say("late")))
        missing = await ledger.do(room, (alice, c.Say("first")), (bob, c.Join()))
        assert await ledger.write(late) == Stale(numbered(missing))
        history, head = await store.history(room.id, limit=10)
        assert [message.text for message in history] == ["first"]
        assert head == 3

    async def test_a_commit_that_is_ahead_of_the_log_is_stale_too(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("x")))
        ahead = evolve(commit, expected_seq=commit.expected_seq + 5)
        assert await ledger.write(ahead) == Stale(())

    async def test_an_unknown_room_takes_no_commit(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("x")))
        unknown = evolve(commit, room_id=999, expected_seq=0)
        assert isinstance(await ledger.write(unknown), Stale | Failed)
        assert await store.load(999) is None

    async def test_the_store_gives_numbers_and_times_that_rise_whatever_the_clock_does(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        ((_, opened),) = (await store.heads([room.id])).values()
        for ahead in (100, 100, 500, -1000):
            commit = await ledger.commit_of(
                room, (alice, c.Say("x")), (alice, c.MarkRead()), (alice, c.Say("y"))
            )
            outcome = await ledger.write(evolve(commit, now=opened + ahead))
            assert isinstance(outcome, Committed)
        logged = await store.log(room.id, 1, -1)
        assert numbers(logged) == [2, 3, 4, 5, 6, 7, 8, 9]
        expected = [100, 101, 102, 103, 500, 501, 502, 503]
        assert [event.at - opened for event in logged] == expected
        for event in logged:
            assert isinstance(event, e.Said)
            assert event.message.created_at == event.message.updated_at == event.at
        assert await store.heads([room.id]) == {room.id: (9, opened + 503)}

    async def test_a_mark_alone_takes_no_number_and_no_time(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        before = await store.heads([room.id])
        await ledger.do(room, (alice, c.MarkRead()))
        assert await store.heads([room.id]) == before

    async def test_a_commit_that_fails_takes_no_number(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        commit = await ledger.commit_of(room, (alice, c.Say("one", key="k")))
        twice = evolve(commit, events=commit.events * 2)
        before = await store.heads([room.id])
        assert await ledger.write(twice) == Failed()
        assert await store.heads([room.id]) == before
        (said,) = await ledger.do(room, (alice, c.Say("two")))
        assert numbers([said]) == [2]

    async def test_it_reads_back_equal_to_what_was_committed(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        room = await ledger.room(alice, bob)
        (first,) = await ledger.do(room, (alice, c.Say("@bob and @alice", system=True)))
        assert isinstance(first, e.Said)
        assert first.notified == (bob,)
        (joined,) = await ledger.do(room, (carol, c.Join()))
        (left,) = await ledger.do(room, (carol, c.Leave()))
        (added,) = await ledger.do(room, (bob, c.Add(carol)))
        assert (await store.log(room.id, 2, 10)) == [first, joined, left, added]

        (reacted,) = await ledger.do(room, (carol, c.React(first.message.uuid, "👍🏽")))
        (*_, last) = await store.log(room.id, 0, 10)
        assert last == reacted
        (unreacted,) = await ledger.do(room, (carol, c.React(first.message.uuid, "👍🏽")))
        (*_, last) = await store.log(room.id, 0, 10)
        assert last == unreacted
        (edited,) = await ledger.do(room, (alice, c.Edit(first.message.uuid, "@carol now")))
        assert isinstance(edited, e.Edited)
        (*_, last) = await store.log(room.id, 0, 10)
        assert last == edited
        said = (await store.log(room.id, 2, 1))[0]
        assert said == evolve(first, message=edited.message)

    async def test_a_deletion_keeps_who_and_when_and_loses_what_was_said(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room = await ledger.room(alice)
        (said,) = await ledger.say(room, alice, "a secret")
        (deleted,) = await ledger.do(room, (alice, c.Delete(said.uuid)))
        assert isinstance(deleted, e.Deleted)
        *_, then, read = await store.log(room.id, 0, 10)
        assert read == evolve(deleted, message=evolve(said, text=""))
        assert isinstance(then, e.Said)
        assert then.message.text == ""

    async def test_an_administrators_reason_is_kept(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, admin = await ledger.people("alice", "admin")
        admin = await ledger.write(SetRole(admin.id, Role.ADMIN, 1))
        room = await ledger.room(alice)
        (said,) = await ledger.say(room, alice, "rude")
        for text in ("rude", "", None):
            reason = Reason(new_uuid(), text, {"ticket": 5} if text else None)
            await ledger.do(room, (admin, c.Delete(said.uuid, reason)))
            (*_, read) = await store.log(room.id, 0, 100)
            assert isinstance(read, e.Deleted)
            assert (read.by, read.reason) == (admin, reason)
            (said,) = await ledger.say(room, alice, "rude again")

    async def test_it_is_read_in_order_from_a_number_on(self, store: Store) -> None:
        ledger = Ledger(store)
        (alice,) = await ledger.people("alice")
        room, other = await ledger.room(alice), await ledger.room(alice)
        for text in "abcde":
            await ledger.say(room, alice, text)
            await ledger.say(other, alice, text)
        assert numbers(await store.log(room.id, 0, 100)) == [1, 2, 3, 4, 5, 6]
        assert numbers(await store.log(room.id, 2, 2)) == [3, 4]
        assert numbers(await store.log(room.id, 4, -1)) == [5, 6]
        assert await store.log(room.id, 6, 10) == []
        assert await store.log(999, 0, 10) == []

    async def test_marks_are_no_part_of_it(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        (said,) = await ledger.say(room, alice, "x")
        await ledger.do(room, (bob, c.MarkRead()), (bob, c.MarkDelivered(said.id)))
        assert numbers(await store.log(room.id, 0, 10)) == [1, 2, 3]
        state = await store.load(room.id)
        assert state is not None
        assert state.seq == 3

    async def test_a_room_loads_as_its_log_amounts_to(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        room = await ledger.room(alice)
        state = await store.load(room.id)
        assert state is not None
        for event in await ledger.do(
            room, (bob, c.Join()), (carol, c.Join()), (bob, c.Leave()), (carol, c.Say("x"))
        ):
            state.fold(event)
        loaded = await store.load(room.id)
        assert loaded is not None
        assert vars(loaded) == vars(state)

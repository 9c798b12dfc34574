"""Marks of reading and delivery never go back, and tell what they brought on once."""

import pytest

from tests.store.contract.overviews import read_by, unread
from tests.store.ledger import Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Progress, Room, User
from trichat.store.port import Store


class Marks:
    @pytest.mark.promise("conversations-13")
    async def test_a_read_mark_tells_what_it_made_read_once(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        room = await ledger.room(alice, bob, carol)
        one, gone = await ledger.say(room, alice, "one", "gone")
        (two,) = await ledger.say(room, carol, "two")
        await ledger.say(room, bob, "his own")
        await ledger.do(room, (alice, c.Delete(gone.uuid)))
        first = await read_by(ledger, room, bob)
        assert first == ((one.id, alice.id), (two.id, carol.id))
        assert await read_by(ledger, room, bob) == ()
        (three,) = await ledger.say(room, alice, "three")
        assert await read_by(ledger, room, bob) == ((three.id, alice.id),)
        of_carol = await read_by(ledger, room, carol)
        assert [author for _, author in of_carol] == [bob.id]  # the others were seen already

    @pytest.mark.promise("conversations-13")
    async def test_how_far_a_message_has_come_never_goes_back(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        room = await ledger.room(alice, bob, carol)
        one, two, three = await ledger.say(room, alice, "one", "two", "three")

        async def progress() -> list[Progress]:
            messages, _ = await store.history(room.id, limit=9)
            return [message.progress for message in messages]

        assert await progress() == [Progress.SENT] * 3
        for reader, newly in ((bob, True), (bob, False), (carol, False)):
            (mark,) = await ledger.do(room, (reader, c.MarkDelivered(one.id)))
            assert isinstance(mark, e.DeliveredTo)
            assert mark.newly is newly
        (mark,) = await ledger.do(room, (bob, c.MarkRead(two.id)))
        assert isinstance(mark, e.ReadUpTo)
        assert mark.newly == ((one.id, alice.id), (two.id, alice.id))
        assert await progress() == [Progress.SEEN, Progress.SEEN, Progress.SENT]
        (mark,) = await ledger.do(room, (carol, c.MarkDelivered(two.id)))
        assert isinstance(mark, e.DeliveredTo)
        assert not mark.newly
        assert await read_by(ledger, room, carol) == ((three.id, alice.id),)
        await ledger.do(room, (bob, c.Leave()), (carol, c.Leave()))
        assert await progress() == [Progress.SEEN] * 3

    @pytest.mark.promise("conversations-13")
    async def test_what_was_said_before_one_joined_is_not_seen_by_joining(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        (old,) = await ledger.say(room, alice, "old")
        await ledger.do(room, (bob, c.Join()))
        (delivered,) = await ledger.do(room, (bob, c.MarkDelivered(old.id)))
        assert isinstance(delivered, e.DeliveredTo)
        assert not delivered.newly
        (new,) = await ledger.say(room, alice, "new")
        assert await read_by(ledger, room, bob) == ((new.id, alice.id),)
        messages, _ = await store.history(room.id, limit=9)
        assert [message.progress for message in messages] == [Progress.SENT, Progress.SEEN]

    @pytest.mark.promise("conversations-7")
    async def test_a_mark_up_to_a_message_never_goes_back(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said = await ledger.say(room, alice, "one", "two", "three")
        assert await _marked(ledger, room, bob, said[1].id) == [one.id for one in said[:2]]
        assert await _marked(ledger, room, bob, said[0].id) == []
        assert await unread(store, bob) == [True]
        assert await _marked(ledger, room, bob, 2**53) == [said[2].id]
        assert await unread(store, bob) == [False]
        assert await _marked(ledger, room, bob, said[0].id) == []
        assert await unread(store, bob) == [False]

    @pytest.mark.promise("conversations-13")
    async def test_of_many_the_newest_hundred_are_told(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said = await ledger.say(room, alice, *(str(number) for number in range(150)))
        newly = await read_by(ledger, room, bob)
        assert [id_ for id_, _ in newly] == [message.id for message in said[50:]]
        assert await read_by(ledger, room, bob) == ()

    async def test_a_mark_sees_what_was_said_before_it_in_its_own_batch(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said, mark, _later = await ledger.do(
            room, (alice, c.Say("x")), (bob, c.MarkRead()), (alice, c.Say("y"))
        )
        assert isinstance(said, e.Said)
        assert isinstance(mark, e.ReadUpTo)
        assert mark.newly == ((said.message.id, alice.id),)
        assert await unread(store, bob) == [True]

    async def test_marks_of_a_commit_without_events_are_stored(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        (said,) = await ledger.say(room, alice, "x")
        (delivered,) = await ledger.do(room, (bob, c.MarkDelivered(said.id)))
        assert isinstance(delivered, e.DeliveredTo)
        assert delivered.message == said
        assert await unread(store, bob) == [True]
        await ledger.do(room, (bob, c.MarkRead()))
        assert await unread(store, bob) == [False]


async def _marked(ledger: Ledger, room: Room, by: User, up_to: int) -> list[int]:
    (mark,) = await ledger.do(room, (by, c.MarkRead(up_to)))
    assert isinstance(mark, e.ReadUpTo)
    return [id_ for id_, _ in mark.newly]

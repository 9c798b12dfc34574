"""Read and delivery marks, and a user's rooms as he sees them in a list."""

import pytest

from tests.store.ledger import Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Kind, Overview, Progress, Room, User
from trichat.store import port


class Conversations:
    @pytest.mark.promise("conversations-13")
    async def test_a_read_mark_tells_what_it_made_read_once(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        room = await ledger.room(alice, bob, carol)
        one, gone = await ledger.say(room, alice, "one", "gone")
        (two,) = await ledger.say(room, carol, "two")
        await ledger.say(room, bob, "his own")
        await ledger.do(room, (alice, c.Delete(gone.uuid)))
        first = await _read(ledger, room, bob)
        assert first == ((one.id, alice.id), (two.id, carol.id))
        assert await _read(ledger, room, bob) == ()
        (three,) = await ledger.say(room, alice, "three")
        assert await _read(ledger, room, bob) == ((three.id, alice.id),)
        of_carol = await _read(ledger, room, carol)
        assert [author for _, author in of_carol] == [bob.id]  # the others were seen already

    @pytest.mark.promise("conversations-13")
    async def test_how_far_a_message_has_come_never_goes_back(self, store: port.Store) -> None:
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
        assert await _read(ledger, room, carol) == ((three.id, alice.id),)
        await ledger.do(room, (bob, c.Leave()), (carol, c.Leave()))
        assert await progress() == [Progress.SEEN] * 3

    @pytest.mark.promise("conversations-13")
    async def test_what_was_said_before_one_joined_is_not_seen_by_joining(
        self, store: port.Store
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
        assert await _read(ledger, room, bob) == ((new.id, alice.id),)
        messages, _ = await store.history(room.id, limit=9)
        assert [message.progress for message in messages] == [Progress.SENT, Progress.SEEN]

    @pytest.mark.promise("conversations-7")
    async def test_a_mark_up_to_a_message_never_goes_back(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said = await ledger.say(room, alice, "one", "two", "three")
        assert await _marked(ledger, room, bob, said[1].id) == [one.id for one in said[:2]]
        assert await _marked(ledger, room, bob, said[0].id) == []
        assert await _unread(store, bob) == [True]
        assert await _marked(ledger, room, bob, 2**53) == [said[2].id]
        assert await _unread(store, bob) == [False]
        assert await _marked(ledger, room, bob, said[0].id) == []
        assert await _unread(store, bob) == [False]

    @pytest.mark.promise("conversations-13")
    async def test_of_many_the_newest_hundred_are_told(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said = await ledger.say(room, alice, *(str(number) for number in range(150)))
        newly = await _read(ledger, room, bob)
        assert [id_ for id_, _ in newly] == [message.id for message in said[50:]]
        assert await _read(ledger, room, bob) == ()

    async def test_a_mark_sees_what_was_said_before_it_in_its_own_batch(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said, mark, _later = await ledger.do(
            room, (alice, c.Say("x")), (bob, c.MarkRead()), (alice, c.Say("y"))
        )
        assert isinstance(said, e.Said)
        assert isinstance(mark, e.ReadUpTo)
        assert mark.newly == ((said.message.id, alice.id),)
        assert await _unread(store, bob) == [True]

    async def test_marks_of_a_commit_without_events_are_stored(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        (said,) = await ledger.say(room, alice, "x")
        (delivered,) = await ledger.do(room, (bob, c.MarkDelivered(said.id)))
        assert isinstance(delivered, e.DeliveredTo)
        assert delivered.message == said
        assert await _unread(store, bob) == [True]
        await ledger.do(room, (bob, c.MarkRead()))
        assert await _unread(store, bob) == [False]

    async def test_rooms_are_listed_with_the_newest_activity_first(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        one, two = await ledger.room(alice, bob), await ledger.room(alice, bob)
        silent = await ledger.direct(alice, bob)
        assert await _rooms(store, bob) == [silent, two, one]
        (first,) = await ledger.say(one, alice, "first")
        (second,) = await ledger.say(two, alice, "second")
        assert await _rooms(store, bob) == [two, one, silent]
        await ledger.do(two, (alice, c.Delete(second.uuid)))
        assert await _rooms(store, bob) == [one, silent, two]
        (overview, *_) = await _overviews(store, bob)
        assert overview.last == first
        await ledger.do(one, (bob, c.Leave()))
        assert await _rooms(store, bob) == [silent, two]

    async def test_unread_is_what_others_said_since_the_mark(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        assert await _unread(store, bob) == [False]
        (said,) = await ledger.say(room, alice, "x")
        assert await _unread(store, alice) == [False]
        assert await _unread(store, bob) == [True]
        await ledger.do(room, (alice, c.Delete(said.uuid)))
        assert await _unread(store, bob) == [False]

    async def test_members_are_capped_and_hold_oneself(self, store: port.Store) -> None:
        ledger = Ledger(store)
        people = await ledger.people(*"abcde")
        await ledger.room(people[0], *people[1:])
        for me in people:
            (overview,) = await _overviews(store, me, members=3)
            assert len(overview.members) == 3
            assert me in overview.members
            assert len(set(overview.members)) == 3
        (overview,) = await _overviews(store, people[4])
        assert list(overview.members) == people

    async def test_the_latest_are_kept_and_a_page_has_what_is_asked_for(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        rooms = [await ledger.room(alice, bob) for _ in range(4)]
        ids = [room.id for room in reversed(rooms)]
        assert await store.active_rooms(bob.id, limit=3) == ids[:3]
        assert await store.active_rooms(bob.id, limit=3, kinds=[Kind.DIRECT]) == []
        pair = await ledger.direct(alice, bob)
        assert await store.active_rooms(bob.id, limit=3, kinds=[Kind.DIRECT]) == [pair.id]
        assert await store.active_rooms(bob.id, limit=1, kinds=[Kind.PUBLIC]) == ids[:1]
        await ledger.do(rooms[1], (bob, c.Leave()))
        page = await store.overviews(bob.id, [*ids[1:], 2**40], members=9)
        assert [overview.room.id for overview in page] == [ids[1], ids[3]]

    async def test_who_is_in_no_room_has_none(self, store: port.Store) -> None:
        alice = await Ledger(store).person("alice")
        assert await store.active_rooms(alice.id, limit=10) == []
        assert await store.admissions(alice.id) == []


async def _read(ledger: Ledger, room: Room, by: User) -> tuple[tuple[int, int], ...]:
    (mark,) = await ledger.do(room, (by, c.MarkRead()))
    assert isinstance(mark, e.ReadUpTo)
    return mark.newly


async def _overviews(store: port.Store, user: User, *, members: int = 200) -> list[Overview]:
    rooms = await store.active_rooms(user.id, limit=100)
    return await store.overviews(user.id, rooms, members=members)


async def _marked(ledger: Ledger, room: Room, by: User, up_to: int) -> list[int]:
    (mark,) = await ledger.do(room, (by, c.MarkRead(up_to)))
    assert isinstance(mark, e.ReadUpTo)
    return [id_ for id_, _ in mark.newly]


async def _rooms(store: port.Store, user: User) -> list[Room]:
    return [overview.room for overview in await _overviews(store, user)]


async def _unread(store: port.Store, user: User) -> list[bool]:
    return [overview.has_unread for overview in await _overviews(store, user)]

"""A user's rooms as a list of conversations shows them."""

from tests.store.ledger import Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Kind, Overview, Room, User
from trichat.store.port import Store


class Overviews:
    async def test_rooms_are_listed_with_the_newest_activity_first(self, store: Store) -> None:
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

    async def test_unread_is_what_others_said_since_the_mark(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        assert await unread(store, bob) == [False]
        (said,) = await ledger.say(room, alice, "x")
        assert await unread(store, alice) == [False]
        assert await unread(store, bob) == [True]
        await ledger.do(room, (alice, c.Delete(said.uuid)))
        assert await unread(store, bob) == [False]

    async def test_members_are_capped_and_hold_oneself(self, store: Store) -> None:
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

    async def test_the_latest_are_kept_and_a_page_has_what_is_asked_for(self, store: Store) -> None:
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

    async def test_who_is_in_no_room_has_none(self, store: Store) -> None:
        alice = await Ledger(store).person("alice")
        assert await store.active_rooms(alice.id, limit=10) == []
        assert await store.admissions(alice.id) == []


async def read_by(ledger: Ledger, room: Room, by: User) -> tuple[tuple[int, int], ...]:
    (mark,) = await ledger.do(room, (by, c.MarkRead()))
    assert isinstance(mark, e.ReadUpTo)
    return mark.newly


async def _overviews(store: Store, user: User, *, members: int = 200) -> list[Overview]:
    rooms = await store.active_rooms(user.id, limit=100)
    return await store.overviews(user.id, rooms, members=members)


async def _rooms(store: Store, user: User) -> list[Room]:
    return [overview.room for overview in await _overviews(store, user)]


async def unread(store: Store, user: User) -> list[bool]:
    return [overview.has_unread for overview in await _overviews(store, user)]

"""Reads about rooms and who belongs to them."""

from tests.store.ledger import Ledger
from trichat.core import commands as c
from trichat.core.model import Kind, Membership, Standing
from trichat.store import port


class Rooms:
    async def test_a_room_is_found_by_each_of_its_names(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await ledger.room(alice, handle="a/b General")
        assert await store.room(room.id) == room
        assert await store.room_by_uuid(room.uuid) == room
        assert await store.room_by_handle("a/b General") == room
        assert await store.room(999) is None
        assert await store.room_by_uuid("x") is None
        for other in ("a/b general", "general", ""):
            assert await store.room_by_handle(other) is None

    async def test_open_rooms_are_public_or_ones_own_but_never_direct(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        hidden = await ledger.room(alice, kind=Kind.PRIVATE)
        public = await ledger.room(alice)
        shared = await ledger.room(alice, bob, kind=Kind.PRIVATE)
        await ledger.direct(alice, bob)
        assert await store.open_rooms(kind=None, user_id=bob.id) == [public, shared]
        assert await store.open_rooms(kind=None, user_id=bob.id, limit=1) == [public]
        assert await store.open_rooms(kind=None, user_id=bob.id, after=public.id) == [shared]
        for newest, after in ((0, shared.id), (1, public.id), (2, 0), (9, 0)):
            assert after == await store.open_rooms_before(kind=None, user_id=bob.id, newest=newest)
        assert await store.open_rooms(kind=None, user_id=alice.id) == [hidden, public, shared]
        assert await store.open_rooms(kind=Kind.PUBLIC, user_id=bob.id) == [public]
        assert await store.open_rooms(kind=Kind.PRIVATE, user_id=bob.id) == [shared]
        assert await store.open_rooms(kind=Kind.DIRECT, user_id=bob.id) == []
        await ledger.do(shared, (bob, c.Leave()))
        assert await store.open_rooms(kind=None, user_id=bob.id) == [public]

    async def test_living_rooms_are_counted_by_kind(self, store: port.Store) -> None:
        assert await store.count_rooms() == dict.fromkeys(Kind, 0)
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        await ledger.room(alice)
        await ledger.room(alice, kind=Kind.PRIVATE)
        await ledger.room(alice, kind=Kind.PRIVATE)
        await ledger.direct(alice, bob)
        assert await store.count_rooms() == {Kind.PUBLIC: 1, Kind.PRIVATE: 2, Kind.DIRECT: 1}

    async def test_memberships_begin_and_end(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        assert await store.membership(room.id, bob.id) is None
        (joined,) = await ledger.do(room, (bob, c.Join()))
        assert await store.membership(room.id, bob.id) == Membership(
            bob.id, Standing.MEMBER, joined.at
        )
        owner = await store.membership(room.id, alice.id)
        assert owner is not None
        assert owner.standing is Standing.OWNER
        assert await store.members(room.id) == [alice, bob]
        await ledger.do(room, (bob, c.Leave()))
        assert await store.membership(room.id, bob.id) is None
        assert await store.members(room.id) == [alice]

    async def test_rooms_of_many_users_but_direct_ones(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        first, second = await ledger.room(alice, bob), await ledger.room(alice)
        await ledger.direct(alice, carol)
        everyone = [alice.id, bob.id, carol.id]
        assert await store.rooms_of(everyone) == {
            alice.id: [first.id, second.id],
            bob.id: [first.id],
        }
        assert await store.rooms_of([bob.id]) == {bob.id: [first.id]}
        await ledger.do(first, (bob, c.Leave()))
        assert await store.rooms_of([bob.id]) == {}
        assert await store.rooms_of([]) == {}

    async def test_members_and_admissions_are_in_order_of_joining(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        first, second = await ledger.room(alice), await ledger.room(alice)
        direct = await ledger.direct(bob, carol)
        await ledger.do(second, (carol, c.Join()), (bob, c.Join()))
        await ledger.do(first, (bob, c.Join()))
        assert await store.members(second.id) == [alice, carol, bob]
        admissions = await store.admissions(bob.id)
        assert [admission.room for admission in admissions] == [direct, second, first]
        assert [admission.membership.user_id for admission in admissions] == [bob.id] * 3
        ids = alice.id, carol.id, bob.id
        page = await store.members_page(second.id, (0, 0), 9)
        assert [user.id for user, _ in page] == [*ids]
        for skipped, (user, at) in enumerate(page, start=1):
            rest = await store.members_page(second.id, (at, user.id), 9)
            assert [user.id for user, _ in rest] == [*ids[skipped:]]
        assert len(await store.members_page(second.id, (0, 0), 2)) == 2
        behind = admissions[0].membership.joined_at, direct.id
        assert await store.admissions(bob.id, after=behind) == admissions[1:]
        assert await store.admissions(bob.id, limit=2) == admissions[:2]
        assert await store.admissions(bob.id, direct=False) == admissions[1:]
        await ledger.do(second, (bob, c.Leave()))
        await ledger.do(second, (bob, c.Join()))
        again = await store.admissions(bob.id)
        assert [admission.room for admission in again] == [direct, first, second]

    async def test_admitted_are_those_of_the_rooms_asked_for(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        own, others = await ledger.room(alice), await ledger.room(bob)
        private = await ledger.room(bob, alice, kind=Kind.PRIVATE)
        direct = await ledger.direct(alice, bob)
        asked = [own.uuid, others.uuid, direct.uuid, "unknown", own.uuid]
        assert await store.admitted(alice.id, asked) == {own.uuid: own, direct.uuid: direct}
        assert await store.admitted(alice.id, [private.uuid]) == {private.uuid: private}
        assert await store.admitted(alice.id, []) == {}

    async def test_users_share_a_room_or_not(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol, dave = await ledger.people("alice", "bob", "carol", "dave")
        room = await ledger.room(alice, bob)
        await ledger.direct(bob, carol)
        assert await store.share_a_room(alice.id, bob.id)
        assert await store.share_a_room(carol.id, bob.id)
        assert not await store.share_a_room(alice.id, carol.id)
        assert not await store.share_a_room(dave.id, alice.id)
        await ledger.do(room, (bob, c.Leave()))
        assert not await store.share_a_room(alice.id, bob.id)

    async def test_an_unknown_room_is_empty(self, store: port.Store) -> None:
        assert await store.load(999) is None
        assert await store.members(999) == []
        assert await store.history(999, limit=10) == ([], 0)
        assert await store.membership(999, 1) is None

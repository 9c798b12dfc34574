"""Memberships begin and end, and are listed in order of joining."""

from tests.store.ledger import Ledger, members_of
from trichat.core import commands as c
from trichat.core.model import Kind, Membership, RoomRole
from trichat.store.port import Store


class Members:
    async def test_memberships_begin_and_end(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        assert await store.membership(room.id, bob.id) is None
        (joined,) = await ledger.do(room, (bob, c.Join()))
        assert await store.membership(room.id, bob.id) == Membership(
            bob.id, RoomRole.MEMBER, joined.at
        )
        owner = await store.membership(room.id, alice.id)
        assert owner is not None
        assert owner.role is RoomRole.OWNER
        assert await members_of(store, room.id) == [alice, bob]
        await ledger.do(room, (bob, c.Leave()))
        assert await store.membership(room.id, bob.id) is None
        assert await members_of(store, room.id) == [alice]

    async def test_rooms_of_many_users_but_direct_ones(self, store: Store) -> None:
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

    async def test_members_and_admissions_are_in_order_of_joining(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        first, second = await ledger.room(alice), await ledger.room(alice)
        direct = await ledger.direct(bob, carol)
        await ledger.do(second, (carol, c.Join()), (bob, c.Join()))
        await ledger.do(first, (bob, c.Join()))
        assert await members_of(store, second.id) == [alice, carol, bob]
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

    async def test_admitted_are_those_of_the_rooms_asked_for(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        own, others = await ledger.room(alice), await ledger.room(bob)
        private = await ledger.room(bob, alice, kind=Kind.PRIVATE)
        direct = await ledger.direct(alice, bob)
        asked = [own.uuid, others.uuid, direct.uuid, "unknown", own.uuid]
        assert await store.admitted(alice.id, asked) == {own.uuid: own, direct.uuid: direct}
        assert await store.admitted(alice.id, [private.uuid]) == {private.uuid: private}
        assert await store.admitted(alice.id, []) == {}

    async def test_users_share_a_room_or_not(self, store: Store) -> None:
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

    async def test_members_of_many_rooms_at_once(self, store: Store) -> None:
        ledger = Ledger(store)
        ann, bob, cat = await ledger.people("ann", "bob", "cat")
        one, two = await ledger.room(cat, ann, bob), await ledger.room(bob)
        empty = await ledger.room(ann, owned=False)
        ids = [one.id, two.id, empty.id, 999]
        found = await store.shown_members(ids, limit=9, among=ann.id)
        assert found == {one.id: ([cat, ann, bob], 3), two.id: ([bob], 1)}
        found = await store.shown_members(ids, limit=2, among=bob.id)
        assert found == {one.id: ([cat, bob], 3), two.id: ([bob], 1)}
        found = await store.shown_members(ids, limit=1, among=ann.id)
        assert found == {one.id: ([ann], 3), two.id: ([bob], 1)}
        assert await store.shown_members([], limit=2, among=1) == {}

"""Rooms are made once, and found by those who may."""

from typing import Any

from attrs import evolve

from tests.store.ledger import NOW, Ledger, members_of
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Kind, Membership, Origin, RoomRole
from trichat.core.refusals import Failed, NoSuchRoom, Taken, TooManyRooms
from trichat.runtime.clock import new_uuid
from trichat.store.log import Stale
from trichat.store.port import Store
from trichat.store.rooms import Changed, OpenDirect, Opened, UpdateRoom


class Rooms:
    async def test_a_room_is_as_it_was_asked_for(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        write = ledger.create(
            alice, "Ünï", handle="Ünï", description="d", kind=Kind.PRIVATE, max_users=3
        )
        outcome = await ledger.write(write)
        assert isinstance(outcome, Opened)
        room = outcome.room
        assert outcome.events == ()
        assert (room.uuid, room.kind, room.origin) == (write.uuid, Kind.PRIVATE, Origin.REST)
        assert (room.title, room.handle, room.description) == ("Ünï", "Ünï", "d")
        assert (room.max_users, room.created_by, room.created_at) == (3, alice.id, write.at)
        assert await store.room(room.id) == room
        state = await store.load(room.id)
        assert state is not None
        assert (state.room, state.members, state.seq) == (room, {}, 0)

    async def test_its_first_members_are_the_first_events_of_its_log(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        write = ledger.create(alice, owned=True, invited=(bob, alice, carol))
        outcome = await ledger.write(write)
        assert isinstance(outcome, Opened)
        admitted = [event for event in outcome.events if isinstance(event, e.Admitted)]
        who = [(event.seq, event.user, event.role) for event in admitted]
        assert who == [
            (1, alice, RoomRole.OWNER),
            (2, bob, RoomRole.MEMBER),
            (3, carol, RoomRole.MEMBER),
        ]
        assert {event.by for event in admitted} == {alice}
        assert await store.log(outcome.room.id, 0, 10) == list(outcome.events)
        state = await store.load(outcome.room.id)
        assert state is not None
        last = admitted[-1]
        assert await store.heads([outcome.room.id]) == {outcome.room.id: (3, last.at)}
        assert state.members[bob.id] == Membership(bob.id, RoomRole.MEMBER, admitted[1].at)
        assert await ledger.say(outcome.room, bob, "the log goes on")

    async def test_a_handle_is_unique_and_exact(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        first, second, third = await store.write(
            [ledger.create(alice, handle=handle) for handle in ("general", "general", "General")]
        )
        assert isinstance(first, Opened)
        assert second == Taken("handle")
        assert isinstance(third, Opened)
        assert await store.room_by_handle("general") == first.room

    async def test_titles_without_a_handle_may_repeat(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        rooms = [await ledger.room(alice, title="same") for _ in range(2)]
        assert rooms[0].id != rooms[1].id

    async def test_an_allowance_counts_the_makers_own_rooms_of_that_origin(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        await ledger.room(alice, origin=Origin.REST)
        await ledger.room(bob, origin=Origin.LOBBY)

        async def another() -> object:
            return await ledger.write(ledger.create(alice, origin=Origin.LOBBY, limit=2))

        assert isinstance(await another(), Opened)
        assert isinstance(await another(), Opened)
        assert await another() == TooManyRooms()

    async def test_a_pair_has_one_room_either_way_round(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        opened = await ledger.write(OpenDirect(new_uuid(), bob, alice, NOW))
        assert isinstance(opened, Opened)
        room = opened.room
        assert (room.kind, room.origin, room.handle) == (Kind.DIRECT, Origin.DIRECT, None)
        assert [type(event) for event in opened.events] == [e.Admitted, e.Admitted]
        assert {user.id for user in await members_of(store, room.id)} == {alice.id, bob.id}
        again = await ledger.write(OpenDirect(new_uuid(), alice, bob, NOW))
        assert again == Opened(room, ())
        assert (await ledger.direct(alice, carol)).id != room.id

    async def test_two_of_one_transaction_open_one_room(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        first, second = await store.write(
            [
                OpenDirect(new_uuid(), alice, bob, NOW),
                OpenDirect(new_uuid(), bob, alice, NOW),
            ]
        )
        assert isinstance(first, Opened)
        assert second == Opened(first.room, ())

    async def test_room_commands_follow_the_making(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        (joined,) = await ledger.do(room, (bob, c.Join()))
        assert isinstance(joined, e.Admitted)
        assert joined.seq == 2

    async def test_a_room_is_found_by_each_of_its_names(self, store: Store) -> None:
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

    async def test_open_rooms_are_public_or_ones_own_but_never_direct(self, store: Store) -> None:
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

    async def test_living_rooms_are_counted_by_kind(self, store: Store) -> None:
        assert await store.count_rooms() == dict.fromkeys(Kind, 0)
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        await ledger.room(alice)
        await ledger.room(alice, kind=Kind.PRIVATE)
        await ledger.room(alice, kind=Kind.PRIVATE)
        await ledger.direct(alice, bob)
        assert await store.count_rooms() == {Kind.PUBLIC: 1, Kind.PRIVATE: 2, Kind.DIRECT: 1}

    async def test_an_unknown_room_is_empty(self, store: Store) -> None:
        assert await store.load(999) is None
        assert await members_of(store, 999) == []
        assert await store.history(999, limit=10) == ([], 0)
        assert await store.membership(999, 1) is None

    async def test_a_room_changes_and_its_log_says_so(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, title="tea", handle="tea", description="about tea")
        late = await ledger.commit_of(room, (alice, c.Say("late")))
        at = late.now + 5
        changes: dict[str, Any] = {
            "title": "Tea",
            "handle": "Tea",
            "description": None,
            "max_users": 7,
        }
        changed = await ledger.write(UpdateRoom(room.id, bob, at, changes))
        assert isinstance(changed, Changed)
        assert changed.room == evolve(room, **changes, updated_at=at)
        (event,) = changed.events
        assert (event.seq, event.at, event.room, event.by) == (2, at, changed.room, bob)
        assert event.changes == changes
        assert await store.log(room.id, 1, -1) == [event]
        assert await store.room_by_handle("Tea") == await store.room(room.id) == changed.room
        assert await store.room_by_handle("tea") is None
        assert await ledger.write(late) == Stale((event,))
        (said,) = await ledger.say(room, alice, "in time")
        assert said.room == changed.room
        state = await store.load(room.id)
        assert state is not None
        assert (state.room, state.seq) == (changed.room, 3)

    async def test_what_is_so_already_is_no_change(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await ledger.room(alice, title="tea", handle="tea")
        same = UpdateRoom(room.id, alice, NOW, {"title": "tea", "handle": "tea"})
        assert await ledger.write(same) == Changed(room, ())
        some = UpdateRoom(room.id, alice, NOW, {"title": "tea", "description": "about"})
        changed = await ledger.write(some)
        assert [event.changes for event in changed.events] == [{"description": "about"}]
        assert changed.room.updated_at > room.updated_at  # two of one moment are told apart

    async def test_another_s_handle_and_a_room_that_has_ended_are_refused(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room, other = [await ledger.room(alice, handle=handle) for handle in ("tea", "coffee")]
        taken = UpdateRoom(room.id, alice, NOW, {"handle": "coffee", "title": "x"})
        assert await ledger.write(taken) == Taken("handle")
        assert await store.room(room.id) == room
        cave = await ledger.room(alice, kind=Kind.PRIVATE)
        await ledger.do(cave, (alice, c.Leave()))
        for number in (cave.id, 999):
            ended = UpdateRoom(number, alice, NOW, {"title": "x"})
            assert await ledger.write(ended) == NoSuchRoom()
        assert await store.room(other.id) == other

    async def test_what_is_no_field_of_it_is_not_stored(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await ledger.room(alice)
        for field in ("kind", "created_by", "archived_at", "uuid"):
            wrong = UpdateRoom(room.id, alice, NOW, {field: 5})
            assert await ledger.write(wrong) == Failed()
        assert await store.room(room.id) == room
        assert len(await store.log(room.id, 0, -1)) == 1

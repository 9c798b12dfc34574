"""The making of rooms and pairs, under races and when the asker goes; and users' quotas."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.runtime.running import Running, configured, running
from tests.store.ledger import members_of
from tests.wire.scripted import Gate
from trichat.core import refusals as r
from trichat.core.answers import Direct
from trichat.core.commands import Say, Visit
from trichat.core.model import Kind, Origin, Room, RoomRole
from trichat.store.health import StoreError

Clock = trio.testing.MockClock
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"


def a_room(outcome: Room | r.Refusal) -> Room:
    assert isinstance(outcome, Room), outcome
    return outcome


class TestNames:
    async def test_a_channel_has_its_name_for_a_handle_and_its_maker_for_an_owner(
        self, house: Running
    ) -> None:
        alice = await house.ledger.person("alice")
        room = a_room(
            await house.runtime.room_factory.open_channel(alice, "a/b", "d", private=True)
        )
        assert (room.kind, room.handle, room.title) == (Kind.PRIVATE, "a/b", "a/b")
        assert (room.origin, room.description) == (Origin.REST, "d")
        membership = await house.store.membership(room.id, alice.id)
        assert membership is not None
        assert membership.role is RoomRole.OWNER

    @pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b", "a\nb", "\ud800", UUID])
    async def test_a_bad_name_is_no_room(self, house: Running, name: str) -> None:
        alice = await house.ledger.person("alice")
        room_factory = house.runtime.room_factory
        assert isinstance(
            await room_factory.open_channel(alice, name, None, private=False), r.Invalid
        )
        assert isinstance(await room_factory.room_named(name, alice), r.Invalid | r.NoSuchRoom)
        assert await house.store.open_rooms(kind=None, user_id=alice.id) == []

    async def test_connecting_makes_a_public_room_without_members(self, house: Running) -> None:
        alice = await house.ledger.person("alice")
        room_factory = house.runtime.room_factory
        room = a_room(await room_factory.room_named("general", alice))
        assert (room.kind, room.origin, room.handle) == (Kind.PUBLIC, Origin.ROOM, "general")
        assert await members_of(house.store, room.id) == []
        assert await room_factory.room_named("general", alice) == room
        assert await room_factory.open_channel(alice, "general", None, private=False) == r.Taken(
            "handle"
        )

    async def test_a_name_with_a_slash_is_reached_by_uuid_alone_and_never_made(
        self, house: Running
    ) -> None:
        alice, bob = await house.ledger.people("alice", "bob")
        room_factory = house.runtime.room_factory
        assert await room_factory.room_named("a/b", alice) == r.NoSuchRoom()
        room = a_room(await room_factory.open_channel(alice, "a/b", None, private=False))
        assert await room_factory.room_named(room.uuid.upper(), alice) == room
        direct = await house.ledger.direct(alice, bob)
        assert await room_factory.room_named(direct.uuid, alice) == r.NoSuchRoom()
        assert await room_factory.room_named(UUID, alice) == r.NoSuchRoom()

    @pytest.mark.promise("room-4")
    async def test_rooms_made_by_connecting_may_be_switched_off_or_counted(
        self, tmp_path: Path
    ) -> None:
        settings = configured(rooms={"create_on_connect": False})
        async with running(tmp_path, settings) as house:
            alice = await house.ledger.person("alice")
            assert await house.runtime.room_factory.room_named("new", alice) == r.NoSuchRoom()
            old = await house.ledger.room(alice, handle="old")
            assert await house.runtime.room_factory.room_named("old", alice) == old
        async with running(tmp_path, configured(rooms={"max_created": 2})) as house:
            room_factory = house.runtime.room_factory
            assert isinstance(await room_factory.room_named("one", alice), Room)
            assert await room_factory.room_named("two", alice) == r.TooManyRooms()
            assert isinstance(await room_factory.room_named("one", alice), Room)


class TestRaces:
    @pytest.mark.promise("room-6")
    async def test_two_first_connects_make_one_room(self, house: Running) -> None:
        people = await house.ledger.people(*(f"user{number}" for number in range(10)))
        rooms: list[Room] = []

        async def connect(number: int) -> None:
            outcome = await house.runtime.room_factory.room_named("general", people[number])
            rooms.append(a_room(outcome))

        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(connect, number)
        assert len(rooms) == 10
        assert len({room.id for room in rooms}) == 1

    async def test_of_two_creators_one_has_the_name(self, house: Running) -> None:
        alice, bob = await house.ledger.people("alice", "bob")
        outcomes: list[Room | r.Refusal] = []

        async def create(number: int) -> None:
            outcomes.append(
                await house.runtime.room_factory.open_channel(
                    (alice, bob)[number % 2], "general", None, private=False
                )
            )

        async with trio.open_nursery() as nursery:
            for number in range(6):
                nursery.start_soon(create, number)
        assert sum(isinstance(outcome, Room) for outcome in outcomes) == 1
        assert outcomes.count(r.Taken("handle")) == 5

    async def test_a_pair_has_one_room_and_the_other_follows_it_once(self, house: Running) -> None:
        alice, bob = await house.ledger.people("alice", "bob")
        listeners = [house.listener(user, follows=True) for user in (alice, bob)]
        directs: list[Direct] = []

        async def start(number: int) -> None:
            one, other = (alice, bob) if number % 2 else (bob, alice)
            outcome = await house.runtime.room_factory.open_direct(one, other.id)
            assert isinstance(outcome, Direct)
            directs.append(outcome)

        async with trio.open_nursery() as nursery:
            for number in range(6):
                nursery.start_soon(start, number)
        assert len({direct.room.id for direct in directs}) == 1
        for listener in listeners:
            assert len(listener.changes) == 1
            assert directs[0].room.id in listener.subscriptions

    async def test_a_pair_takes_another_who_exists(self, house: Running) -> None:
        alice = await house.ledger.person("alice")
        room_factory = house.runtime.room_factory
        assert await room_factory.open_direct(alice, alice.id) == r.Yourself()
        for number in (999, 0, -1, 2**53, 2**80):
            assert await room_factory.open_direct(alice, number) == r.NoSuchUser()


Opening = Callable[[Running], Awaitable[object]]


async def _channel(house: Running) -> object:
    alice = await house.store.user(1)
    assert alice is not None
    return await house.runtime.room_factory.open_channel(alice, "general", None, private=False)


async def _direct(house: Running) -> object:
    bob = await house.store.user(2)
    assert bob is not None
    return await house.runtime.room_factory.open_direct(bob, 1)


@pytest.mark.parametrize("opening", [_channel, _direct])
async def test_who_goes_while_his_room_is_made_leaves_members_that_follow_it(
    house: Running, opening: Opening
) -> None:
    """Nobody else would ever tell the sockets of its members."""
    alice, _ = await house.ledger.people("alice", "bob")
    listener = house.listener(alice, follows=True)
    house.store.close_gate()
    async with trio.open_nursery() as nursery:

        async def release() -> None:
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
            house.store.gate.set()

        nursery.start_soon(opening, house)
        nursery.start_soon(release)
    await trio.testing.wait_all_tasks_blocked()
    assert len(listener.changes) == 1
    assert len(house.runtime.audiences._rooms) == 1


@pytest.mark.parametrize("opening", [_channel, _direct])
async def test_a_room_whose_making_gave_no_answer_is_followed_all_the_same(
    house: Running, opening: Opening
) -> None:
    alice, _ = await house.ledger.people("alice", "bob")
    listener = house.listener(alice, follows=True)
    house.store.forgets = StoreError("no answer")
    assert isinstance(await opening(house), Room | Direct)
    assert len(listener.changes) == 1


async def test_who_follows_a_room_before_its_maker_knows_of_it_hides_it_from_nobody(
    house: Running,
) -> None:
    """It is stored and its feed begins behind that; the sockets of its members enter all the
    same."""
    alice, bob = await house.ledger.people("alice", "bob")
    follower, comer = house.listener(bob, follows=True), house.listener(alice)
    committed = Gate(house.store, "write", behind=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(house.runtime.room_factory.open_direct, alice, bob.id)
        await committed.reached.wait()
        (there,) = await house.store.admissions(alice.id)

        async def follow() -> None:
            async with house.runtime.feeds.begun([there.room]):
                comer.enter(there.room)

        nursery.start_soon(follow)
        nursery.start_soon(house.runtime.directory.request, there.room, Visit(), alice)
        await trio.testing.wait_all_tasks_blocked()
        committed.opened.set()
    assert follower.changes == [f"admitted {there.room.title}"]
    await house.batch(there.room, (alice, Say("hi")))
    assert follower.heard[-1] == comer.heard[-1] == "said 3 hi"


class TestTelling:
    async def test_a_public_room_is_told_to_all_but_its_maker(self, house: Running) -> None:
        alice, bob = await house.ledger.people("alice", "bob")
        maker, other = house.listener(alice), house.listener(bob)
        room_factory = house.runtime.room_factory
        await room_factory.open_channel(alice, "general", None, private=False)
        await room_factory.open_channel(alice, "hidden", None, private=True)
        await room_factory.room_named("by connecting", alice)
        await room_factory.room_named("by connecting", alice)
        assert maker.heard == []
        assert other.heard == ["roomopened general", "roomopened by connecting"]

    async def test_the_first_rooms_are_there_for_the_first_user(self, house: Running) -> None:
        alice = await house.ledger.person("alice")
        await house.runtime.room_factory.open_first_rooms(alice)
        await house.runtime.room_factory.open_first_rooms(alice)
        rooms = await house.store.open_rooms(kind=None, user_id=alice.id)
        assert [room.handle for room in rooms] == ["general", "random", "announcements"]
        assert len(await house.store.admissions(alice.id)) == 3

    async def test_a_failing_store_makes_none_and_fails_nothing(self, house: Running) -> None:
        alice = await house.ledger.person("alice")
        house.store.write_fails = StoreError("disk")
        await house.runtime.room_factory.open_first_rooms(alice)
        assert (
            await house.runtime.room_factory.open_channel(alice, "x", None, private=False)
            == r.Failed()
        )
        assert await house.runtime.room_factory.open_direct(alice, alice.id) == r.Yourself()


class TestLobby:
    @pytest.mark.promise("lobby-14")
    async def test_labels_may_repeat_and_the_allowance_is_counted(self, tmp_path: Path) -> None:
        async with running(tmp_path, configured(lobby={"max_rooms_per_user": 2})) as house:
            alice = await house.ledger.person("alice")
            outcomes = [
                await house.runtime.room_factory.open_lobby_room(
                    alice, "same", Kind.PUBLIC, None, ()
                )
                for _ in range(3)
            ]
        rooms = [a_room(outcome) for outcome in outcomes[:2]]
        assert [(room.handle, room.max_users) for room in rooms] == [(None, 100)] * 2
        assert outcomes[2] == r.TooManyRooms()

    async def test_the_invited_are_members_and_must_exist(self, house: Running) -> None:
        alice, bob = await house.ledger.people("alice", "bob")
        open_room = house.runtime.room_factory.open_lobby_room
        room = a_room(
            await open_room(alice, "r", Kind.PRIVATE, 2, (bob.uuid, bob.uuid, alice.uuid))
        )
        assert await members_of(house.store, room.id) == [alice, bob]
        unknown = await open_room(alice, "r", Kind.PRIVATE, 5, (bob.uuid, UUID))
        assert unknown == r.NoSuchUser()

    @pytest.mark.promise("lobby-21")
    async def test_no_more_are_invited_than_there_are_seats(self, house: Running) -> None:
        """lobby-21: who is admitted has a seat, the owner too."""
        alice, bob, carol = await house.ledger.people("alice", "bob", "carol")
        open_room = house.runtime.room_factory.open_lobby_room
        outcome = await open_room(alice, "r", Kind.PRIVATE, 2, (bob.uuid, carol.uuid))
        assert outcome == r.RoomFull()
        assert isinstance(
            await open_room(alice, "r", Kind.PRIVATE, 3, (bob.uuid, carol.uuid)), Room
        )


class TestQuotas:
    async def test_the_lobbys_allowance_binds_the_user_over_all_his_tabs(
        self, tmp_path: Path, autojump_clock: Clock
    ) -> None:
        async with running(tmp_path, configured(lobby={"max_messages_per_min": 2})) as house:
            alice, bob = await house.ledger.people("alice", "bob")
            room_factory = house.runtime.room_factory
            assert room_factory.may_send(alice, "x", quota=True) is None
            await trio.sleep(20)
            assert room_factory.may_send(alice, "x", quota=True) is None
            refused = room_factory.may_send(alice, "x", quota=True)
            assert refused is not None
            assert refused.retry_after == pytest.approx(40)
            assert room_factory.may_send(alice, "x", quota=False) is None
            assert room_factory.may_send(bob, "x", quota=True) is None
            await trio.sleep(41)
            assert room_factory.may_send(alice, "x", quota=True) is None

    async def test_the_operators_binds_over_all_dialects_and_takes_nothing_of_the_lobbys(
        self, tmp_path: Path, autojump_clock: Clock
    ) -> None:
        settings = configured(lobby={"max_messages_per_min": 2}, limits={"messages_per_minute": 2})
        async with running(tmp_path, settings) as house:
            alice = await house.ledger.person("alice")
            room_factory = house.runtime.room_factory
            assert room_factory.may_send(alice, "x", quota=False) is None
            assert room_factory.may_send(alice, "x", quota=True) is None
            for _ in range(5):
                assert room_factory.may_send(alice, "x", quota=True) is not None
            room_factory.not_sent(alice, "x", quota=False)
            assert room_factory.may_send(alice, "x", quota=True) is None

    @pytest.mark.promise("lobby-13")
    async def test_only_accepted_sends_count(self, tmp_path: Path, autojump_clock: Clock) -> None:
        async with running(tmp_path, configured(lobby={"max_messages_per_min": 1})) as house:
            alice = await house.ledger.person("alice")
            room_factory = house.runtime.room_factory
            for _ in range(5):
                assert room_factory.may_send(alice, "x", quota=True) is None
                room_factory.not_sent(alice, "x", quota=True)
            assert room_factory.may_send(alice, "x", quota=True) is None
            assert room_factory.may_send(alice, "x", quota=True) is not None

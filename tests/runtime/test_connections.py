"""Who is connected, whose memberships changed, and how it all ends."""

import pytest
import trio
import trio.testing

from tests.core.cast import ALICE, BOB, room
from tests.runtime.listeners import Plain, Recorder
from trichat.core.model import Room, User
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.connections import ENDED_TOGETHER, Connections

PLAIN = Plain()


def connected(connections: Connections, *users: User) -> list[Recorder]:
    listeners = [Recorder(user, PLAIN) for user in users]
    for listener in listeners:
        connections.connect(listener)
    return listeners


def gone(connections: Connections, listener: Recorder) -> None:
    connections.disconnect(listener)
    connections.closed()


def test_edges_are_a_users_first_and_last_socket() -> None:
    edges: list[tuple[str, bool]] = []
    connections = Connections(on_edge=lambda user, online: edges.append((user.username, online)))
    one, two, other = connected(connections, ALICE, ALICE, BOB)
    assert connections.online(ALICE.id)
    assert connections.of(ALICE.id) == (one, two)
    assert len(connections) == 3
    gone(connections, one)
    assert connections.online(ALICE.id)
    gone(connections, two)
    gone(connections, other)
    assert not connections.online(ALICE.id)
    assert edges == [("alice", True), ("bob", True), ("alice", False), ("bob", False)]
    assert len(connections) == 0
    assert connections.of(ALICE.id) == ()


@pytest.mark.promise("all-17")
def test_a_revoked_key_ends_what_it_opened_and_nothing_else() -> None:
    connections = Connections()
    by_key = Recorder(ALICE, PLAIN, key_id=1)
    others = [Recorder(ALICE, PLAIN, key_id=2), Recorder(ALICE, PLAIN), Recorder(BOB, PLAIN)]
    for listener in (by_key, *others):
        connections.connect(listener)
    connections.revoke_key(1)
    assert by_key.causes == [DisconnectReason.KEY_REVOKED]
    assert all(listener.causes == [] for listener in others)


def test_changes_of_membership_reach_all_of_a_users_sockets() -> None:
    connections = Connections()
    one, two, other = connected(connections, ALICE, ALICE, BOB)
    connections.admitted(ALICE.id, room())
    connections.expelled(ALICE.id, room())
    for listener in (one, two):
        assert listener.changes == ["admitted the room", "expelled the room"]
    assert other.changes == []


def test_a_revision_tells_that_memberships_changed() -> None:
    connections = Connections()
    connected(connections, ALICE)
    before = connections.revision(ALICE.id)
    connections.admitted(ALICE.id, room())
    between = connections.revision(ALICE.id)
    connections.expelled(ALICE.id, room())
    assert len({before, between, connections.revision(ALICE.id)}) == 3


def test_the_table_of_revisions_holds_the_connected_alone() -> None:
    """Every user who was ever admitted while away would stay in it for ever."""
    connections = Connections()
    for user_id in range(100):
        connections.admitted(user_id, room())
        connections.expelled(user_id, room())
    (listener,) = connected(connections, ALICE)
    connections.admitted(ALICE.id, room())
    gone(connections, listener)
    assert connections._revisions == {}


def test_a_socket_that_fails_over_a_change_costs_no_other_its_own() -> None:
    class Failing(Recorder):
        def admitted(self, room: Room) -> None:
            raise RuntimeError("broken")

        def expelled(self, room: Room) -> None:
            raise RuntimeError("broken")

    connections = Connections()
    failing = Failing(ALICE, PLAIN)
    connections.connect(failing)
    (sound,) = connected(connections, ALICE)
    connections.admitted(ALICE.id, room())
    connections.expelled(ALICE.id, room())
    assert sound.changes == ["admitted the room", "expelled the room"]
    assert failing.causes == [DisconnectReason.FAILED, DisconnectReason.FAILED]


async def test_a_drain_ends_when_all_have_gone(autojump_clock: trio.testing.MockClock) -> None:
    connections = Connections()
    listeners = connected(connections, ALICE, BOB)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connections.drain, 100)
        await trio.testing.wait_all_tasks_blocked()
        assert connections.draining
        assert [listener.drained for listener in listeners] == [1, 1]
        await trio.sleep(3)
        for listener in listeners:
            gone(connections, listener)
    assert trio.current_time() == pytest.approx(3)
    assert all(listener.causes == [] for listener in listeners)


async def test_who_does_not_end_is_cut_at_the_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    connections = Connections()
    stays, goes = connected(connections, ALICE, BOB)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connections.drain, 5)
        await trio.testing.wait_all_tasks_blocked()
        gone(connections, goes)
    assert trio.current_time() == pytest.approx(5)
    assert stays.causes == [DisconnectReason.GOING_AWAY]
    assert goes.causes == []


async def test_draining_nobody_takes_no_time(autojump_clock: trio.testing.MockClock) -> None:
    connections = Connections()
    await connections.drain(5)
    (listener,) = connected(connections, ALICE)
    gone(connections, listener)
    await connections.drain(5)
    assert trio.current_time() == 0


async def test_who_comes_during_a_drain_is_told_too(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """They were admitted before it began and took a while to be."""
    connections = Connections()
    (early,) = connected(connections, ALICE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connections.drain, 5)
        await trio.testing.wait_all_tasks_blocked()
        (late,) = connected(connections, BOB)
        assert late.drained == 1
        gone(connections, early)
        await trio.sleep(1)
        gone(connections, late)
    assert trio.current_time() == pytest.approx(1)


async def test_emptied_and_filled_again_a_drain_waits_for_the_last(
    autojump_clock: trio.testing.MockClock,
) -> None:
    connections = Connections()
    (first,) = connected(connections, ALICE)
    gone(connections, first)
    (second,) = connected(connections, ALICE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connections.drain, 5)
        await trio.sleep(2)
        gone(connections, second)
    assert trio.current_time() == pytest.approx(2)


async def test_it_waits_for_connections_that_are_being_closed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    connections = Connections()
    (listener,) = connected(connections, ALICE)
    connections.disconnect(listener)
    assert (len(connections), connections.online(ALICE.id)) == (1, False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connections.drain, 5)
        await trio.sleep(2)
        connections.closed()
    assert trio.current_time() == pytest.approx(2)
    assert len(connections) == 0


async def test_two_drains_at_once_both_end(autojump_clock: trio.testing.MockClock) -> None:
    """The server's end and Hypercorn's word of it may come together."""
    connections = Connections()
    (listener,) = connected(connections, ALICE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connections.drain, 5)
        nursery.start_soon(connections.drain, 5)
        await trio.sleep(2)
        gone(connections, listener)
    assert trio.current_time() == pytest.approx(2)


async def crowd_told(number: int, spread: float, deadline: float = 100) -> list[float]:
    """When each of so many was told to end, from the beginning of the drain on."""
    connections = Connections()
    listeners = connected(connections, *[ALICE] * number)
    began, told = trio.current_time(), []
    for listener in listeners:

        def drained(listener: Recorder = listener) -> None:
            told.append(trio.current_time() - began)
            gone(connections, listener)

        listener.on_drain = drained
    await connections.drain(deadline, spread)
    return told


async def test_one_batch_is_told_at_once(autojump_clock: trio.testing.MockClock) -> None:
    assert await crowd_told(ENDED_TOGETHER, 10) == [0] * ENDED_TOGETHER


async def test_many_are_told_in_batches_at_moments_of_chance(
    autojump_clock: trio.testing.MockClock,
) -> None:
    first, second = [await crowd_told(4 * ENDED_TOGETHER + 1, 10) for _ in range(2)]
    for told in (first, second):
        moments = sorted(set(told))
        assert [told.count(moment) for moment in moments] == [ENDED_TOGETHER] * 4 + [1]
        assert moments[0] == 0
        for number, moment in enumerate(moments[1:]):
            assert number * 2.5 <= moment <= (number + 1) * 2.5
    assert first != second


async def test_the_deadline_counts_from_the_first_who_is_told(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Who has not been told by then is cut, too."""
    connections = Connections()
    listeners = connected(connections, *[ALICE] * (3 * ENDED_TOGETHER))
    await connections.drain(5, spread=100)
    assert trio.current_time() == pytest.approx(5)
    assert ENDED_TOGETHER <= sum(listener.drained for listener in listeners) < 3 * ENDED_TOGETHER
    assert all(listener.causes == [DisconnectReason.GOING_AWAY] for listener in listeners)


async def test_who_is_told_first_is_a_matter_of_chance(
    autojump_clock: trio.testing.MockClock,
) -> None:
    connections = Connections()
    listeners = connected(connections, *[ALICE] * (2 * ENDED_TOGETHER))
    await connections.drain(0.0, spread=10)
    assert [listener.drained for listener in listeners] != [1] * ENDED_TOGETHER + [
        0
    ] * ENDED_TOGETHER
    assert sum(listener.drained for listener in listeners) == ENDED_TOGETHER

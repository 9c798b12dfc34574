"""Typing: told at once, cleared by 120 s of silence, a disconnect or a leave (channels-7)."""

import pytest
import trio
import trio.testing
from attrs import evolve

from tests.core.cast import ALICE, BOB, CAROL, NOW, room
from tests.runtime.staging import Stage
from trichat.runtime.timerqueue import TimerQueue
from trichat.runtime.typists import EXPIRY, Typing

ROOM, OTHER = room(), evolve(room(), id=8, title="another room")
Clock = trio.testing.MockClock
ON, OFF = "typed alice True", "typed alice False"


class Hall:
    def __init__(self, nursery: trio.Nursery, timers: TimerQueue) -> None:
        stage = Stage(nursery)
        self.typing = Typing(stage.feeds, timers, lambda: NOW)
        self.alice, self.tab, self.bob, self.carol = (
            stage.listener(user, here=False) for user in (ALICE, ALICE, BOB, CAROL)
        )
        self.bob.enter(ROOM)
        stage.feeds.open(OTHER).learn(0)
        self.carol.enter(OTHER)


@pytest.fixture
def hall(nursery: trio.Nursery, timers: TimerQueue) -> Hall:
    return Hall(nursery, timers)


async def test_it_is_told_at_once_and_every_time(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    await trio.testing.wait_all_tasks_blocked()
    assert hall.bob.heard == [ON]
    hall.typing.set(ROOM, hall.alice, on=True)
    hall.typing.set(ROOM, hall.alice, on=False)
    await trio.testing.wait_all_tasks_blocked()
    assert hall.bob.heard == [ON, ON, OFF]
    assert hall.carol.heard == []


async def test_a_pending_true_expires(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    await trio.sleep(EXPIRY - 1)
    assert hall.bob.heard == [ON]
    await trio.sleep(2)
    assert hall.bob.heard == [ON, OFF]
    await trio.sleep(10 * EXPIRY)
    assert hall.bob.heard == [ON, OFF]


async def test_another_true_begins_the_time_anew(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    for _ in range(5):
        await trio.sleep(100)
        hall.typing.set(ROOM, hall.alice, on=True)
    await trio.sleep(EXPIRY - 1)
    assert hall.bob.heard == [ON] * 6
    await trio.sleep(2)
    assert hall.bob.heard == [ON] * 6 + [OFF]


async def test_a_false_ends_it_for_good(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    hall.typing.set(ROOM, hall.alice, on=False)
    await trio.sleep(2 * EXPIRY)
    assert hall.bob.heard == [ON, OFF]


async def test_each_expires_in_its_own_time(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    await trio.sleep(50)
    hall.typing.set(OTHER, hall.alice, on=True)
    await trio.sleep(EXPIRY - 49)
    assert (hall.bob.heard, hall.carol.heard) == ([ON, OFF], [ON])
    await trio.sleep(50)
    assert hall.carol.heard == [ON, OFF]


async def test_one_that_begins_while_the_task_waits_for_another_expires_too(
    hall: Hall, autojump_clock: Clock
) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    await trio.sleep(60)
    hall.typing.set(ROOM, hall.alice, on=False)
    hall.typing.set(OTHER, hall.alice, on=True)
    await trio.sleep(EXPIRY + 1)
    assert hall.carol.heard == [ON, OFF]


async def test_a_disconnect_clears_all_that_this_socket_left(
    hall: Hall, autojump_clock: Clock
) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    hall.typing.set(OTHER, hall.alice, on=True)
    assert hall.typing.rooms(hall.tab) == []
    for room_id in hall.typing.rooms(hall.alice):
        hall.typing.clear(hall.tab, room_id)
    await trio.testing.wait_all_tasks_blocked()
    assert (hall.bob.heard, hall.carol.heard) == ([ON], [ON])
    for room_id in hall.typing.rooms(hall.alice):
        hall.typing.clear(hall.alice, room_id)
    await trio.testing.wait_all_tasks_blocked()
    assert (hall.bob.heard, hall.carol.heard) == ([ON, OFF], [ON, OFF])
    assert hall.typing.rooms(hall.alice) == []
    await trio.sleep(2 * EXPIRY)
    assert (hall.bob.heard, hall.carol.heard) == ([ON, OFF], [ON, OFF])


async def test_a_leave_clears_that_room_alone(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    hall.typing.set(OTHER, hall.alice, on=True)
    hall.typing.clear(hall.alice, ROOM.id)
    await trio.testing.wait_all_tasks_blocked()
    assert (hall.bob.heard, hall.carol.heard) == ([ON, OFF], [ON])


async def test_a_tab_that_took_over_keeps_it_alive(hall: Hall, autojump_clock: Clock) -> None:
    hall.typing.set(ROOM, hall.alice, on=True)
    hall.typing.set(ROOM, hall.tab, on=True)
    hall.typing.clear(hall.alice, ROOM.id)
    await trio.testing.wait_all_tasks_blocked()
    assert hall.bob.heard == [ON, ON]
    hall.typing.clear(hall.tab, ROOM.id)
    await trio.testing.wait_all_tasks_blocked()
    assert hall.bob.heard == [ON, ON, OFF]


async def test_nothing_stays_behind(hall: Hall, autojump_clock: Clock) -> None:
    for number in range(10):
        hall.typing.set(evolve(ROOM, id=number), hall.alice, on=True)
    await trio.sleep(EXPIRY + 1)
    assert hall.typing._pending == {}
    assert hall.typing.rooms(hall.alice) == []
    assert hall.typing._rooms == {}

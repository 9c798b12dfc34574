"""The reserve of free disk: exactly below it no message is taken, and the log tells it once."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from trichat.logevents import LogEvent
from trichat.runtime.reserve import LOOK_EVERY, SPEED, Reserve

pytestmark = pytest.mark.promise("all-25")

LEAST = 1600


class Disk:
    """A disk of which the test says how much is free."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.looks = 0
        self.fails = False

    def __call__(self, place: Path) -> int:
        self.looks += 1
        if self.fails:
            raise OSError(5, "Input/output error")
        return self.free


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records]


async def next_look(disk: Disk) -> None:
    """Until the disk has been looked at anew, and judged: then one more look has begun."""
    before = disk.looks
    while disk.looks < before + 2:  # noqa: ASYNC110 - a thread looks
        await trio.sleep(LOOK_EVERY / 4)


async def test_what_is_free_is_compared_exactly(
    autojump_clock: MockClock, nursery: trio.Nursery, told: Callable[[], list[str]]
) -> None:
    disk = Disk(LEAST)
    reserve = Reserve(Path("/"), LEAST, measure=disk)
    await nursery.start(reserve.run)
    assert (reserve.free, reserve.short) == (LEAST, False)
    for free, short in (
        (LEAST - 1, True),
        (LEAST, True),  # a disk at the edge is no news twice
        (LEAST + LEAST // 16 - 1, True),
        (LEAST + LEAST // 16, False),
        (LEAST, False),
        (0, True),
    ):
        disk.free = free
        await next_look(disk)
        assert (reserve.free, reserve.short) == (free, short), free
    assert told() == [LogEvent.RESERVE_REACHED, LogEvent.RESERVE_LEFT, LogEvent.RESERVE_REACHED]
    nursery.cancel_scope.cancel()


async def test_a_disk_that_is_full_at_the_start_is_known_before_it(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    reserve = Reserve(Path("/"), LEAST, measure=Disk(LEAST - 1))
    await nursery.start(reserve.run)
    assert reserve.short
    nursery.cancel_scope.cancel()


async def test_a_disk_that_cannot_be_seen_changes_nothing_and_is_told_once(
    autojump_clock: MockClock, nursery: trio.Nursery, told: Callable[[], list[str]]
) -> None:
    disk = Disk(LEAST - 1)
    reserve = Reserve(Path("/"), LEAST, measure=disk)
    await nursery.start(reserve.run)
    disk.fails = True
    for _ in range(3):
        await next_look(disk)
        assert reserve.short
    disk.fails, disk.free = False, 2 * LEAST
    await next_look(disk)
    assert not reserve.short
    unseen = "the free space of the disk cannot be seen"
    assert told() == [LogEvent.RESERVE_REACHED, unseen, LogEvent.RESERVE_LEFT]
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-1.0, 1.0), (0.9, 1.0), (1.5, 1.5), (9.9, 9.9), (11.0, 10.0)]
)
async def test_the_more_is_free_the_later_is_the_next_look(
    mock_clock: MockClock, nursery: trio.Nursery, seconds: float, expected: float
) -> None:
    """As many seconds as a fast disk would need to come to the reserve."""
    disk = Disk(LEAST + round(seconds * SPEED))
    await nursery.start(Reserve(Path("/"), LEAST, measure=disk).run)
    await trio.testing.wait_all_tasks_blocked()
    mock_clock.jump(expected - 0.01)
    await trio.testing.wait_all_tasks_blocked()
    assert disk.looks == 1
    mock_clock.jump(0.02)
    while disk.looks == 1:
        await trio.lowlevel.checkpoint()
    nursery.cancel_scope.cancel()


async def test_it_is_looked_at_once_a_second_and_not_at_all_without_a_reserve(
    mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    disk, none = Disk(LEAST), Disk(0)
    reserve = Reserve(Path("/"), LEAST, measure=disk)
    await nursery.start(reserve.run)
    unkept = Reserve(Path("/"), 0, measure=none)
    await nursery.start(unkept.run)
    for look in range(2, 12):
        disk.free = LEAST + look
        mock_clock.jump(LOOK_EVERY * 0.75)
        await trio.testing.wait_all_tasks_blocked()
        assert disk.looks == look - 1
        mock_clock.jump(LOOK_EVERY * 0.25)
        while reserve.free != disk.free:
            await trio.lowlevel.checkpoint()
        assert disk.looks == look
    assert (none.looks, unkept.short) == (0, False)
    nursery.cancel_scope.cancel()

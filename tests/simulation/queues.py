"""What waits for a peer is bounded, at every frame that comes to wait (all-23)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

import trio

from tests.simulation.record import Record
from trichat.wire import outbox

# The ways by which a frame comes to wait.
WAYS = ("hold", "_write")
SLACK = 0.1  # seconds around the patience with who takes nothing


@contextmanager
def watched(record: Record) -> Iterator[None]:
    """Blame every outbox that takes one frame more than it may, whatever that frame's size, and
    every one that ends its reader before.
    """
    patches = [
        *(patch.object(outbox.Outbox, way, _watched(record, way)) for way in WAYS),
        patch.object(outbox.Outbox, "_overflow", _justified(record)),
    ]
    try:
        for one in patches:
            one.start()
        yield
    finally:
        for one in reversed(patches):
            one.stop()


def _watched(record: Record, way: str) -> Any:
    stock = getattr(outbox.Outbox, way)

    @wraps(stock)
    def watching(self: Any, *args: Any, **more: Any) -> Any:
        before, stuck, is_first = self._waiting, _stuck(self), not self._at_work
        result = stock(self, *args, **more)
        if self._waiting <= before or (is_first and way == "_write" and self._behind is None):
            return result  # what is half out has to be ended, whatever is held
        if before > outbox.HARD_LIMIT * self._limit:
            record.blame("bounded queues", f"{before} bytes wait of {self._limit}, and one more")
        elif before > self._limit and stuck > outbox.PATIENCE + SLACK:
            record.blame("bounded queues", f"{before} bytes wait, none taken for {stuck:.3f} s")
        return result

    return watching


def _justified(record: Record) -> Any:
    stock = outbox.Outbox._overflow

    @wraps(stock)
    def watching(self: Any) -> None:
        waiting, stuck = self._waiting, _stuck(self)
        stock(self)
        is_slow = waiting > self._limit and stuck > outbox.PATIENCE - SLACK
        if not is_slow and waiting <= outbox.HARD_LIMIT * self._limit:
            record.blame(
                "who reads is not ended for a frame's size",
                f"{waiting} bytes waited of {self._limit}, some taken {stuck:.3f} s ago",
            )

    return watching


def _stuck(box: Any) -> float:
    """Seconds for which nothing was taken of what waits, by our kernel or by the peer's."""
    if not box._at_work or box._link.acknowledged() > box._acknowledged:
        return 0.0
    return trio.current_time() - float(box._taken_at)

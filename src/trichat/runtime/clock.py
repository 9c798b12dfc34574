"""The wall clock, passed in so that a test may hold it. Timers are Trio's."""

import time
from collections.abc import Callable

from trichat.core.ids import nonce, uuid_at

# Milliseconds since 1970 UTC.
Clock = Callable[[], int]


def wall_clock() -> int:
    """The time of day, in milliseconds."""
    return time.time_ns() // 1_000_000


def new_uuid() -> str:
    """Return the UUID of something that comes to be now."""
    return uuid_at(wall_clock(), nonce())

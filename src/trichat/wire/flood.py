"""Frames of one connection are counted by the read, so that a single one costs nothing.

Every connection has its own count, of two numbers: a SlidingWindow (core/quota.py) would keep a
time for each frame.
"""

from collections.abc import Sequence

import trio
from wsproto.frame_protocol import CloseReason

from trichat.wire.link import Broken, Received


class Flood:
    """most: frames of a second; 0 is any number. A second begins with its first frame."""

    __slots__ = ("_left", "_most", "_until")

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = 0
        self._until = 0.0

    def within(self, received: list[Received], frames: int) -> Sequence[Received]:
        """What came in one read, in so many frames; from the first one too many on it is Broken."""
        if not self._most:
            return received
        now = trio.current_time()
        if now >= self._until:
            self._left, self._until = self._most, now + 1
        self._left -= frames
        if self._left >= 0:
            return received
        kept = max(0, len(received) + self._left)
        self._left = 0
        return [*received[:kept], Broken(CloseReason.POLICY_VIOLATION)]

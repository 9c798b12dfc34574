"""Where the process would let chance in: scheduling, entropy, the wall clock, sockets.

Each is replaced here, by name and for one run; the code of the server knows nothing of it. What
hangs on the order of sets of texts is fixed by PYTHONHASHSEED, which commandline.py sees to.
"""

import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import trio
import trio._core._run as scheduler

from tests.simulation.wire import Socket
from trichat import garbage
from trichat.runtime import fanout, typists
from trichat.store.sqlite import history
from trichat.wire import direct, lists, outbox, paged

TYPING = 2.0  # seconds, in place of minutes: more than a run has
PATIENCE = 0.8  # likewise, for a peer who takes nothing: less than any write's timeout
START = 1_700_000_000.0  # the time of day when a run begins, in seconds


class Sockets:
    """Simulated sockets by their numbers, for calls that take a descriptor."""

    def __init__(self) -> None:
        self._sockets: dict[int, Socket] = {}

    def add(self, socket: Socket) -> None:
        socket.number = 1_000_000 + len(self._sockets)
        self._sockets[socket.number] = socket

    def _at(self, number: int) -> Socket:
        if number not in self._sockets:
            raise OSError(f"no socket {number}")
        return self._sockets[number]

    def read(self, number: int, size: int) -> bytes:
        return self._at(number).read(size)

    def write(self, number: int, data: bytes) -> int:
        socket = self._at(number)
        if socket.closed:  # outside, the number may be another connection's by now
            raise AssertionError("written to a socket that is closed")
        return socket.write(data)

    def ioctl(self, number: int, request: int, answer: bytes) -> bytes:
        return self._at(number).unacknowledged().to_bytes(len(answer), "little")


def _waiting(stock: Callable[[Any], Any]) -> Callable[[Any], Any]:
    async def wait_readable(socket: Any) -> None:
        await (socket.wait_readable() if isinstance(socket, Socket) else stock(socket))

    return wait_readable


@contextmanager
def closed(seed: int, sockets: Sockets, now: Callable[[], float]) -> Iterator[None]:
    """now: simulated seconds. Within it the seed decides everything."""
    entropy = Random(f"{seed} entropy")
    pages = Random(f"{seed} pages")  # their sizes: what is said in a run must fill some
    random.seed(f"{seed} random")
    scheduler._r.seed(f"{seed} scheduling")

    def of_day() -> float:
        return START + now()

    replaced = (
        patch.object(scheduler, "_ALLOW_DETERMINISTIC_SCHEDULING", True),
        patch.object(os, "urandom", entropy.randbytes),
        patch.object(secrets, "token_bytes", lambda size=32: entropy.randbytes(size or 32)),
        patch.object(typists, "EXPIRY", TYPING),
        patch.object(outbox, "PATIENCE", PATIENCE),
        patch.object(paged, "PIECE", pages.choice((200, 1000, paged.PIECE))),
        patch.object(paged, "CUT", pages.choice((1, 3))),
        patch.object(lists, "PAGE", pages.choice((1, 2))),
        patch.object(history, "PAGE", pages.choice((2, 7))),
        patch.object(time, "time", of_day),
        patch.object(time, "time_ns", lambda: round(of_day() * 1e9)),
        patch.object(trio.lowlevel, "wait_readable", _waiting(trio.lowlevel.wait_readable)),
        patch.object(direct, "os", SimpleNamespace(read=sockets.read, write=sockets.write)),
        patch.object(direct, "ioctl", sockets.ioctl),
        patch.object(fanout, "os", SimpleNamespace(write=sockets.write)),
        patch.object(garbage, "look", lambda: None),  # play.py collects between two runs
    )
    try:
        for one in replaced:
            one.start()
        yield
    finally:
        for one in reversed(replaced):
            one.stop()

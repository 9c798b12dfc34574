"""Hypercorn's Trio worker made safe for chat; README.md lists the faults and their cures."""

from typing import Any

import hypercorn.protocol.h11
import hypercorn.trio.run

from trichat.worker.gate import HeldConnection
from trichat.worker.limits import WorkerLimits
from trichat.worker.server import Server

__all__ = ["WorkerLimits", "check", "install"]

_run: Any = hypercorn.trio.run
_h11: Any = hypercorn.protocol.h11


def install(limits: WorkerLimits | None = None) -> None:
    """Let every Trio worker of this process use our classes; may be called again.

    Both are globals of Hypercorn's modules, looked up at call time, so importing the app is
    enough under any launcher.
    """
    Server.limits = limits or WorkerLimits()
    _run.TCPServer = Server
    _h11.H11WSConnection = HeldConnection


def check() -> None:
    """Raise RuntimeError unless our classes are in place."""
    if _run.TCPServer is not Server or _h11.H11WSConnection is not HeldConnection:
        raise RuntimeError("trichat.worker.install() was not called, or undone")

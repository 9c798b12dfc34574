"""Hypercorn's Trio worker made safe for chat; README.md lists the faults and their cures."""

from importlib.metadata import version
from typing import Any

import hypercorn.config
import hypercorn.protocol.h11
import hypercorn.trio.run

from trichat.worker import descriptors, failures
from trichat.worker.accepting import AcceptingTrio
from trichat.worker.certificates import create_ssl_context
from trichat.worker.gate import HeldConnection
from trichat.worker.grace import TellingLifespan
from trichat.worker.limits import WorkerLimits
from trichat.worker.server import Server
from trichat.worker.signals import SignalledContext, worker_serve
from trichat.worker.watchdog import Watchdog

__all__ = ["Watchdog", "WorkerLimits", "check", "descriptors", "install"]

# Globals of Hypercorn's modules, looked up at call time.
_config: Any = hypercorn.config.Config
_run: Any = hypercorn.trio.run
_h11: Any = hypercorn.protocol.h11

_accepting = AcceptingTrio("trio")


def install(limits: WorkerLimits | None = None) -> None:
    """Let every Trio worker of this process use our classes; may be called again.

    Importing the app does it, so it holds under any launcher.
    """
    Server.limits = limits or WorkerLimits()
    _run.TCPServer = Server
    _run.trio = _accepting
    _run.WorkerContext = SignalledContext
    _run.Lifespan = TellingLifespan
    _run.worker_serve = worker_serve
    _h11.H11WSConnection = HeldConnection
    _config.create_ssl_context = create_ssl_context
    failures.install()


def check() -> None:
    """Raise RuntimeError unless our classes are in place in a Hypercorn they were made for."""
    found = version("hypercorn")
    if not found.startswith("0.18."):
        raise RuntimeError(f"trichat.worker knows hypercorn 0.18, not {found}")
    if (
        _run.TCPServer is not Server
        or _run.trio is not _accepting
        or _run.WorkerContext is not SignalledContext
        or _run.Lifespan is not TellingLifespan
        or _run.worker_serve is not worker_serve
        or _h11.H11WSConnection is not HeldConnection
        or _config.create_ssl_context is not create_ssl_context
    ):
        raise RuntimeError("trichat.worker.install() was not called, or was undone")

"""Hypercorn's Trio worker made safe for chat; README.md lists the faults and their cures."""

from importlib.metadata import version
from typing import Any

import hypercorn.protocol
import hypercorn.protocol.h2
import hypercorn.protocol.h11
import hypercorn.protocol.ws_stream
import hypercorn.trio.run

from trichat.worker import failures
from trichat.worker.gate import HeldConnection
from trichat.worker.grace import TellingLifespan
from trichat.worker.heads import TellingProtocol
from trichat.worker.limits import WorkerLimits
from trichat.worker.overdue import LastResort
from trichat.worker.server import Server
from trichat.worker.signals import SignalledContext, worker_serve
from trichat.worker.stalls import PatientBuffer, PatientProtocol
from trichat.worker.unpacking import Declined

__all__ = ["LastResort", "WorkerLimits", "check", "install"]

# Globals of Hypercorn's modules, looked up at call time.
_run: Any = hypercorn.trio.run
_protocol: Any = hypercorn.protocol
_h2: Any = hypercorn.protocol.h2
_h11: Any = hypercorn.protocol.h11
_ws: Any = hypercorn.protocol.ws_stream


def install(limits: WorkerLimits | None = None) -> None:
    """Let every Trio worker of this process use our classes; may be called again.

    Importing the app does it, so it holds under any launcher.
    """
    Server.limits = limits or WorkerLimits()
    PatientBuffer.patience = Server.limits.write_timeout
    _run.TCPServer = Server
    _run.WorkerContext = SignalledContext
    _run.Lifespan = TellingLifespan
    _run.worker_serve = worker_serve
    _protocol.H2Protocol = PatientProtocol
    _protocol.H11Protocol = TellingProtocol
    _h2.StreamBuffer = PatientBuffer
    _h11.H11WSConnection = HeldConnection
    _ws.PerMessageDeflate = Declined
    failures.install()


def check() -> None:
    """Raise RuntimeError unless our classes are in place in a Hypercorn they were made for."""
    found = version("hypercorn")
    if not found.startswith("0.18."):
        raise RuntimeError(f"trichat.worker knows hypercorn 0.18, not {found}")
    if (
        _run.TCPServer is not Server
        or _run.WorkerContext is not SignalledContext
        or _run.Lifespan is not TellingLifespan
        or _run.worker_serve is not worker_serve
        or _protocol.H2Protocol is not PatientProtocol
        or _protocol.H11Protocol is not TellingProtocol
        or _h2.StreamBuffer is not PatientBuffer
        or _h11.H11WSConnection is not HeldConnection
        or _ws.PerMessageDeflate is not Declined
    ):
        raise RuntimeError("trichat.worker.install() was not called, or was undone")

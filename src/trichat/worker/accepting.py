"""The fault: a connection for which no descriptor is left waits in the kernel.

That is EMFILE, or ENFILE of the whole system. Trio writes a traceback, ten times a second. The cure
refuses the connection: a descriptor that is held in reserve is given up for as long as it takes to
accept the connection and to close it.
"""

import errno
from contextlib import suppress
from types import ModuleType
from typing import Any

import trio

from trichat.worker.descriptors import PROCESS
from trichat.worker.server import Server

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

# Seconds in which a connection that is there is accepted, and until the next try if it is not.
_MOMENT = 0.1


class RefusingListener(trio.abc.Listener[trio.SocketStream]):
    """A listener for which want of descriptors is no error."""

    def __init__(self, socket: trio.socket.SocketType) -> None:
        self._listener = trio.SocketListener(socket)

    async def accept(self) -> trio.SocketStream:
        somebody_waits = False
        while True:
            try:
                return await self._listener.accept()
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
            # Linux reports that no descriptor is left before it looks whether anybody connects.
            if somebody_waits:
                await self._refuse()
            else:
                await trio.lowlevel.wait_readable(self._listener.socket)
            somebody_waits = not somebody_waits

    async def _refuse(self) -> None:
        with PROCESS.given_up(), trio.move_on_after(_MOMENT), suppress(OSError):
            stream = await self._listener.accept()
            stream.socket.close()
            PROCESS.refuse()
            Server.limits.observe("descriptors")
            return
        await trio.sleep(_MOMENT)

    async def aclose(self) -> None:
        await self._listener.aclose()


class AcceptingTrio(ModuleType):
    """Trio as hypercorn.trio.run sees it: its listeners are ours, all else is Trio's own."""

    SocketListener = RefusingListener

    def __getattr__(self, name: str) -> Any:
        return getattr(trio, name)

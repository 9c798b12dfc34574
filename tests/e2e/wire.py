"""A bad line between a program and a server: it loses what goes one way, and is cut."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import trio
from attrs import define, field


@define(eq=False)
class Wire:
    """port: where the server is. losing: what is lost from now on, "up" to the server or "down"
    from it. requests: what each connection began with.
    """

    port: int
    address: str = ""
    losing: str = ""
    requests: list[bytes] = field(factory=list)
    _lossy: set[int] = field(factory=set)
    _more: trio.Condition = field(factory=trio.Condition)
    _connections: set[trio.CancelScope] = field(factory=set)

    def lose(self, way: str) -> None:
        self.losing, self._lossy = way, set()

    async def lost_of(self, connections: int) -> None:
        """Until something was lost of so many."""
        async with self._more:
            while len(self._lossy) < connections:
                await self._more.wait()

    def cut(self) -> None:
        """All that are connected; who connects anew has a good line."""
        self.losing = ""
        for scope in self._connections:
            scope.cancel()

    async def carry(self, near: trio.SocketStream) -> None:
        with trio.CancelScope() as scope:
            self._connections.add(scope)
            try:
                far = await trio.open_tcp_stream("127.0.0.1", self.port)
                async with near, far, trio.open_nursery() as nursery:
                    nursery.start_soon(self._pump, "up", near, far)
                    nursery.start_soon(self._pump, "down", far, near)
            except* (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                await trio.aclose_forcefully(near)
            finally:
                self._connections.discard(scope)

    async def _pump(self, way: str, source: trio.SocketStream, sink: trio.SocketStream) -> None:
        begins = way == "up"
        async for data in source:
            if begins:
                self.requests.append(bytes(data))
                begins = False
            if self.losing == way:
                async with self._more:
                    self._lossy.add(id(source))
                    self._more.notify_all()
            else:
                await sink.send_all(data)
        await sink.send_eof()


@asynccontextmanager
async def wire(address: str) -> AsyncIterator[Wire]:
    """To the server at this address."""
    line = Wire(int(address.rpartition(":")[2]))
    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, line.carry, 0, host="127.0.0.1")
        (listener,) = await nursery.start(serve)
        line.address = f"http://127.0.0.1:{listener.socket.getsockname()[1]}"
        yield line
        nursery.cancel_scope.cancel()

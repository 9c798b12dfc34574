"""Rooms on `websockets` with its broadcast(), on uvloop."""

import asyncio
import signal
import sys
from collections import defaultdict

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosedError

rooms: defaultdict[str, set[ServerConnection]] = defaultdict(set)


async def chat(connection: ServerConnection) -> None:
    room = connection.request.path
    rooms[room].add(connection)
    try:
        async for text in connection:
            broadcast(rooms[room], text)
    except ConnectionClosedError:
        pass  # gone without a closing handshake
    finally:
        rooms[room].discard(connection)
        if not rooms[room]:
            del rooms[room]


async def main(port: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(chat, "127.0.0.1", port, compression=None, backlog=2048):
        await stop.wait()


uvloop.run(main(int(sys.argv[1])))

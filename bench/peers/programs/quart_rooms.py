"""Rooms on stock Quart-Trio: the broker of Quart's chat tutorial, with a Trio channel for each."""

import math
from collections import defaultdict
from collections.abc import AsyncIterator

import trio
from quart import websocket
from quart_trio import QuartTrio

app = QuartTrio(__name__)


class Broker:
    """Who is subscribed has a channel of their own."""

    def __init__(self) -> None:
        self.channels: set[trio.MemorySendChannel[str]] = set()

    def publish(self, message: str) -> None:
        for channel in self.channels:
            channel.send_nowait(message)

    async def subscribe(self) -> AsyncIterator[str]:
        send, receive = trio.open_memory_channel[str](math.inf)
        self.channels.add(send)
        try:
            async for message in receive:
                yield message
        finally:
            self.channels.discard(send)


brokers: defaultdict[str, Broker] = defaultdict(Broker)


async def receive(broker: Broker) -> None:
    while True:
        broker.publish(await websocket.receive())


@app.websocket("/ws/<room>")
async def chat(room: str) -> None:
    broker = brokers[room]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive, broker)
        async for message in broker.subscribe():
            await websocket.send(message)

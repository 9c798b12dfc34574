"""People who come, join, talk, and leave as people do: politely, abruptly, or without reading."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

import httpx
import trio
from attrs import field, frozen
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.trio.client import ClientConnection, connect

from bench.audience import Audience
from bench.peer import Seat, Speech
from bench.running import Running
from bench.seeding import Hall
from bench.soak.ledger import Ledger

# Seconds: how long somebody stays, how long they think between two messages, and how long they wait
# for an answer before they give up.
STAYS = (2.0, 40.0)
THINKS = (0.5, 6.0)
PATIENCE = 60.0
_LEAVES = 10.0  # and how long a goodbye may take

_RUDE, _DEAF = 0.3, 0.1  # shares of those who leave without a word, and of those who never read
_UNREAD = 4096  # bytes of the kernel's buffer of who never reads
_UNKNOWN = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(500)]
_GREEDY = json.dumps({"action": "subscribe", "chat_ids": _UNKNOWN})


def _visitor() -> httpx.AsyncClient:
    """Each request comes by a connection of its own."""
    return httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0))


@frozen
class Crowd:
    """size: how many are there at a time."""

    running: Running
    audience: Audience
    halls: Sequence[Hall]
    ledger: Ledger
    size: int
    random: random.Random
    http: httpx.AsyncClient = field(factory=_visitor)

    async def run(self, stop: trio.Event) -> None:
        """Until it is set and the last one has gone."""
        seats = list(self.audience.seats())
        async with trio.open_nursery() as nursery:
            for _ in range(self.size):
                nursery.start_soon(self._lives, seats, stop)
        await self.http.aclose()

    async def _lives(self, seats: list[Seat], stop: trio.Event) -> None:
        """One after another in the same place."""
        while not stop.is_set():
            await trio.sleep(self.random.uniform(0, 1))
            seat = self.random.choice(seats)
            try:
                await self._life(seat, stop)
            except* ConnectionClosed as group:
                for closed in _leaves(group):
                    self.ledger.cut_by_server[closed.rcvd.code if closed.rcvd else 1006] += 1
            except* (OSError, InvalidHandshake, trio.BrokenResourceError, httpx.HTTPError):
                self.ledger.cut_by_server[0] += 1

    async def _life(self, seat: Seat, stop: trio.Event) -> None:
        speech = self.running.speech(self.audience.key, seat)
        deaf = self.random.random() < _DEAF
        stream = await _dial(self.running.port, _UNREAD if deaf else None)
        url = f"ws://127.0.0.1:{self.running.port}{speech.path(seat)}"
        compression = "deflate" if self.random.random() < 0.5 else None
        with trio.CancelScope() as scope:
            async with connect(
                url, stream=stream, compression=compression, close_timeout=5, ping_interval=None
            ) as socket:
                self.ledger.connections += 1
                with trio.move_on_after(self.random.uniform(*STAYS)):
                    if deaf:
                        await self._ask_and_never_read(socket, seat)
                    else:
                        await self._take_part(socket, speech, seat, stop)
                if deaf or self.random.random() < _RUDE:
                    await trio.aclose_forcefully(stream)
                    scope.cancel()
                scope.deadline = trio.current_time() + _LEAVES
        await trio.aclose_forcefully(stream)

    async def _ask_and_never_read(self, socket: ClientConnection, seat: Seat) -> None:
        """In chats also for much, again and again."""
        if self.audience.dialect(seat) != "chats":
            await trio.sleep_forever()
        while True:
            await socket.send(_GREEDY)
            await trio.sleep(0.2)

    async def _take_part(
        self, socket: ClientConnection, speech: Speech, seat: Seat, stop: trio.Event
    ) -> None:
        for frame in speech.hello(seat):
            await socket.send(frame.decode())
        await _until(socket, lambda frame: speech.word in frame)
        async with trio.open_nursery() as nursery:
            talk = _Talk(self, socket, speech, seat)
            nursery.start_soon(talk.listen)
            while not stop.is_set():
                with trio.move_on_after(self.random.uniform(*THINKS)):
                    await stop.wait()
                await talk.say(self.ledger.text())
            nursery.cancel_scope.cancel()

    async def post(self, token: str, room: Hall, text: str) -> bool:
        """Where the socket has no message: over REST. Whether it was taken."""
        answer = await self.http.post(
            f"http://127.0.0.1:{self.running.port}/api/v1/messages/",
            headers={"authorization": f"Bearer {token}"},
            json={"content": text, "channel_id": room.uuid},
            timeout=PATIENCE,
        )
        return answer.is_success


class _Talk:
    """Says one thing at a time, and knows when the server has it."""

    def __init__(self, crowd: Crowd, socket: ClientConnection, speech: Speech, seat: Seat) -> None:
        self._crowd = crowd
        self._socket = socket
        self._speech = speech
        self._seat = seat
        self._awaited = b""
        self._come = trio.Event()

    async def listen(self) -> None:
        while True:
            frame = await self._socket.recv(decode=False)
            if self._awaited and self._awaited in frame:
                self._come.set()

    async def say(self, text: str) -> None:
        """Where the answer is the message itself, it is known by its text."""
        if self._crowd.audience.dialect(self._seat) == "channels":
            (token,) = parse_qs(urlsplit(self._speech.path(self._seat)).query)["token"]
            taken = await self._crowd.post(token, self._crowd.halls[self._seat.room], text)
        else:
            self._come, self._awaited = trio.Event(), self._speech.answer or text.strip().encode()
            await self._socket.send(self._speech.message(self._seat, text.encode()).decode())
            with trio.move_on_after(PATIENCE):
                await self._come.wait()
            taken = self._come.is_set()
        if taken:
            self._crowd.ledger.acknowledged.add(text)


async def _until(socket: ClientConnection, right: Callable[[bytes], bool]) -> None:
    while not right(await socket.recv(decode=False)):
        pass


async def _dial(port: int, buffer: int | None) -> trio.SocketStream:
    socket = trio.socket.socket()
    if buffer is not None:
        socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, buffer)
    try:
        await socket.connect(("127.0.0.1", port))
    except BaseException:
        socket.close()
        raise
    return trio.SocketStream(socket)


def _leaves(group: BaseExceptionGroup[ConnectionClosed]) -> Iterator[ConnectionClosed]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one

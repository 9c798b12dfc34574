"""A sender on a real socket, what they may expect, and those beside who must notice nothing."""

import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import trio
from attrs import Factory, define, field, frozen
from wsproto.events import CloseConnection

from tests.described import frames_of
from tests.dialects.speech import text_of
from tests.properties.expected import SOCKETS, Push, Socket, World
from tests.properties.oracle import room
from tests.properties.oracle.judging import BAD_UTF8, judge, judge_binary
from tests.properties.oracle.verdicts import Asks, Closes, Says, Verdict
from tests.server import PATIENCE, ChatServer, Client, Json
from tests.wire import client as wire

STRUCK = 1008
TOO_LONG = Closes(1009)

# A request that is always carried out, and how its answer is known.
LAST: dict[str, tuple[Any, dict[str, Any]]] = {
    "chats": ({"action": "subscribe", "chat_ids": []}, {"action": "subscribe_response"}),
    "lobby": ({"type": "list_rooms", "data": {"type": "private"}}, {"type": "rooms_list"}),
    "channels": ({"type": "ping"}, {"type": "pong"}),
    "conversations": (
        {"type": "chat.search_user", "keyword": ""},
        {"type": "chat.search_results", "results": []},
    ),
}


@frozen
class Message:
    """A WebSocket message as it goes over the wire; text may be no UTF-8."""

    data: bytes
    binary: bool = False

    def verdict(self, dialect: str, longest: int) -> Verdict:
        """What the dialect's document says of it."""
        if len(self.data) > longest:
            return TOO_LONG
        if self.binary:
            return judge_binary(dialect)
        try:
            return judge(dialect, self.data.decode())
        except UnicodeDecodeError:
            return BAD_UTF8

    @property
    def wire(self) -> bytes:
        """One masked frame."""
        mask, size = os.urandom(4), len(self.data)
        head = bytes((0x82 if self.binary else 0x81,))
        if size < 126:
            head += bytes((0x80 | size,))
        elif size < 65536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        key = (mask * (size // 4 + 1))[:size]
        masked = int.from_bytes(self.data, "big") ^ int.from_bytes(key, "big")
        return head + mask + masked.to_bytes(size, "big")


@frozen
class Line:
    """The sender's connection, down to its bytes."""

    client: wire.Client
    described: Callable[[Json], None]

    async def send(self, data: bytes) -> None:
        """As much as the server takes: it may have closed over the first half."""
        with suppress(trio.BrokenResourceError), trio.fail_after(PATIENCE):
            await self.client.send(data)

    async def next(self) -> Json:
        """The next frame."""
        with trio.fail_after(PATIENCE):
            frame = json.loads(await self.client.message())
        self.described(frame)
        return frame

    async def ends(self) -> int | None:
        """The close code, if the end is what comes next."""
        with trio.fail_after(PATIENCE):
            event = await self.client.event()
        return event.code if isinstance(event, CloseConnection) else None


@define
class Sender:
    """The one with the bad line: they come again when they were closed."""

    server: ChatServer
    world: World
    dialect: str
    _line: Line | None = None
    _socket: Socket = field(init=False)
    _strikes: int = 0
    _due: list[Json] = Factory(list)
    _numbers: Iterator[int] = field(factory=count)

    async def send(self, messages: list[Message]) -> None:
        """Fails where the answers to these, in order, are not what the document gives."""
        line = self._line or await self._come()
        longest = self.server.runtime.settings.limits.frame_bytes
        try:
            await line.send(b"".join(message.wire for message in messages))
            for message in messages:
                if not await self._got(line, message.verdict(self.dialect, longest)):
                    await self.leave()
                    return
            more = await self._before_last(line)
            assert more == self._due, f"{more} comes instead of {self._due}"
            self._due.clear()
        except BaseException as error:
            error.add_note(f"sent: {[message.data[:200] for message in messages]}")
            await self.leave()
            raise

    async def hear(self) -> None:
        """All that others have said up to now."""
        if self._line is not None:
            for frame in await self._before_last(self._line):
                assert text_of(frame, self.dialect) is not None
                self.world.learn(frame)

    async def leave(self) -> None:
        """Without a word."""
        line, self._line = self._line, None
        self._due.clear()
        if line is not None:
            await line.client.stream.aclose()

    async def _come(self) -> Line:
        url = self.server.url(self.dialect, self.world.sender.token, self.world.hall.name)
        client = wire.Client(await self.server.dial())
        line = Line(client, await frames_of(self.server.document, self.dialect))
        assert b" 101 " in await client.upgrade(url.removeprefix(f"ws://{self.server.address}"))
        self._line, self._socket = line, SOCKETS[self.dialect]()
        await self._before_last(line)
        return line

    async def _before_last(self, line: Line) -> list[Json]:
        """What comes before the answer to one more request, which is always carried out."""
        last, answer = LAST.get(self.dialect) or self._last_word()
        self._strikes = 0
        await line.send(Message(json.dumps(last).encode()).wire)
        frames: list[Json] = []
        while not answer.items() <= (frame := await line.next()).items():
            frames.append(frame)
        return frames

    def _last_word(self) -> tuple[Json, Json]:
        text = f"the last word {next(self._numbers)}"
        return {"message": text}, {"type": "chat_message", "message": text}

    async def _got(self, line: Line, verdict: Verdict) -> bool:
        """Whether the connection is still open, after the right answer."""
        match verdict:
            case Closes(code):
                await self._ended(line, code)
                return False
            case Says(frame, strike):
                self._strikes = self._strikes + 1 if strike else 0
                await self._heard(line, [frame])
            case Asks(request):
                self._strikes = 0
                await self._heard(line, self._socket.answers(request, self.world))
        if self._strikes < room.STRIKES:
            return True
        await self._ended(line, STRUCK)
        return False

    async def _heard(self, line: Line, expected: list[Json]) -> None:
        for answer in expected:
            if isinstance(answer, Push):
                self._due.append(answer.frame)
                continue
            while (frame := await line.next()) != answer:
                assert [frame] == self._due[:1], f"{frame} comes instead of {answer}"
                del self._due[0]
            self.world.learn(frame)

    async def _ended(self, line: Line, expected: int) -> None:
        """At once, but for what was pushed before."""
        for pushed in self._due:
            frame = await line.next()
            assert frame == pushed, f"{frame} comes instead of {pushed}"
        code = await line.ends()
        assert code == expected, f"{code} instead of {expected}"


@frozen
class Listener:
    """One who is in the hall as well."""

    client: Client
    dialect: str

    async def hears(self, text: str, world: World) -> None:
        """The text comes, and no error on the way."""
        while True:
            frame = await self.client.next()
            world.learn(frame)
            assert "error" not in frame
            assert frame.get("type") != "error"
            if text_of(frame, self.dialect) == text:
                return

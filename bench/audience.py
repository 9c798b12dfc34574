"""Who is connected where while something is measured, and how the client is told."""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from bench.peer import Seat, Speech

# What the client writes a marker over: ~, and 13 digits for the run, the sender and the number.
MARKER = b"~" + b"0" * 13

# Bytes of a message, unless a workload says otherwise.
SIZE = 120


@frozen
class Audience:
    """So many rooms of so many members: its users sit in the rooms one after another."""

    key: str
    rooms: int
    members: int
    # Of each room, those who send: the first ones to come.
    talkers: int = 1
    # trichat's alone: member k of a room speaks dialect k % len(dialects).
    dialects: tuple[str, ...] = ("chats",)
    # The number of its first user.
    first: int = 0

    @property
    def connections(self) -> int:
        return self.rooms * self.members

    @property
    def users(self) -> int:
        """How many there must be for it."""
        return self.first + self.connections

    def seats(self) -> Iterator[Seat]:
        """In the order of the connections."""
        return (Seat(self.first + turn, turn % self.rooms) for turn in range(self.connections))

    def turn(self, seat: Seat) -> int:
        """How many have come into their room before them."""
        return (seat.user - self.first) // self.rooms

    def talks(self, seat: Seat) -> bool:
        """Whether they send."""
        return self.turn(seat) < self.talkers

    def dialect(self, seat: Seat) -> str:
        """What they speak with trichat."""
        return self.dialects[self.turn(seat) % len(self.dialects)]


def payload(size: int) -> bytes:
    """A text with a place for the marker at its beginning."""
    return (MARKER + b" ").ljust(size, b"x")


def write_plan(
    path: Path, audience: Audience, speech: Callable[[Seat], Speech], *, port: int, run: int,
    size: int = SIZE,
) -> None:  # fmt: skip
    """The file that bench/client reads (plan.c)."""
    parts = [_numbers(run % 4096, audience.connections, audience.rooms)]
    text = payload(size)
    for seat in audience.seats():
        said, talks = speech(seat), audience.talks(seat)
        message = said.message(seat, text) if talks else b""
        parts += [
            _numbers(seat.room, int(talks), int(said.binary), said.awaited),
            _bytes(said.word),
            _bytes(_request(said, seat, port)),
            _bytes(said.answer),
            _bytes(message),
            _numbers(message.index(MARKER) if talks else 0),
            _list(said.hello(seat)),
        ]
    path.write_bytes(b"".join(parts))


def _request(speech: Speech, seat: Seat, port: int) -> bytes:
    """One key does for all: only the answer's status is looked at."""
    headers = {
        "Host": f"127.0.0.1:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **({"Sec-WebSocket-Protocol": speech.subprotocol} if speech.subprotocol else {}),
        **speech.headers(seat),
    }
    lines = [f"GET {speech.path(seat)} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def _numbers(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


def _bytes(value: bytes) -> bytes:
    return _numbers(len(value)) + value


def _list(values: Sequence[bytes]) -> bytes:
    return b"".join([_numbers(len(values)), *map(_bytes, values)])

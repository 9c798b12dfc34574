"""The load client against a server of the test: what it sends, and what it says of what it gets."""

import shutil
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.audience import Audience, write_plan
from bench.client import Client, ClientError, Outcome, build
from bench.peer import Speech

from tests.needs import lacking

AUDIENCE = Audience("test", rooms=1, members=2)

Forward = Callable[[int, bytes], list[tuple[int, bytes]]]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        lacking("there is no C compiler")
    target = tmp_path_factory.mktemp("client") / "load"
    build(target)
    return target


class Server:
    """Two connections in one room; what happens to a message is the test's."""

    def __init__(self, forward: Forward) -> None:
        self._forward = forward
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        sockets = [self._listener.accept()[0] for _ in range(AUDIENCE.connections)]
        sockets.sort(key=lambda each: each.getpeername()[1])
        for each in sockets:
            self.requests.append(_until(each, b"\r\n\r\n"))
            each.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        sender = next(at for at, head in enumerate(self.requests) if b"?user=0 " in head)
        with sockets[0], sockets[1]:
            while (message := _frame(sockets[sender])) is not None:
                self.heard.append(message)
                for to, frame in self._forward(len(self.heard), message):
                    sockets[(sender + to) % 2].sendall(frame)


def _until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += connection.recv(1)
    return data


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            return data
        data += more
    return data


def _frame(connection: socket.socket) -> bytes | None:
    """A message of the client; None when it closes."""
    head = _exactly(connection, 2)
    if len(head) < 2 or head[0] == 0x88:
        return None
    size = head[1] & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", _exactly(connection, 2))
    mask = _exactly(connection, 4)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(_exactly(connection, size)))


def framed(payload: bytes, first: int = 0x81) -> bytes:
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    return bytes([first]) + length + payload


def both(_: int, message: bytes) -> list[tuple[int, bytes]]:
    return [(0, framed(message)), (1, framed(message))]


@pytest.fixture
def measured(program: Path, tmp_path: Path) -> Callable[..., tuple[Outcome, Server]]:
    def measure(forward: Forward = both, **given: object) -> tuple[Outcome, Server]:
        with Server(forward) as server:
            plan = tmp_path / "plan"
            speech = Speech(path=lambda seat: f"/ws?user={seat.user}")
            write_plan(plan, AUDIENCE, lambda seat: speech, port=server.port, run=5, size=200)
            options = {"warm": 0, "time": 0.2, "settle": 0, **given}
            outcome = Client(program, 0).run(plan, port=server.port, group=0, **options)
        return outcome, server

    return measure


def came_well(outcome: Outcome) -> bool:
    """Everything once and in order; on a busy machine perhaps after the measured time."""
    return (
        outcome.received == outcome.expected > 0
        and (outcome.disordered, outcome.orders, outcome.closed) == (0, 0, 0)
        and not outcome.stalled
    )


def test_every_delivery_is_counted_and_the_messages_are_as_planned(
    measured: Callable[..., tuple[Outcome, Server]],
) -> None:
    outcome, server = measured(time=0.5)
    assert came_well(outcome)
    assert outcome.sent == len(server.heard) > 1
    assert outcome.expected == 2 * outcome.sent
    assert outcome.latency.count == outcome.deliveries > 0
    assert server.heard[0] == b"~0050000000000 ".ljust(200, b"x")
    assert server.heard[1] == b"~0050000000001 ".ljust(200, b"x")


def test_a_message_may_come_in_pieces_and_pings_between_them(
    measured: Callable[..., tuple[Outcome, Server]],
) -> None:
    def pieces(_: int, message: bytes) -> list[tuple[int, bytes]]:
        cut = [framed(message[:5], 0x01), framed(message[5:9], 0x00), framed(b"", 0x89),
               framed(message[9:], 0x80)]  # fmt: skip
        return [(0, framed(message)), *((1, part) for part in cut)]

    outcome, _ = measured(pieces)
    assert came_well(outcome)


def test_the_window_is_filled_at_once(measured: Callable[..., tuple[Outcome, Server]]) -> None:
    """Nothing is answered before the seventh message is there; it comes without an answer."""
    held: list[bytes] = []

    def from_the_seventh(turn: int, message: bytes) -> list[tuple[int, bytes]]:
        held.append(message)
        if turn < 7:
            return []
        frames = [frame for each in held for frame in both(turn, each)]
        held.clear()
        return frames

    outcome, _ = measured(from_the_seventh, window=7, stall=5)
    assert came_well(outcome)


def test_what_never_comes_is_lost(measured: Callable[..., tuple[Outcome, Server]]) -> None:
    def once(turn: int, message: bytes) -> list[tuple[int, bytes]]:
        return both(turn, message)[: 1 if turn == 3 else 2]

    outcome, _ = measured(once, window=8, stall=0.5)
    assert outcome.expected - outcome.received == 1
    assert "1 of" in outcome.fault


def test_what_comes_late_or_twice_is_out_of_order(
    measured: Callable[..., tuple[Outcome, Server]],
) -> None:
    held: list[bytes] = []

    def swapped(turn: int, message: bytes) -> list[tuple[int, bytes]]:
        held.append(message)
        if turn % 2:
            return [(0, framed(message))]
        return [(0, framed(message)), (1, framed(held[-1])), (1, framed(held[-2]))]

    outcome, _ = measured(swapped, window=2, stall=0.5)
    assert outcome.disordered > 0
    assert outcome.orders == 1

    def twice(turn: int, message: bytes) -> list[tuple[int, bytes]]:
        return both(turn, message) + both(turn, message)[:1]

    outcome, _ = measured(twice)
    assert outcome.received > outcome.expected
    assert "too many" in outcome.fault


def test_messages_of_another_run_do_not_count(
    measured: Callable[..., tuple[Outcome, Server]],
) -> None:
    def older(turn: int, message: bytes) -> list[tuple[int, bytes]]:
        return [(0, framed(b"~004" + message[4:])), *both(turn, message)]

    outcome, _ = measured(older)
    assert came_well(outcome)


def test_a_connection_that_is_refused_or_closed_is_told(
    measured: Callable[..., tuple[Outcome, Server]],
) -> None:
    def closed(turn: int, message: bytes) -> list[tuple[int, bytes]]:
        return [(0, framed(struct.pack(">H", 1008) + b"enough", 0x88))]

    outcome, _ = measured(closed, stall=1)  # seconds in which what is missing may still come
    assert "closed with 1008: enough" in outcome.fault


def test_a_server_that_is_not_there_is_an_error(program: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    write_plan(plan, AUDIENCE, lambda seat: Speech(), port=1, run=0)
    with pytest.raises(ClientError, match="refused"):
        Client(program, 0).run(plan, port=1, group=0)

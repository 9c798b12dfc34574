"""One user who comes back: a ticket, a connection with their cursor, and what they missed."""

import asyncio
import json
import time
from collections import Counter

from attrs import define, field, frozen

_MOST = 64 * 1024  # bytes of one read
_PATIENCE = 120.0  # seconds for everything
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class NotToldError(Exception):
    """Something else came than what was missed."""


@frozen
class Absent:
    """Who was away. cursor: behind the event `seq` of room `room_id`; missed: events since."""

    token: str
    chat: str
    room_id: int
    seq: int
    cursor: str
    missed: int


@define
class Course:
    """What the crowd met. waits: seconds from the beginning until each had everything."""

    waits: list[float] = field(factory=list)
    refused: Counter[int] = field(factory=Counter)
    faults: list[str] = field(factory=list)


async def come_back(
    port: int, absent: Absent, tickets: bool, course: Course, together: asyncio.Barrier
) -> None:
    """They stay and read until all have come."""
    begin = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await _connected(port, absent, tickets, course)
            await _read_on(reader, absent)
    except (OSError, TimeoutError, NotToldError, asyncio.IncompleteReadError) as error:
        course.faults.append(f"{type(error).__name__}: {error}")
        await together.wait()
        return
    course.waits.append(time.monotonic() - begin)
    reading = asyncio.create_task(_drain(reader))
    await together.wait()
    reading.cancel()
    writer.transport.abort()


async def _connected(
    port: int, absent: Absent, tickets: bool, course: Course
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Who is told to come later comes later."""
    while True:
        credential = f"token={absent.token}"
        if tickets:
            credential = f"ticket={await _ticket(port, absent.token)}"
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_MOST)
        path = f"/chats/ws?{credential}&resume={absent.cursor}"
        lines = [
            f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {_KEY}", "", "",
        ]  # fmt: skip
        writer.write("\r\n".join(lines).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status == 101:
            writer.write(_masked({"action": "subscribe", "chat_ids": [absent.chat]}))
            return reader, writer
        course.refused[status] += 1
        writer.close()
        await asyncio.sleep(_retry_after(head))


def _retry_after(head: bytes) -> float:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"retry-after:"):
            return float(line.partition(b":")[2])
    raise NotToldError(head.partition(b"\r\n")[0].decode())


async def _ticket(port: int, token: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        "POST /api/v1/auth/ticket HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}",
        "Content-Length: 0", "Connection: close", "", "",
    ]  # fmt: skip
    writer.write("\r\n".join(lines).encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    if b" 200 " not in head[:20]:
        raise NotToldError(f"no ticket: {head[:60]!r}")
    return str(json.loads(body)["ticket"])


def _masked(frame: object) -> bytes:
    """A short text frame, with a mask that changes nothing."""
    body = json.dumps(frame).encode()
    assert len(body) < 126
    return bytes((0x81, 0x80 | len(body))) + bytes(4) + body


async def _read_on(reader: asyncio.StreamReader, absent: Absent) -> None:
    """Each missed event, once and in order. Raises NotToldError."""
    seq, last, rest = absent.seq, absent.seq + absent.missed, b""
    while seq < last:
        data = await reader.read(_MOST)
        if not data:
            raise NotToldError(f"cut off {last - seq} events before the end")
        frames, rest = _frames(rest + data)
        for frame in frames:
            if frame.startswith(b'{"action":"subscribe_response"'):
                continue
            seq += 1
            if b'"cursor":"%d.%d.' % (absent.room_id, seq) not in frame:
                raise NotToldError(f"not {seq}: {frame[:80]!r}")


def _frames(data: bytes) -> tuple[list[bytes], bytes]:
    """The payloads of whole frames of less than 64 KiB, and what is left."""
    found, at = [], 0
    while len(data) >= at + 4:
        size, begin = data[at + 1], at + 2
        if size == 126:
            size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        if len(data) < begin + size:
            break
        if data[at] == 0x81:
            found.append(data[begin : begin + size])
        elif data[at] & 0x0F == 8:
            raise NotToldError(f"closed: {data[begin : begin + size]!r}")
        at = begin + size
    return found, data[at:]


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(_MOST):
        pass

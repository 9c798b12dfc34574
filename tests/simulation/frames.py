"""WebSocket frames as a client makes and reads them, without I/O."""

import struct
from random import Random

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NO_STATUS = 1005


def frame(opcode: int, payload: bytes, random: Random, *, last: bool = True) -> bytes:
    """Masked."""
    mask = random.randbytes(4)
    size = len(payload)
    first = opcode | (0x80 if last else 0)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    pad = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "little") ^ int.from_bytes(pad, "little")
    return head + mask + masked.to_bytes(size, "little")


def close_code(payload: bytes) -> int:
    """What a close frame says."""
    return int.from_bytes(payload[:2], "big") if payload else NO_STATUS


class Reader:
    """The server's answer to the upgrade, then messages and control frames. status: of that answer,
    0 before it.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._open: bytearray | None = None  # what has come of a message in fragments
        self.status = 0

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """What these bytes complete. Raises ValueError for what no server sends."""
        self._data += data
        found: list[tuple[int, bytes]] = []
        if not self.status:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return found
            self.status = int(self._data[9:12])
            del self._data[: end + 4]
        if self.status == 101:
            while (one := self._frame()) is not None:
                found += self._joined(*one)
        return found

    def _joined(self, opcode: int, last: bool, payload: bytes) -> list[tuple[int, bytes]]:
        """Between the fragments of a message nothing but control frames may come."""
        if opcode >= CLOSE:
            if not last:
                raise ValueError("a server's control frame is in fragments")
            return [(opcode, payload)]
        if (opcode == CONTINUED) != (self._open is not None):
            raise ValueError(f"a frame {opcode} within a message, or one that goes on with none")
        whole = (self._open or bytearray()) + payload
        self._open = None if last else whole
        return [(TEXT, bytes(whole))] if last else []

    @property
    def whole(self) -> bool:
        """Whether no frame is open."""
        return not self._data and self._open is None

    def _frame(self) -> tuple[int, bool, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        opcode, size, start = data[0] & 0x0F, data[1], 2
        if data[0] & 0x70 or opcode not in (CONTINUED, TEXT, CLOSE, PING, PONG):
            raise ValueError(f"a server's frame begins with {data[0]:02x}")
        if size & 0x80:
            raise ValueError("a server's frame is masked")
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10], "big"), 10
        if len(data) < start or len(data) < start + size:
            return None
        payload = bytes(data[start : start + size])
        last = bool(data[0] & 0x80)
        del data[: start + size]
        return opcode, last, payload

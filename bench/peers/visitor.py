"""A client for one question at a time: the standard library, one socket, as slow as it likes."""

import base64
import hashlib
import os
import socket

from bench.peer import Seat, Speech

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
# Seconds after which what has not come is not coming.
PATIENCE = 10


class Visitor:
    """In their room once constructed; what they hear is kept in `heard`, one frame after the other.

    OSError if the server does not answer, hangs up, or says nothing for PATIENCE.
    """

    def __init__(self, port: int, speech: Speech, seat: Seat) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._rest = b""
        self._speech = speech
        self._seat = seat
        self.heard = b""
        self._upgrade(port)
        for frame in speech.hello(seat):
            self._send(frame)
        for _ in range(speech.awaited):
            self._frame()

    def say(self, payload: bytes) -> None:
        self._send(self._speech.message(self._seat, payload))

    def hear(self, payload: bytes) -> None:
        """Listen until it has come."""
        while payload not in self.heard:
            self.heard += self._frame()

    def ask(self, frame: bytes) -> bytes:
        """Send it as it is; the next frame that comes."""
        self._send(frame)
        return self._frame()

    def close(self) -> None:
        self._socket.close()

    def _upgrade(self, port: int) -> None:
        key = base64.b64encode(os.urandom(16))
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key.decode(),
            "Sec-WebSocket-Version": "13",
            **self._speech.headers(self._seat),
        }
        if self._speech.subprotocol:
            lines["Sec-WebSocket-Protocol"] = self._speech.subprotocol
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"GET {self._speech.path(self._seat)} HTTP/1.1\r\n{head}\r\n"
        self._socket.sendall(request.encode())
        while b"\r\n\r\n" not in self._rest:
            self._more()
        answer, self._rest = self._rest.split(b"\r\n\r\n", 1)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        assert answer.startswith(b"HTTP/1.1 101"), answer.decode(errors="replace")
        assert accept in answer, "Sec-WebSocket-Accept is wrong"
        assert b"permessage-deflate" not in answer, "compresses though nobody asked"

    def _send(self, payload: bytes, opcode: int = 0) -> None:
        opcode = opcode or (BINARY if self._speech.binary else TEXT)
        size, mask = len(payload), os.urandom(4)
        length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big")
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self._socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def _frame(self) -> bytes:
        """The payload of the next one that is no control frame."""
        while True:
            head, size = self._take(2)
            assert not head & 0x70, "reserved bits"
            assert not size & 0x80, "masked by the server"
            if size >= 126:
                size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            payload = self._take(size)
            opcode = head & 15
            if opcode == PING:
                self._send(payload, PONG)
            elif opcode == CLOSE:
                raise ConnectionError(f"closed: {payload!r}")
            elif opcode != PONG:
                kind = BINARY if self._speech.binary else TEXT
                assert opcode in (CONTINUATION, kind), f"opcode {opcode}"
                return payload

    def _take(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._more()
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _more(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("hung up")
        self._rest += data

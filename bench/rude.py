"""`python -m bench.rude`: one member who asks for all there is, again and again, until SIGTERM.

Each thread has a connection of its own and asks anew as soon as the answer is there; some read
nothing of it. Bytes are counted and thrown away: the client must not cost what the server does.
"""

import argparse
import base64
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from attrs import define

CHUNK = 1 << 20
# Seconds that one who reads nothing waits for the answer that it never takes.
DEAF = 2.0


@define
class Count:
    """What came of one kind of request."""

    answers: int = 0
    bytes: int = 0


class Asker:
    """One connection. host, token: of the server and of the member."""

    def __init__(self, port: int, token: str, count: Count) -> None:
        self._port = port
        self._token = token
        self._count = count

    def open(self, path: str) -> socket.socket:
        """A WebSocket, its answer read."""
        peer = socket.create_connection(("127.0.0.1", self._port), 30)
        key = base64.b64encode(os.urandom(16)).decode()
        mark = "&" if "?" in path else "?"
        peer.sendall(
            f"GET {path}{mark}token={self._token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket"
            f"\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}"
            "\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.recv(1) or b"\r\n\r\n"
        return peer

    def say(self, peer: socket.socket, frame: Any) -> None:
        """One text frame, masked with zeros."""
        payload = json.dumps(frame).encode()
        size = bytes((0x80 | len(payload),))
        if len(payload) > 125:
            size = struct.pack("!BH", 0xFE, len(payload))
        peer.sendall(b"\x81" + size + bytes(4) + payload)

    def message(self, peer: socket.socket) -> None:
        """Read one whole message, in however many frames, and forget it."""
        final = False
        while not final:
            first, second = _exactly(peer, 2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(_exactly(peer, 2 if size == 126 else 8), "big")
            _skip(peer, size)
            self._count.bytes += size
            final = bool(first & 0x80) and not first & 0x08  # a pong or a ping ends nothing
        self._count.answers += 1

    def get(self, peer: socket.socket, path: str) -> None:
        """One request over HTTP on a connection that is kept."""
        peer.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}"
            "\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += _exactly(peer, 1)
        fields = dict(
            line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:] if line
        )
        size = int(fields.get("content-length", 0))
        _skip(peer, size)
        self._count.bytes += size
        self._count.answers += 1


def _exactly(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def _skip(peer: socket.socket, size: int) -> None:
    while size:
        more = len(peer.recv(min(size, CHUNK)))
        if not more:
            raise OSError("closed")
        size -= more


Ask = Callable[[Asker], None]


def _asks(asker: Asker, path: str, frames: Sequence[Any]) -> None:
    """These requests in turn, each when the one before is answered."""
    with asker.open(path) as peer:
        while True:
            for frame in frames:
                asker.say(peer, frame)
                asker.message(peer)


def _is_deaf(asker: Asker, path: str, frame: Any) -> None:
    """The same request three times, and none of the answers is read."""
    with asker.open(path) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(3):
            asker.say(peer, frame)
        time.sleep(DEAF)


def _floods(asker: Asker, path: str, frames: Sequence[Any]) -> None:
    """Frames that nobody answers, as fast as they are taken."""
    with asker.open(path) as peer:
        while True:
            for frame in frames:
                asker.say(peer, frame)


def _gets(asker: Asker, paths: Sequence[str]) -> None:
    with socket.create_connection(("127.0.0.1", asker._port), 30) as peer:
        while True:
            for path in paths:
                asker.get(peer, path)


def requests(
    room: int, channel: str, handle: str
) -> dict[str, tuple[int, Callable[[Asker], None]]]:
    """By name: how many threads ask, and what."""
    history = {"type": "chat.get_messages", "conversation_id": room}
    conversations = "/ws/chat/?rooms=all"
    typing = [
        {"type": "typing_indicator", "channel_id": channel, "is_typing": on} for on in (True, False)
    ]
    lists = [
        "/api/v1/users/", "/api/v1/channels/", "/api/v1/channels/my",
        f"/api/v1/messages/channel/{channel}?limit=1000", f"/api/v1/channels/{channel}/members",
        "/api/v1/users/search/user",
    ]  # fmt: skip
    return {
        "history": (4, lambda asker: _asks(asker, conversations, [history])),
        "history, unread": (2, lambda asker: _is_deaf(asker, conversations, history)),
        "conversations": (
            2, lambda asker: _asks(asker, conversations, [{"type": "chat.get_conversations"}]),
        ),
        "rooms": (2, lambda asker: _asks(asker, "/ws/chat", [{"type": "list_rooms"}])),
        "rooms, unread": (1, lambda asker: _is_deaf(asker, "/ws/chat", {"type": "list_rooms"})),
        "typing": (1, lambda asker: _floods(asker, "/ws", typing)),
        "coming": (2, lambda asker: _is_deaf(asker, f"/ws/chat/{handle}/", {})),
        "lists over REST": (3, lambda asker: _gets(asker, lists)),
    }  # fmt: skip


def main() -> None:
    """Prints what was answered, as JSON, when its time is over."""
    parser = argparse.ArgumentParser(prog="python -m bench.rude", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--room", type=int, required=True, help="its number")
    parser.add_argument("--channel", required=True, help="its UUID")
    parser.add_argument("--handle", required=True, help="its name")
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    os.nice(10)  # whoever measures beside it comes first
    counts: dict[str, Count] = {}
    for name, (threads, ask) in requests(options.room, options.channel, options.handle).items():
        counts[name] = Count()
        for _ in range(threads):
            asker = Asker(options.port, options.token, counts[name])
            threading.Thread(target=_again, args=(ask, asker), daemon=True).start()
    time.sleep(options.seconds)
    print(json.dumps({name: [count.answers, count.bytes] for name, count in counts.items()}))


def _again(ask: Ask, asker: Asker) -> None:
    """Whoever is refused or put out comes again, as rude people do."""
    while True:
        with suppress(OSError):
            ask(asker)
        time.sleep(0.05)


if __name__ == "__main__":
    main()

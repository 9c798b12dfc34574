"""Upgrade requests are read and answered as Hypercorn does, by h11 and its own `Handshake`."""

from typing import Any
from urllib.parse import unquote

import h11
from hypercorn.config import Config
from hypercorn.protocol.ws_stream import Handshake
from hypercorn.typing import ConnectionState
from hypercorn.utils import build_and_validate_headers
from wsproto.utilities import generate_accept_token

from trichat.wire.handshake import Scope
from trichat.worker.framing import Connection

Address = tuple[str, int] | None
Message = dict[str, Any]

# A request with one of these says more than that it asks for an upgrade.
_ODD = frozenset({b"content-length", b"transfer-encoding", b"expect"})

_ACCEPTED = (
    b"HTTP/1.1 101 \r\nsec-websocket-accept: %s\r\nupgrade: WebSocket\r\n"
    b"connection: Upgrade\r\n%s\r\n"
)


class Request:
    """A whole upgrade request that Hypercorn would put before the app, and what it makes of it."""

    def __init__(self, config: Config, parser: h11.Connection, request: h11.Request) -> None:
        # Read so, because a walk over h11's headers looks each one up.
        self.headers = [(name.lower(), value) for name, value in request.headers.raw_items()]
        self.handshake = Handshake(self.headers, "1.1")
        self.target = request.target
        self._config = config
        self._parser = parser

    @classmethod
    def of(cls, data: bytes, config: Config) -> "Request | None":
        """Return the upgrade request that the head makes; None if it is Hypercorn's to answer."""
        if not data.startswith(b"GET ") or b"websocket" not in data.lower():
            return None
        parser = Connection(config.h11_max_incomplete_size)
        parser.receive_data(data)
        try:
            event = parser.next_event()
            if not isinstance(event, h11.Request) or event.http_version != b"1.1":
                return None
            request = cls(config, parser, event)
            valid = request.handshake.upgrade is not None and request.handshake.is_valid()
        except (h11.RemoteProtocolError, UnicodeError):
            return None
        usual = _ODD.isdisjoint([name for name, _ in request.headers])
        return request if valid and usual else None

    def scope(self, client: Address, server: Address, state: ConnectionState) -> Scope:
        """Return the scope that Hypercorn would make."""
        path, _, query = self.target.partition(b"?")
        return {
            "type": "websocket",
            "asgi": {"spec_version": "2.3", "version": "3.0"},
            "scheme": "ws",
            "http_version": "1.1",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": self._config.root_path,
            "headers": self.headers,
            "client": client,
            "server": server,
            "state": state.copy(),
            "subprotocols": self.handshake.subprotocols or [],
            "extensions": {"websocket.http.response": {}},
        }

    def accepted(self, message: Message) -> bytes:
        """Return the answer that accepts. A fault in the message raises, as with Hypercorn."""
        ours = self._config.response_headers("h11")
        if not message.get("headers") and message.get("subprotocol") is None:
            assert self.handshake.key is not None
            token = generate_accept_token(self.handshake.key)
            return _ACCEPTED % (token, b"".join([b"%s: %s\r\n" % each for each in ours]))
        self.handshake.extensions = None
        status, headers, _ = self.handshake.accept(
            message.get("subprotocol"), message.get("headers", [])
        )
        answer = h11.InformationalResponse(status_code=status, headers=[*headers, *ours])
        return self._parser.send(answer) or b""

    def refused(self, start: Message, body: Message) -> bytes:
        """Return the answer that refuses. A fault in the messages raises, as with Hypercorn."""
        headers = build_and_validate_headers(start["headers"])
        headers += self._config.response_headers("h11")
        events = (
            h11.Response(status_code=int(start["status"]), headers=headers),
            h11.Data(data=bytes(body.get("body", b""))),
            h11.EndOfMessage(),
        )
        return b"".join([self._parser.send(event) or b"" for event in events])

    def behind(self) -> bytes:
        """Return what came behind the head."""
        return self._parser.trailing_data[0]

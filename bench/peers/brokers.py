"""Peers that are brokers: somebody else's server, and how one talks to it over WebSocket."""

from collections.abc import Sequence

from bench.peer import Command, Peer, Place, Seat, Speech
from bench.peers.libraries import libraries

# ---- mosquitto: MQTT 3.1.1, QoS 0, a topic for each room ----

CLEAN_SESSION = 2


def _topic(seat: Seat) -> bytes:
    return f"room/{seat.room:04d}".encode()


def _string(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _packet(head: int, body: bytes) -> bytes:
    """A control packet: its head, its remaining length in groups of seven bits, its body."""
    length, rest = bytearray(), len(body)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    length.append(rest)
    return bytes([head, *length]) + body


def _mqtt_hello(seat: Seat) -> Sequence[bytes]:
    no_keep_alive = bytes(2)
    connect = _string(b"MQTT") + bytes([4, CLEAN_SESSION]) + no_keep_alive
    return [
        _packet(0x10, connect + _string(f"user-{seat.user:05d}".encode())),
        _packet(0x82, b"\0\1" + _string(_topic(seat)) + b"\0"),
    ]


def _publish(seat: Seat, payload: bytes) -> bytes:
    return _packet(0x30, _string(_topic(seat)) + payload)


def _mosquitto(place: Place) -> Sequence[Command]:
    template = (place.peers / "programs/mosquitto.conf").read_text()
    config = place.work / "mosquitto.conf"
    config.write_text(
        template.replace("SIDE_PORT", str(place.side_port)).replace("PORT", str(place.port))
    )
    return [Command([place.program("mosquitto"), "-c", str(config)], libraries(place))]


MOSQUITTO = Peer(
    key="mosquitto",
    title="mosquitto, MQTT over WebSocket",
    language="C",
    serve=_mosquitto,
    version=lambda place: [Command([place.program("mosquitto"), "-h"], libraries(place))],
    programs=("mosquitto",),
    debian=("mosquitto", "libmosquitto1", "libcjson1", "libdlt2", "libwrap0", "libnsl2"),
    speech=Speech(
        path=lambda seat: "/",
        subprotocol="mqtt",
        binary=True,
        hello=_mqtt_hello,
        awaited=2,
        message=_publish,
    ),
    note="QoS 0",
)

# ---- nats-server: a subject for each room ----


def _subject(seat: Seat) -> bytes:
    return f"room.{seat.room:04d}".encode()


def _nats_hello(seat: Seat) -> Sequence[bytes]:
    connect = b'CONNECT {"verbose":false,"pedantic":false,"protocol":1}\r\n'
    return [connect + b"SUB %b 1\r\nPING\r\n" % _subject(seat)]


def _nats(place: Place) -> Sequence[Command]:
    config = str(place.peers / "programs/nats.conf")
    ports = {"PORT": str(place.port), "SIDE_PORT": str(place.side_port)}
    return [Command([place.program("nats-server"), "-c", config], ports)]


NATS = Peer(
    key="nats",
    title="nats-server over WebSocket",
    language="Go",
    serve=_nats,
    version=lambda place: [Command([place.program("nats-server"), "--version"])],
    programs=("nats-server",),
    debian=("nats-server",),
    speech=Speech(
        path=lambda seat: "/",
        binary=True,
        hello=_nats_hello,
        awaited=2,
        message=lambda seat, payload: (
            b"PUB %b %d\r\n%b\r\n" % (_subject(seat), len(payload), payload)
        ),
    ),
)

"""permessage-deflate (RFC 7692), agreed so that nobody keeps anything between two messages.

Neither side takes its context over: a frame is compressed once for all of a dialect, and a
connection that is silent has no window to keep.
"""

import re
import zlib

from attrs import frozen
from wsproto.extensions import Extension
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

from trichat.runtime.frames import WIDEST

NAME = "permessage-deflate"
_ANSWER = f"{NAME}; server_no_context_takeover; client_no_context_takeover"
_NARROWEST = 9  # zlib makes no raw stream of less
_TAIL = b"\x00\x00\xff\xff"  # what the sender leaves away

_BITS = re.compile(r'"?([89]|1[0-5])"?')
_SWITCHES = frozenset({"server_no_context_takeover", "client_no_context_takeover"})

# What deflate can add to input that it cannot make shorter is far less.
_OVERHEAD, _SLACK = 1000, 64


@frozen
class Agreement:
    """window: bits of the peer's window. answer: the header that says so."""

    window: int
    answer: bytes


def agree(offers: str) -> Agreement | None:
    """The first of a client's offers that can be kept; None where there is none."""
    for offer in offers.split(","):
        name, *given = (word.strip() for word in offer.split(";"))
        window = _window(given) if name.lower() == NAME else None
        if window is not None:
            narrower = f"; server_max_window_bits={window}" if window < WIDEST else ""
            return Agreement(window, (_ANSWER + narrower).encode())
    return None


def _window(given: list[str]) -> int | None:
    """What the client demands of us by these parameters; None if we cannot, or they are wrong."""
    window, seen = WIDEST, set()
    for parameter in given:
        name, says, value = (word.strip() for word in parameter.partition("="))
        if name in seen or not _is_sound(name, bool(says), value):
            return None
        seen.add(name)
        if name == "server_max_window_bits":
            window = int(value.strip('"'))
    return window if window >= _NARROWEST else None


def _is_sound(name: str, says: bool, value: str) -> bool:
    if name in _SWITCHES:
        return not says
    if name == "client_max_window_bits":
        return not says or _BITS.fullmatch(value) is not None
    return name == "server_max_window_bits" and _BITS.fullmatch(value) is not None


class Inflater(Extension):
    """Incoming messages, for wsproto's decoder. None gets longer than max_message in bytes,
    whatever it was made of: of one that would, what fits comes through, and then it is too_big.

    A fault is found where it stands, however the bytes were cut: the turn of a frame at its head,
    before its payload is looked at.
    """

    name = NAME

    def __init__(self, max_message: int) -> None:
        self._max_message = max_message
        self._most_taken = max_message + max_message // _OVERHEAD + _SLACK
        self._stream: zlib._Decompress | None = None
        self._taken = 0  # of the message, as it came
        self._given = 0  # and as it went on
        self._control = False  # whether the frame at hand is one
        self._open = False  # whether a message has begun and not ended, compressed or not
        self.too_big = False

    @property
    def at_work(self) -> bool:
        """Whether the message at hand is a compressed one."""
        return self._stream is not None

    def offer(self) -> bool:
        """A server has none to make."""
        return False

    def frame_inbound_header(
        self,
        proto: FrameDecoder | FrameProtocol,
        opcode: Opcode,
        rsv: RsvBits,
        payload_length: int,
    ) -> CloseReason | RsvBits:
        """wsproto calls it again if a head comes in two portions."""
        self._control = opcode.iscontrol()
        goes_on = opcode is Opcode.CONTINUATION
        if rsv.rsv1 and (self._control or goes_on):
            return CloseReason.PROTOCOL_ERROR
        if not self._control and goes_on is not self._open:
            return CloseReason.PROTOCOL_ERROR
        if rsv.rsv1:
            self._stream = zlib.decompressobj(-WIDEST)
            self._taken = self._given = 0
        if self.at_work and not self._control and self._taken + payload_length > self._most_taken:
            return CloseReason.MESSAGE_TOO_BIG
        return RsvBits(True, False, False)

    def frame_inbound_payload_data(
        self, proto: FrameDecoder | FrameProtocol, data: bytes
    ) -> bytes | CloseReason:
        if self._control:
            return data
        self._open = True
        if self._stream is None:
            return data
        self._taken += len(data)
        return self._inflated(self._stream, data)

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:
        if self._control or not fin:
            return None
        self._open = False
        stream, self._stream = self._stream, None
        if stream is None or stream.eof or self.too_big:
            return None
        return self._inflated(stream, _TAIL)

    def _inflated(self, stream: "zlib._Decompress", data: bytes) -> bytes | CloseReason:
        room = self._max_message - self._given
        try:
            inflated = stream.decompress(data, room + 1)
        except zlib.error:
            return CloseReason.INVALID_FRAME_PAYLOAD_DATA
        if len(inflated) > room:
            self.too_big = True
            return inflated[:room]
        if len(stream.unused_data) > 1:  # behind a final block, more than the empty one's rest
            return CloseReason.INVALID_FRAME_PAYLOAD_DATA
        self._given += len(inflated)
        return inflated

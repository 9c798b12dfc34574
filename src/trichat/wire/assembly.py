"""Messages put together from frames of any kind, as a parser without I/O.

wsproto takes the frames apart (masks, lengths, reserved bits); here they become whole messages.
"""

from codecs import getincrementaldecoder
from typing import cast

from wsproto.frame_protocol import CloseReason, Frame, FrameDecoder, Opcode, ParseFailed

from trichat.wire.deflate import Inflater
from trichat.wire.link import Binary, Broken, Closed, Ping, Pong, Received, Text

# Codes a peer may send (RFC 6455, 7.4.1, and IANA's registry); 1004 to 1006 stand for none.
_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})

_utf8 = getincrementaldecoder("utf-8")


class _BrokenMessageError(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class Assembly:
    """What one client sends, from bytes in any portions to whole messages.

    max_message: the longest message taken, in bytes of payload over all its fragments. A longer
    one is refused as soon as a frame's header announces it, before it is kept. deflate: whether
    permessage-deflate was agreed on.
    """

    def __init__(self, max_message: int, *, deflate: bool = False) -> None:
        self._inflater = Inflater(max_message) if deflate else None
        self._frames = FrameDecoder(False, [self._inflater] if self._inflater else [])
        self._max_message = max_message
        self._opcode: Opcode | None = None  # of the message begun and not ended
        self._size = 0
        self._binary = bytearray()
        self._text: list[str] = []
        self._decoder = _utf8()
        self._ended = False
        self.pieces = 0  # frames so far that ended no message

    @property
    def open(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._opcode is not None

    def feed(self, data: bytes) -> list[Received]:
        """The messages that these bytes complete, in order.

        Closed or Broken is the last one ever: what is fed after it is ignored. Never raises.
        """
        received: list[Received] = []
        if self._ended:
            return received
        self._frames.receive_bytes(data)
        try:
            self._parse(received)
        except ParseFailed as error:
            received.append(Broken(int(error.code)))
        except _BrokenMessageError as error:
            received.append(Broken(error.code))
        self._ended = bool(received) and isinstance(received[-1], Closed | Broken)
        return received

    def _parse(self, received: list[Received]) -> None:
        while (frame := self._frames.process_buffer()) is not None:
            message = _control(frame) if frame.opcode.iscontrol() else self._data(frame)
            if message is not None:
                received.append(message)
            if isinstance(message, Closed):
                return
        self._check_size()

    def _check_size(self) -> None:
        size = self._size
        header = self._frames.header
        if header is not None and not header.opcode.iscontrol():
            if not self._frames.payload_consumed:  # nothing of it came through _data yet
                self._check_turn(header.opcode)
            if self._inflater is None or not self._inflater.at_work:  # it looks for itself
                size += header.payload_len - self._frames.payload_consumed
        if size > self._max_message:
            raise _BrokenMessageError(CloseReason.MESSAGE_TOO_BIG)

    def _check_turn(self, opcode: Opcode) -> None:
        """A message goes on if one is open, and none begins within it."""
        if (opcode is Opcode.CONTINUATION) is (self._opcode is None):
            raise _BrokenMessageError(CloseReason.PROTOCOL_ERROR)

    def _data(self, frame: Frame) -> Received | None:
        # wsproto calls the later portions of one frame continuations too, as of one message.
        self._check_turn(frame.opcode)
        self._opcode = self._opcode or frame.opcode
        payload = cast(bytes, frame.payload)
        if self._inflater is not None and self._inflater.too_big:
            self._refuse(payload)
        self._size += len(payload)
        self._check_size()
        ends = frame.frame_finished and frame.message_finished
        self.pieces += frame.frame_finished and not ends
        if self._opcode is Opcode.TEXT:
            if text := self._decode(payload, ends):  # there is no end to empty fragments
                self._text.append(text)
        else:
            self._binary += payload
        return self._message() if ends else None

    def _refuse(self, payload: bytes) -> None:
        """The message gets too big behind this; it may have been wrong before."""
        if self._opcode is Opcode.TEXT:
            self._decode(payload, False)
        raise _BrokenMessageError(CloseReason.MESSAGE_TOO_BIG)

    def _decode(self, payload: bytes, ends: bool) -> str:
        try:
            return self._decoder.decode(payload, ends)
        except UnicodeDecodeError:
            raise _BrokenMessageError(CloseReason.INVALID_FRAME_PAYLOAD_DATA) from None

    def _message(self) -> Received:
        message: Received
        if self._opcode is Opcode.TEXT:
            message = Text("".join(self._text))
            self._text.clear()
        else:
            message = Binary(bytes(self._binary))
            self._binary.clear()
        self._opcode = None
        self._size = 0
        return message


def _control(frame: Frame) -> Received:
    payload = cast(bytes, frame.payload)
    if frame.opcode is Opcode.PING:
        return Ping(payload)
    if frame.opcode is Opcode.PONG:
        return Pong()
    return Closed(_close_code(payload))


def _close_code(payload: bytes) -> int:
    if not payload:
        return CloseReason.NO_STATUS_RCVD
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or code not in _CLOSE_CODES:
        raise _BrokenMessageError(CloseReason.PROTOCOL_ERROR)
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise _BrokenMessageError(CloseReason.INVALID_FRAME_PAYLOAD_DATA) from None
    return code

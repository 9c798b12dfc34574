"""Incoming WebSocket messages, as a parser without I/O.

Nearly all that chat clients send is a whole short text in one masked frame or the answer to a ping,
and these are read here, in bulk. From the first frame on that is anything else (a fragment, another
control frame, one whose rest is still to come or that breaks the protocol) wsproto reads, up to the
next border between frames at which no message is open (wire/assembly.py).
"""

from wsproto.frame_protocol import CloseReason

from trichat.wire.assembly import Assembly
from trichat.wire.link import Broken, Closed, Pong, Received, Text

_TEXT = 0x81  # the last frame of its message, no reserved bit
_PONG = 0x8A
_MASKED = 0x80
_SIZE_IN_TWO = 126
_SIZE_IN_EIGHT = 127


class Inbound:
    """What one client sends, from bytes in any portions to whole messages.

    max_message: the longest message taken, in bytes of payload over all its fragments. A longer
    one is refused as soon as a frame's header announces it, before it is kept. deflate: whether
    permessage-deflate was agreed on.
    """

    def __init__(self, max_message: int, *, deflate: bool = False) -> None:
        self._max_message = max_message
        self._deflate = deflate
        self._assembly: Assembly | None = None
        self._border = _Border()
        self._ended = False
        self.frames = 0  # that have come, whole messages or not

    def feed(self, data: bytes) -> list[Received]:
        """The messages that these bytes complete, in order.

        Closed or Broken is the last one ever: what is fed after it is ignored. Never raises.
        """
        received: list[Received] = []
        at, end = 0, len(data)
        while at < end and not self._ended:
            if self._assembly is None:
                at = self._whole_frames(data, at, received)
            else:
                at = self._assemble(self._assembly, data, at, received)
        self.frames += len(received)
        return received

    def stop(self) -> None:
        """What is fed from now on is ignored."""
        self._ended = True

    def _whole_frames(self, data: bytes, at: int, received: list[Received]) -> int:
        """Take whole texts and empty pongs from `at` on; where the first other frame begins."""
        end = len(data)
        while end - at >= 6:
            size = data[at + 1] - _MASKED
            start = at + 6
            if size == _SIZE_IN_TWO:
                size = data[at + 2] << 8 | data[at + 3]
                start = at + 8
                if size < _SIZE_IN_TWO:  # not in the fewest bytes
                    break
            elif not 0 <= size < _SIZE_IN_TWO:
                break
            stop = start + size
            if data[at] == _PONG and not size:
                received.append(Pong())
                at = stop
                continue
            if data[at] != _TEXT or size > self._max_message or stop > end:
                break
            try:
                received.append(Text(_unmasked(data[start:stop], data[start - 4 : start]).decode()))
            except UnicodeDecodeError:
                received.append(Broken(CloseReason.INVALID_FRAME_PAYLOAD_DATA))
                self._ended = True
                return end
            at = stop
        if at < end:
            self._assembly = Assembly(self._max_message, deflate=self._deflate)
        return at

    def _assemble(self, assembly: Assembly, data: bytes, at: int, received: list[Received]) -> int:
        stop = self._border.reach(data, at)
        pieces = assembly.pieces
        messages = assembly.feed(data[at:stop])
        received += messages
        self.frames += assembly.pieces - pieces
        if messages and isinstance(messages[-1], Closed | Broken):
            self._ended = True
        elif self._border.reached and not assembly.open:
            self._assembly = None
        return stop


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """As one integer: in bulk, whatever the length."""
    size = len(payload)
    pad = (mask * (size // 4 + 1))[:size]
    number = int.from_bytes(payload, "little") ^ int.from_bytes(pad, "little")
    return number.to_bytes(size, "little")


class _Border:
    """Where the frame that is being read ends; whether it is a good one is not looked at."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._left = 0  # of its payload, once the head is whole

    @property
    def reached(self) -> bool:
        """Whether no frame is open."""
        return not self._head

    def reach(self, data: bytes, at: int) -> int:
        """How far what lies from `at` on belongs to this frame, or else to the next one."""
        head = self._head
        while at < len(data) and not _is_whole(head):
            head.append(data[at])
            at += 1
            if _is_whole(head):
                self._left = _size(head)
        if not _is_whole(head):
            return at
        taken = min(self._left, len(data) - at)
        self._left -= taken
        if not self._left:
            head.clear()
        return at + taken


def _extra(head: bytearray) -> int:
    """The bytes that the length takes beyond its first one."""
    return {_SIZE_IN_TWO: 2, _SIZE_IN_EIGHT: 8}.get(head[1] & ~_MASKED, 0)


def _is_whole(head: bytearray) -> bool:
    return len(head) >= 2 and len(head) == 2 + _extra(head) + (4 if head[1] & _MASKED else 0)


def _size(head: bytearray) -> int:
    extra = _extra(head)
    return int.from_bytes(head[2 : 2 + extra], "big") if extra else head[1] & ~_MASKED

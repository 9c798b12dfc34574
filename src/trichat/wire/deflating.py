"""The outbox of a peer who agreed to permessage-deflate."""

from collections.abc import Callable

from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch
from trichat.wire.link import Link
from trichat.wire.outbox import Outbox


class DeflatingOutbox(Outbox):
    """The outbox of a peer who inflates (RFC 7692)."""

    __slots__ = ()

    @property
    def _window(self) -> int:
        """Bits of the peer's window."""
        return self._link.window or 0

    def put(self, batch: Batch) -> None:
        wide = self._window == frames.WIDEST
        super().put(batch.deflated if wide else batch.each(self._deflated))

    def answer_frame(self, frame: Outgoing) -> None:
        super().answer_frame(self._deflated(frame))

    def _text(self, payload: bytes) -> Outgoing:
        return self._deflated(frames.text(payload))

    def _deflated(self, frame: Outgoing) -> Outgoing:
        """A narrow window suffices for a message that is no longer than it."""
        (payload,) = frame.payloads or (b"",)  # a control frame has none
        return frame.deflated if 0 < len(payload) <= 1 << self._window else frame


def outbox_for(
    link: Link, limit: int, *, on_lost: Callable[[], None], on_overflow: Callable[[], None]
) -> Outbox:
    """The one that suits what was agreed on with the peer."""
    kind = Outbox if link.window is None else DeflatingOutbox
    return kind(link, limit, on_lost=on_lost, on_overflow=on_overflow)

"""Events in the frames of each dialect: encoded once, whoever gets them."""

import logging
from collections.abc import Iterable, Sequence

from trichat.core.events import Entered, Event, Exited, Numbered, StatusChanged
from trichat.dialects.port import Dialect, Push
from trichat.runtime import frames
from trichat.runtime.listener import Batch, Part

_log = logging.getLogger(__name__)


class Encoded:
    """What one dialect says of some events. frames: in order. plain: whether each of them goes to
    everyone who hears the room, and to nobody else.
    """

    __slots__ = ("frames", "plain")

    def __init__(self) -> None:
        self.frames: list[tuple[Part, Push]] = []
        self.plain = True

    def add(self, part: Part, push: Push) -> None:
        """Take in one more frame."""
        self.frames.append((part, push))
        if push.only is not None or push.without is not None or push.anywhere:
            self.plain = False


class Encoder:
    """The dialects of this server, by name."""

    def __init__(self, dialects: Iterable[Dialect]) -> None:
        self._dialects = {dialect.name: dialect for dialect in dialects}
        self._has_frame_for: dict[tuple[str, type, str, bool], bool] = {}  # by the kind of an event

    @property
    def names(self) -> Iterable[str]:
        """Of all dialects."""
        return self._dialects

    def encode(self, name: str, events: Sequence[Event]) -> Encoded:
        """The frames of one dialect. A dialect whose encoder raises goes without that event."""
        dialect = self._dialects[name]
        encoded = Encoded()
        for event in events:
            numbered = event if isinstance(event, Numbered) else None
            seq = None if numbered is None else numbered.seq
            try:
                pushes = dialect.push(event)
                for number, push in enumerate(pushes, start=1):
                    sent = number % len(pushes)  # 0 with the last: then all of it is sent
                    frame = frames.text(push.payload)
                    encoded.add(Part(seq, frame, push.ephemeral, numbered, sent), push)
            except Exception:
                _log.exception("%s cannot encode %s", name, type(event).__name__)
        return encoded

    def has_frame_for(self, name: str, event: Entered | Exited | StatusChanged) -> bool:
        """Whether a dialect has a frame for a coming, a going or a status; asked once for all of
        the kind (see Dialect.push).
        """
        if isinstance(event, StatusChanged):
            kind: tuple[str, type, str, bool] = name, StatusChanged, "", event.online
        else:
            kind = name, type(event), event.dialect, event.asked
        has_one = self._has_frame_for.get(kind)
        if has_one is None:
            try:
                has_one = self._has_frame_for[kind] = bool(self._dialects[name].push(event))
            except Exception:  # which is logged where it is encoded
                return True
        return has_one

    def parts(self, event: Event, names: Iterable[str]) -> dict[str, list[Part]]:
        """One event's frames by dialect, of these that have any, whoever they are meant for."""
        by_dialect = {name: self.encode(name, (event,)).frames for name in names}
        return {name: [part for part, _ in said] for name, said in by_dialect.items() if said}

    def batches(self, event: Event) -> dict[str, Batch]:
        """The same, joined."""
        return {name: Batch(parts) for name, parts in self.parts(event, self._dialects).items()}

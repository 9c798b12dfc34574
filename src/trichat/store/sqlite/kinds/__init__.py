"""The table of the kinds of numbered events: reads of logs, projections and archives go by it.

Whoever adds a kind adds it here, and nowhere else in the store. A name that is not here is of a
kind that another version knows: it takes its number, and all else of it is passed over.
"""

from collections.abc import Mapping
from typing import Any

from trichat.store.sqlite.kinds.kind import EventKind
from trichat.store.sqlite.kinds.members import ADMITTED, LEFT
from trichat.store.sqlite.kinds.messages import DELETED, EDITED, SAID
from trichat.store.sqlite.kinds.reactions import REACTED, UNREACTED
from trichat.store.sqlite.kinds.rooms import CHANGED

KINDS: tuple[EventKind[Any], ...] = (
    SAID,
    EDITED,
    DELETED,
    REACTED,
    UNREACTED,
    ADMITTED,
    LEFT,
    CHANGED,
)
BY_NAME: Mapping[str, EventKind[Any]] = {kind.name: kind for kind in KINDS}
BY_EVENT: Mapping[type, EventKind[Any]] = {kind.event: kind for kind in KINDS}

"""The hash of a password that comes from elsewhere may cost so much and no more.

Each login of its user computes it, with the memory and the time that the hash itself names.
"""

import base64
import binascii
import re
from typing import Final

from attrs import frozen

_FORM: Final = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,9}),t=([0-9]{1,6}),p=([0-9]{1,3})"
    r"\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{1,128})"
)
_SALT: Final = range(8, 65)  # bytes
_DIGEST: Final = range(16, 65)


@frozen
class Costs:
    """The highest cost of a hash: memory in KiB, passes over it, lanes of it."""

    memory: int = 262_144
    passes: int = 12
    lanes: int = 16

    def or_more(self, memory: int, passes: int, lanes: int) -> "Costs":
        """Return these costs, raised to what is configured where that is more."""
        return Costs(max(self.memory, memory), max(self.passes, passes), max(self.lanes, lanes))


def why_not_hash(encoded: str, *, most: Costs) -> str | None:
    """Say why the server would not compute this hash; None when it would.

    The words follow "has a hash that".
    """
    found = _FORM.fullmatch(encoded)
    if found is None:
        return "is no hash of Argon2id"
    memory, passes, lanes = (int(found[number]) for number in (1, 2, 3))
    if not (lanes and passes and memory >= 8 * lanes):
        return "is no hash of Argon2id"
    if _size(found[4]) not in _SALT or _size(found[5]) not in _DIGEST:
        return "is no hash of Argon2id"
    if memory > most.memory or passes > most.passes or lanes > most.lanes:
        return (
            f"costs more than {most.memory} KiB, {most.passes} passes or {most.lanes} lanes"
            " (more is taken where auth.argon2_… says more)"
        )
    return None


def _size(text: str) -> int:
    """Return how many bytes the text encodes without padding; 0 if it is not written so."""
    padded = text + "=" * (-len(text) % 4)
    try:
        data = base64.b64decode(padded, validate=True)
    except binascii.Error:
        return 0
    return len(data) if base64.b64encode(data).decode() == padded else 0

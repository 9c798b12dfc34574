"""How many come from one address."""

from collections import Counter

from trichat.settings.addresses import NOBODY


class ConnectionsPerAddress:
    """Open connections by address."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, address: str, most: int) -> bool:
        """One comes: whether it is within the bound; 0 is any number. leave() must follow."""
        if address == NOBODY:
            return True
        self._open[address] += 1
        return not most or self._open[address] <= most

    def leave(self, address: str) -> None:
        """It has ended, welcome or not."""
        if address == NOBODY:
            return
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

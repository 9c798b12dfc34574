"""Every message that was sent, and whether the server said that it has it."""

from collections import Counter
from pathlib import Path

import apsw
from attrs import define, field

MARK = "soak-"


@define
class Ledger:
    """acknowledged: the texts whose senders were told so. Others may or may not be stored."""

    sent: int = 0
    acknowledged: set[str] = field(factory=set)
    connections: int = 0
    cut_by_server: Counter[int] = field(factory=Counter)  # by close code

    def text(self) -> str:
        """Of a new message; no two are the same."""
        self.sent += 1
        return f"{MARK}{self.sent:08d} "


def lost_and_doubled(database: Path, ledger: Ledger) -> tuple[int, int]:
    """Of what was acknowledged, how many are not in the history; of all, how many stand twice."""
    db = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = db.execute("SELECT text FROM messages WHERE text GLOB ?", (f"{MARK}*",))
        stored = Counter(text.strip() for (text,) in rows)
    finally:
        db.close()
    lost = sum(text.strip() not in stored for text in ledger.acknowledged)
    return lost, sum(count > 1 for count in stored.values())

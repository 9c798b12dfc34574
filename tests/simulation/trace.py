"""What happened, in order: the account of a run, the same for the same seed in any process."""

from tests.simulation.agenda import Agenda

LONGEST = 2000  # characters


class Trace:
    """In simulated seconds. Long lines are cut."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.lines: list[tuple[float, str, str]] = []

    def add(self, who: str, what: str) -> None:
        """Somebody did something."""
        cut = what if len(what) <= LONGEST else f"{what[:LONGEST]}… ({len(what)} characters)"
        self.lines.append((self._agenda.now, who, cut))

    def text(self) -> str:
        """One line each."""
        return "\n".join(f"{at:9.3f}  {who:18} {what}" for at, who, what in self.lines)

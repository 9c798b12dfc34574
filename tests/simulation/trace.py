"""What happened, in order: the account of a run, the same for the same seed in any process."""

from tests.simulation.agenda import Agenda


class Trace:
    """In simulated seconds."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.lines: list[tuple[float, str, str]] = []

    def add(self, who: str, what: str) -> None:
        """Somebody did something."""
        self.lines.append((self._agenda.now, who, what))

    def text(self) -> str:
        """One line each."""
        return "\n".join(f"{at:9.3f}  {who:18} {what}" for at, who, what in self.lines)

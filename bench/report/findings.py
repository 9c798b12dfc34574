"""What the rows of a campaign amount to: medians, spreads, ratios within a round."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from bench.client import Outcome
from bench.results import Campaign, Measured, Row


@frozen
class Spread:
    """The median of some rounds, and their least and most."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread | None":
        """None of no values."""
        known = sorted(values)
        if not known:
            return None
        return cls(statistics.median(known), known[0], known[-1], len(known))

    def __str__(self) -> str:
        if self.count == 1:
            return number(self.median)
        return f"{number(self.median)} ({number(self.low)}–{number(self.high)})"


def number(value: float) -> str:
    """Three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


Metric = Callable[[Outcome], float]


def us(outcome: Outcome) -> float:
    """Server CPU of a delivery in microseconds."""
    return outcome.us_per_delivery


def p50(outcome: Outcome) -> float:
    """Milliseconds from sending to arriving."""
    return outcome.latency.p50


def p99(outcome: Outcome) -> float:
    """Milliseconds from sending to arriving."""
    return outcome.latency.p99


def acknowledged_p50(outcome: Outcome) -> float:
    """Milliseconds to the answer, or to one's own message where there are no answers."""
    return (outcome.answers if outcome.answers.count else outcome.latency).p50


def acknowledged_p99(outcome: Outcome) -> float:
    """Milliseconds to the answer, or to one's own message where there are no answers."""
    return (outcome.answers if outcome.answers.count else outcome.latency).p99


def per_second(outcome: Outcome) -> float:
    """Deliveries."""
    return outcome.deliveries / outcome.seconds


def us_per_message(outcome: Outcome) -> float:
    """Server CPU of a message that its sender alone hears."""
    return outcome.us_per_delivery


def handshake_ms(outcome: Outcome) -> float:
    """Server CPU until a connection is ready."""
    return outcome.connect_cpu * 1e3 / outcome.connections


def kib(outcome: Outcome) -> float:
    """Memory of a connection."""
    return (outcome.rss - outcome.rss_before) / outcome.connections


def idle_share(outcome: Outcome) -> float:
    """Percent of a processor."""
    return 100 * outcome.cpu / outcome.seconds


class Findings:
    """A campaign, to be asked."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in campaign.rows:
            self._rows.setdefault((row.subject, row.row), []).append(row)

    @property
    def subjects(self) -> Sequence[Measured]:
        """Those that were there."""
        return [subject for subject in self.campaign.subjects if not subject.missing]

    def has(self, workloads: str) -> bool:
        """Whether one of these letters was part of the run."""
        return any(row.workload in workloads for row in self.campaign.rows)

    def by_round(self, subject: str, row: str, metric: Metric) -> Mapping[int, float]:
        """Where nothing was lost, out of order or broken off."""
        return {
            found.round: metric(found.outcome)
            for found in self._rows.get((subject, row), ())
            if found.outcome is not None and not found.fault
        }

    def spread(self, subject: str, row: str, metric: Metric) -> Spread | None:
        """Over the rounds."""
        return Spread.of(self.by_round(subject, row, metric).values())

    def values(self, subject: str, row: str, name: str) -> Spread | None:
        """What a workload measured by itself."""
        rows = self._rows.get((subject, row), ())
        return Spread.of(found.values[name] for found in rows if name in found.values)

    def faults(self, subject: str, row: str) -> Sequence[str]:
        """Why there is no number, or not one of each round."""
        return [found.fault for found in self._rows.get((subject, row), ()) if found.fault]

    def ratio(self, one: tuple[str, str], other: tuple[str, str], metric: Metric) -> Spread | None:
        """(subject, row) by (subject, row), each round by itself."""
        above = self.by_round(*one, metric)
        below = self.by_round(*other, metric)
        return Spread.of(above[turn] / below[turn] for turn in above if below.get(turn))

    def least(self, subjects: Iterable[str], row: str, metric: Metric) -> str | None:
        """The subject with the least median."""
        found = {key: self.spread(key, row, metric) for key in subjects}
        known = {key: spread.median for key, spread in found.items() if spread is not None}
        return min(known, key=known.__getitem__) if known else None

"""Results by hand."""

from typing import Any

from bench.client import Outcome, read
from bench.results import Campaign, Measured, Row

TIMES = {"count": 0, "p50": 0.0, "p90": 0.0, "p99": 0.0, "max": 0.0}


def outcome(**given: Any) -> Outcome:
    """As the client prints it, with these values: 1 s, of which nothing was used."""
    known: dict[str, Any] = {
        "connections": 100, "connect_seconds": 1.0, "connect_cpu": 0.1, "rss_before": 1000.0,
        "rss": 4000.0, "seconds": 1.0, "cpu": 0.0, "user": 0.0, "system": 0.0, "processes": 1,
        "client_cpu": 0.1, "foreign_cpu": 0.05, "stolen": 0.0, "closed": 0, "why": "",
        "sent": 1, "deliveries": 100, "expected": 100, "received": 100, "disordered": 0,
        "orders": 0, "stalled": False, "latency": TIMES, "answers": TIMES,
    }  # fmt: skip
    return read({**known, **given})


def campaign(*rows: Row, missing: str = "") -> Campaign:
    """Of trichat and FastAPI."""
    return Campaign(
        {"date": "2026-01-01", "processor": "one"}, "python -m bench", True, 3, 1.5, "[log]\n",
        [
            Measured("trichat", "trichat, SQLite", "Python", True, "", "1", ""),
            Measured("fastapi", "FastAPI", "Python", False, "", "2", missing),
        ],
        list(rows),
    )  # fmt: skip


def row(subject: str, name: str, turn: int, us: float, fault: str = "", **given: Any) -> Row:
    """A round in which a delivery cost so many microseconds."""
    found = outcome(cpu=us * 100 / 1e6, **given)
    return Row(name[0], name, subject, turn, fault or found.fault, found)

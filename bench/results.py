"""What was measured: a line of JSON each, so that nothing is lost when a run is broken off."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cattrs
from attrs import asdict, field, frozen

from bench.client import Outcome


@frozen
class Row:
    """One load on one subject in one round."""

    workload: str
    row: str
    subject: str
    round: int
    # Why there is no number; empty if there is one.
    fault: str = ""
    outcome: Outcome | None = None
    # What a workload measured by itself, by name.
    values: Mapping[str, float] = field(factory=dict)


@frozen
class Measured:
    """A subject in this run."""

    key: str
    title: str
    language: str
    stores: bool
    note: str
    version: str
    missing: str


@frozen
class Campaign:
    """A whole run."""

    machine: Mapping[str, str]
    command: str
    # Whether everything was measured: only then does the report stand in docs.
    whole: bool
    rounds: int
    seconds: float
    config: str
    subjects: list[Measured]
    rows: list[Row] = field(factory=list)


class Recorder:
    """Writes a campaign as it goes."""

    def __init__(self, path: Path, campaign: Campaign) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.campaign = campaign
        head: dict[str, Any] = asdict(campaign)
        del head["rows"]
        path.write_text(json.dumps(head) + "\n")

    def add(self, row: Row) -> None:
        self.campaign.rows.append(row)
        with self.path.open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def load(path: Path) -> Campaign:
    """From a file that a recorder wrote."""
    lines = _lines(path)
    campaign = cattrs.structure({**next(lines), "rows": []}, Campaign)
    campaign.rows.extend(cattrs.structure(line, Row) for line in lines)
    return campaign


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open() as file:
        for line in file:
            yield json.loads(line)

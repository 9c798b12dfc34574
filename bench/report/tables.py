"""Tables in Markdown."""

import textwrap
from collections.abc import Callable, Sequence

from bench.report import findings as f
from bench.report.findings import Findings, Metric, Spread
from bench.results import Measured

NOTHING = "–"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column is text, the others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return [*lines, *("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows), ""]


def prose(text: str) -> list[str]:
    """A paragraph."""
    return [*textwrap.wrap(text, 98, break_long_words=False, break_on_hyphens=False), ""]


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Text alone."""
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    return [*lines, *("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows), ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def of_subjects(
    findings: Findings, columns: Sequence[tuple[str, str, Metric]], order: tuple[str, Metric]
) -> list[str]:
    """A row for each subject that has a number or a fault; columns are (head, row, metric)."""

    def place(subject: Measured) -> float:
        found = findings.spread(subject.key, *order)
        return found.median if found else float("inf")

    rows = []
    for subject in sorted(findings.subjects, key=place):
        cells = [_number(findings, subject.key, row, metric) for _, row, metric in columns]
        if any(cell != NOTHING for cell in cells):
            own = subject.key.startswith("trichat")
            rows.append([f"**{subject.title}**" if own else subject.title, *cells])
    return table(["server", *(head for head, _, _ in columns)], rows)


def _number(findings: Findings, subject: str, row: str, metric: Metric) -> str:
    found = findings.spread(subject, row, metric)
    if found is not None:
        return str(found)
    return "failed" if findings.faults(subject, row) else NOTHING


def faults(findings: Findings, is_of: Callable[[str], bool]) -> list[str]:
    """Every run that gave no number, and why."""
    lines = [
        f"- {row.subject}, {row.row}, round {row.round + 1}: {_first_line(row.fault)}"
        for row in findings.campaign.rows
        if row.fault and is_of(row.workload)
    ]
    return ["Runs that gave no number:", "", *lines, ""] if lines else []


def _first_line(text: str) -> str:
    return " ".join(text.split())[:300]


def shown(found: Spread | None) -> str:
    """Or a dash."""
    return NOTHING if found is None else str(found)


def percent(found: Spread | None) -> str:
    """Of a share."""
    return NOTHING if found is None else f"{f.number(found.median)} %"

"""The section that shows where trichat's own time goes."""

from collections.abc import Sequence

from bench.report.findings import Findings
from bench.report.goals import OURS
from bench.report.sections import Section
from bench.report.tables import prose, shown, table

ROWS = ("A100 W1", "B")
SHOWN = 20


def profile(findings: Findings) -> Section:
    """A100 W1 and B."""
    return Section(
        [
            "## Profile: where the time goes",
            "",
            *prose(
                "trichat committing to SQLite, the functions with the largest share of samples in "
                "themselves, with what they call in C and in the kernel: writing to a socket "
                "is `write_now`, SQLite is the store's."
            ),
            *(line for row in ROWS for line in _of(findings, row)),
        ]
    )


def _of(findings: Findings, row: str) -> Sequence[str]:
    names = {
        name
        for found in findings.campaign.rows
        if found.row == f"profile {row}"
        for name in found.values
    }
    spreads = {name: findings.values(OURS, f"profile {row}", name) for name in names}
    known = {name: spread for name, spread in spreads.items() if spread is not None}
    most = sorted(known, key=lambda name: -known[name].median)[:SHOWN]
    lines = [[f"`{name}`", shown(known[name])] for name in most]
    return table([row, "% of samples"], lines) if lines else []

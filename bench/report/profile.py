"""The section that shows where trichat's own time goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from bench.report.findings import Findings, Spread
from bench.report.goals import OURS
from bench.report.sections import Section
from bench.report.tables import NOTHING, prose, table

ROWS = ("A100 W1", "B", "C", "D100 each 16", "G 100 rooms of 3")
SHOWN = 20


def profile(findings: Findings) -> Section:
    """Of each row the functions, and beside them the packages."""
    return Section(
        [
            "## Profile: where the time goes",
            "",
            *prose(
                "trichat committing to SQLite, the functions and the packages with the largest "
                "share of samples in themselves, with what they call in C and in the kernel: "
                "writing to sockets is `FanOut._put`, and `write_now` for what is one's own; "
                "SQLite is the store's. A sample counts for "
                "a thread also while it waits for the processor or for its turn in the "
                "interpreter."
            ),
            *(line for row in ROWS for line in _of(findings, row)),
        ]
    )


def _of(findings: Findings, row: str) -> Sequence[str]:
    rounds = [
        found.values
        for found in findings.campaign.rows
        if found.subject == OURS and found.row == f"profile {row}" and not found.fault
    ]
    if not rounds:
        return []
    functions = _largest(rounds, "`{}`")
    packages = _largest([_by_package(shares) for shares in rounds], "{}")
    lines = [
        [*one, *other]
        for one, other in zip_longest(functions, packages, fillvalue=(NOTHING, NOTHING))
    ]
    return table([row, "% of samples", "package", "% of samples "], lines)


def _largest(rounds: Sequence[Mapping[str, float]], form: str) -> Sequence[tuple[str, str]]:
    names = {name for shares in rounds for name in shares}
    spreads = {name: Spread.of(shares.get(name, 0) for shares in rounds) for name in names}
    known = [(name, spread) for name, spread in spreads.items() if spread is not None]
    known.sort(key=lambda found: -found[1].median)
    return [(form.format(name), str(spread)) for name, spread in known[:SHOWN]]


def _by_package(shares: Mapping[str, float]) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for name, share in shares.items():
        found[_package(name.rpartition("(")[2].rstrip(")").split("/"))] += share
    return found


def _package(path: Iterable[str]) -> str:
    """Of ours two levels, of others one; what has no folder is Python's own."""
    parts = [part for part in path if not part.startswith("<")]
    if len(parts) < 2:
        return "Python's library"
    return "/".join(parts[:2]) if parts[0] == "trichat" else parts[0]

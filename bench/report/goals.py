"""The goals, and how far they are met: ratios within one round, and a few times."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from attrs import frozen

from bench.before import EARLIER, Before
from bench.report import findings as f
from bench.report.findings import Findings, Spread

FASTAPI = {
    "A100 W1": 0.65,
    "A100 W32": 0.12,
    "A1000 W1": 0.35,
    "A1000 W32": 0.06,
    "B": 0.60,
}
ROUTERS = ("node", "gorilla", "mosquitto", "nats")
BEST_OF = {
    "A100 W1": ROUTERS,
    "A1000 W1": ROUTERS,
    "A100 W32": ROUTERS,
    "A1000 W32": ROUTERS,
    "B": ("node", "gorilla"),
}
IDLE = {
    "memory of a connection": f.kib,
    "CPU of a handshake": f.handshake_ms,
    "CPU while idle": f.idle_share,
}
OURS, MEMORY, LIMIT = "trichat", "trichat-memory", "limit"


@frozen
class Goal:
    """What was wanted, and what came of it; None where it was not measured."""

    workload: str
    text: str
    bound: str
    found: Spread | None
    met: bool | None


def at_most(workload: str, text: str, found: Spread | None, bound: float, unit: str = "") -> Goal:
    """The median decides."""
    met = None if found is None else found.median <= bound
    return Goal(workload, text, f"≤ {f.number(bound)}{unit}", found, met)


def goals(findings: Findings) -> Sequence[Goal]:
    """All of them, also those that this run did not measure."""
    parts: tuple[Callable[[Findings], Iterator[Goal]], ...] = (
        _against_fastapi, _against_the_best, _against_ourselves, _idle, _durable, _mixed, _history,
        _growth, _storm, _rude,
    )  # fmt: skip
    return [goal for part in parts for goal in part(findings)]


def _against_fastapi(findings: Findings) -> Iterator[Goal]:
    for row, bound in FASTAPI.items():
        found = findings.ratio((OURS, row), ("fastapi", row), f.us)
        yield at_most(row[0], f"{row}: committing to SQLite, by FastAPI", found, bound)


def _against_the_best(findings: Findings) -> Iterator[Goal]:
    for row, rivals in BEST_OF.items():
        best = findings.least(rivals, row, f.us)
        found = findings.ratio((MEMORY, row), (best, row), f.us) if best else None
        name = best or ", ".join(rivals)
        met = None if found is None else found.median < 1
        yield Goal(row[0], f"{row}: memory store, by the best ({name})", "< 1", found, met)
    found = findings.ratio((MEMORY, "A1000 W1"), (LIMIT, "A1000 W1"), f.us)
    yield at_most("A", "A1000 W1: memory store, by the C limit", found, 1.6)


def _against_ourselves(findings: Findings) -> Iterator[Goal]:
    """Nothing becomes slower."""
    for before in EARLIER:
        yield from _against(before, findings)


def _against(before: Before, findings: Findings) -> Iterator[Goal]:
    ours, theirs = before.ours, before.key
    for row in (*FASTAPI, *durable(findings)):
        if findings.spread(theirs, row, f.us):
            found = findings.ratio((ours, row), (theirs, row), f.us)
            yield at_most(row[0], f"{row}, by {before.title}", found, before.slower)
    for name, metric in IDLE.items():
        found = findings.ratio((ours, "C"), (theirs, "C"), metric)
        yield at_most("C", f"{name}, by {before.title}", found, before.slower)
    storm = findings.ratio((ours, "H"), (theirs, "H"), lambda outcome: outcome.cpu)
    if storm:
        yield at_most("H", f"CPU of the storm, by {before.title}", storm, before.slower)


def durable(findings: Findings) -> list[str]:
    """Rows of D, in the order in which they were measured."""
    rows = (row.row for row in findings.campaign.rows if row.workload == "D")
    return [row for row in dict.fromkeys(rows) if row != "fdatasync"]


def _idle(findings: Findings) -> Iterator[Goal]:
    for name, metric in IDLE.items():
        found = findings.ratio((OURS, "C"), ("fastapi", "C"), metric)
        yield at_most("C", f"{name}, by FastAPI", found, 1)


def _durable(findings: Findings) -> Iterator[Goal]:
    found = findings.spread(OURS, "D100 each 16", f.per_second)
    met = None if found is None else found.median >= 20_000
    yield Goal("D", "messages a second, 100 senders", "≥ 20,000", found, met)
    waited = findings.spread(OURS, "D100 rate 1000", f.acknowledged_p99)
    synced = findings.values("machine", "fdatasync", "p50")
    above = None
    if waited and synced:
        above = Spread.of(v - synced.median for v in (waited.low, waited.median, waited.high))
    yield at_most(
        "D", "p99 acknowledgement at 1,000 a second, above the median fdatasync", above, 5, " ms"
    )


def _mixed(findings: Findings) -> Iterator[Goal]:
    for row, beside in (("E W1", "A100 W1 beside E"), ("E W32", "A100 W32 beside E, padded")):
        found = findings.ratio((OURS, row), (OURS, beside), f.us)
        yield at_most("E", f"{row}, by {beside}", found, 1.5)


def _history(findings: Findings) -> Iterator[Goal]:
    small = findings.values(OURS, "F page of 1,000", "p50")
    large = findings.values(OURS, "F page of 1,000,000", "p50")
    ratio = Spread.of([large.median / small.median]) if small and large else None
    yield at_most("F", "p50 of a page, 1,000,000 messages by 1,000", ratio, 1.5)
    found = findings.values(OURS, "F search", "p50")
    yield at_most("F", "user search, p50", found, 5, " ms")


def _growth(findings: Findings) -> Iterator[Goal]:
    for what in ("members", "rooms"):
        yield at_most(
            "G", f"growth of cost with {what}, by the C limit's; the worst of all pairs of sizes",
            worst_growth(findings, what), 1.2,
        )  # fmt: skip
    found = findings.values(OURS, "G start full", "seconds")
    yield at_most("G", "start-up with 100,000 rooms", found, 2, " s")


def sizes(findings: Findings, what: str) -> list[str]:
    """Rows of growth, in the order in which they were measured."""
    rows = (row.row for row in findings.campaign.rows if row.subject == OURS)
    return list(dict.fromkeys(row for row in rows if row.startswith("G ") and f" {what}" in row))


def worst_growth(findings: Findings, what: str) -> Spread | None:
    """How much faster than the limit's our cost grows between any two sizes."""
    found = []
    for small, large in combinations(sizes(findings, what), 2):
        ours = findings.ratio((OURS, large), (OURS, small), f.us)
        limit = findings.ratio((LIMIT, large), (LIMIT, small), f.us)
        if ours and limit:
            found.append(ours.median / limit.median)
    return Spread.of([max(found)]) if found else None


def _storm(findings: Findings) -> Iterator[Goal]:
    cpu = findings.spread(OURS, "H", lambda outcome: outcome.cpu)
    yield at_most("H", "CPU of the storm", cpu, 5, " s")
    p99 = findings.spread(OURS, "H others", f.p99)
    yield at_most("H", "p99 of other clients meanwhile", p99, 100, " ms")


def _rude(findings: Findings) -> Iterator[Goal]:
    found = findings.ratio((OURS, "R rude"), (OURS, "R none"), f.p99)
    yield at_most("R", "p99 of others beside a rude member, by that without", found, 2)
    peak = findings.values(OURS, "R rude, memory", "peak_mib")
    yield at_most("R", "memory that a rude member takes", peak, 64, " MiB")

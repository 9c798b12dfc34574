"""The report's sections, one for each workload. Each is a function of the findings: its lines, and
its plots by name.
"""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from bench.report import findings as f
from bench.report import plots
from bench.report.findings import Findings, Metric, Spread
from bench.report.goals import LIMIT, MEMORY, OURS, sizes
from bench.report.goals import durable as durable_rows
from bench.report.tables import faults, of_subjects, prose, shown, table
from bench.workloads.fanout import SLOW

FANOUT = ("A100 W1", "A100 W32", "A1000 W1", "A1000 W32", "B")
PINGED = "C chats, a ping each second"
OWN = ("trichat, SQLite", "trichat, memory")


@frozen
class Section:
    """A part of the page."""

    lines: Sequence[str]
    plots: Mapping[str, str] = field(factory=dict)


def _picture(name: str, what: str) -> list[str]:
    return [f"![{what}](performance/{name}.svg)", ""]


def _of_all(findings: Findings, row: str, metric: Metric) -> dict[str, Spread]:
    found = {s.title: findings.spread(s.key, row, metric) for s in findings.subjects}
    return {title: spread for title, spread in found.items() if spread is not None}


def fanout(findings: Findings) -> Section:
    """A and B."""
    drawn = {}
    pictures: list[str] = []
    for row in FANOUT:
        known = _of_all(findings, row, f.us)
        if known:
            name = row.lower().replace(" ", "-")
            title = f"{row}: server CPU of a delivery"
            drawn[name] = plots.dots(title, "microseconds, logarithmic", known, OWN)
            pictures += _picture(name, title)
    columns = [(row, row, f.us) for row in FANOUT]
    return Section(
        [
            "## A and B: fan-out",
            "",
            *prose(
                "Server CPU of one delivery in microseconds, user and system, of all the "
                "server's processes: the median of the rounds (least–most). A100 is one "
                "room of 100 members, A1000 of 1000: one of them talks, all hear. W is "
                "how many messages are under way, that is sent but not yet heard by all. "
                "B is 100 rooms of 10 in which everybody talks, W = 32. Who needs more than "
                f"{SLOW} µs in A1000 W1 is spared the rest of A1000."
            ),
            *of_subjects(findings, columns, ("A100 W1", f.us)),
            *pictures,
            *faults(findings, lambda workload: workload in ("A", "B")),
        ],
        drawn,
    )


def latency(findings: Findings) -> Section:
    """A at a fixed rate."""
    columns = [
        (f"{key} {name}", f"{key} rate", metric)
        for key in ("A100", "A1000")
        for name, metric in (("p50", f.p50), ("p99", f.p99), ("µs", f.us))
    ]
    return Section(
        [
            "### Latency at a fixed rate",
            "",
            *prose(
                "100 messages a second in A100 and 10 in A1000, which is 10,000 "
                "deliveries a second. Milliseconds from the time at which a message was "
                "due to its arrival at each member; µs is server CPU of a delivery. A "
                "server that cannot keep up shows seconds here."
            ),
            *of_subjects(findings, columns, ("A100 rate", f.p50)),
        ]
    )


def idle(findings: Findings) -> Section:
    """C."""
    columns = [
        ("KiB each", "C", f.kib),
        ("handshake, ms of CPU", "C", f.handshake_ms),
        ("idle, % of a processor", "C", f.idle_share),
    ]
    known = _of_all(findings, "C", f.kib)
    parts = [
        (row.row, row.row)
        for row in findings.campaign.rows
        if row.row.startswith("C ") and row.subject == OURS
    ]
    spoken = [
        [
            row.removeprefix("C "),
            *(shown(findings.spread(OURS, row, metric)) for metric in
              (f.kib, f.handshake_ms, f.idle_share)),
        ]
        for row, _ in dict.fromkeys(parts)
    ]  # fmt: skip
    pings = shown(findings.values(OURS, PINGED, "us_per_ping"))
    drawn = {}
    if known:
        drawn["idle-memory"] = plots.dots("C: memory of a connection", "KiB", known, OWN)
    return Section(
        [
            "## C: idle connections",
            "",
            *prose(
                "2000 connections in rooms of 20. Memory is the growth of the processes' "
                "resident set; the handshake is all CPU until a connection is ready, with "
                "trichat's token and subscription in it."
            ),
            *of_subjects(findings, columns, ("C", f.kib)),
            *(_picture("idle-memory", "memory of a connection") if known else []),
            *(["What a connection of trichat costs in each dialect, 500 of them:", ""] if spoken
              else []),
            *(table(["dialect", *(head for head, _, _ in columns)], spoken) if spoken else []),
            *prose(
                f"A ping and its answer cost trichat {pings} µs; by default there is one in 25 s,"
                " in the lobby in 54 s."
            ),
            *faults(findings, lambda workload: workload == "C"),
        ],
        drawn,
    )  # fmt: skip


def durable(findings: Findings) -> Section:
    """D."""
    rows = durable_rows(findings)
    lines: list[list[str]] = []
    for row in rows:
        for subject in findings.subjects:
            rate = findings.spread(subject.key, row, f.per_second)
            if rate is not None:
                lines.append([
                    _alone(row), subject.title, str(rate),
                    *(shown(findings.spread(subject.key, row, metric)) for metric in
                      (f.acknowledged_p50, f.acknowledged_p99, f.us)),
                ])  # fmt: skip
    synced = [shown(findings.values("machine", "fdatasync", name)) for name in ("p50", "p99")]
    return Section(
        [
            "## D: durable messages",
            "",
            *prose(
                "Senders, each alone in a room of their own. The acknowledgement is the "
                "server's answer; where a server gives none, one's own message. Appending "
                f"4 KiB and fdatasync took this machine {synced[0]} ms (p50) and "
                f"{synced[1]} ms (p99) in the same run, nothing else running."
            ),
            *table(
                ["senders", "server", "messages a second", "p50 ms", "p99 ms", "µs a message"],
                lines,
            ),
            *faults(findings, lambda workload: workload == "D"),
        ]
    )


def _alone(row: str) -> str:
    senders, kind, count = row.split()
    if kind == "rate":
        return f"{senders[1:]}, together {int(count):,} a second"
    return f"{senders[1:]}, each {count} under way"


def mixed(findings: Findings) -> Section:
    """E."""
    rows = list(dict.fromkeys(r.row for r in findings.campaign.rows if r.workload == "E"))
    lines = [
        [
            row,
            *(
                shown(findings.spread(key, row, metric))
                for key in (OURS, MEMORY)
                for metric in (f.us, lambda outcome: outcome.frame_bytes)
            ),
        ]
        for row in rows
    ]
    heads = ["", "SQLite, µs", "bytes of a frame", "memory, µs", "bytes of a frame"]
    return Section(
        [
            "## E: a mixed audience",
            "",
            *prose(
                "A room of 100, 20 of each dialect, one of whom talks in chats; beside "
                "it, on the same server, the same room with chats alone, at W32 with "
                "messages so long that its frames have the mean length of the mixed "
                "room's."
            ),
            *table(heads, lines),
            *faults(findings, lambda workload: workload == "E"),
        ]
    )


def history(findings: Findings) -> Section:
    """F."""
    rows = list(dict.fromkeys(r.row for r in findings.campaign.rows if r.workload == "F"))
    lines = [
        [
            row.removeprefix("F "),
            *(shown(findings.values(OURS, row, name)) for name in ("p50", "p99")),
        ]
        for row in rows
    ]
    return Section(
        [
            "## F: history and search",
            "",
            *prose(
                "Milliseconds as a client sees them, one request after another, each page "
                "from another place of the room. 100,000 users are searched."
            ),
            *table(["", "p50 ms", "p99 ms"], lines),
            *faults(findings, lambda workload: workload == "F"),
        ]
    )


def growth(findings: Findings) -> Section:
    """G."""
    drawn = {}
    pictures: list[str] = []
    lines = []
    for what in ("members", "rooms"):
        series: dict[str, list[tuple[float, Spread]]] = {}
        for row in sizes(findings, what):
            size = float(row.split()[1])
            cells = []
            for key, name in ((OURS, "trichat"), (LIMIT, "C limit")):
                found = findings.spread(key, row, f.us)
                cells.append(shown(found))
                if found is not None:
                    series.setdefault(name, []).append((size, found))
            cells.append(shown(findings.ratio((OURS, row), (LIMIT, row), f.us)))
            lines.append([row.removeprefix("G "), *cells])
        if series:
            title = f"G: server CPU of a delivery by {what}"
            drawn[f"growth-{what}"] = plots.lines(title, "microseconds", what, series)
            pictures += _picture(f"growth-{what}", title)
    starts = [
        [f"{kind} database", *(shown(findings.values(OURS, f"G start {kind}", name))
                               for name in ("seconds", "mib"))]
        for kind in ("empty", "full")
    ]  # fmt: skip
    return Section(
        [
            "## G: growth",
            "",
            *prose(
                "Server CPU of a delivery in microseconds, one message under way in a "
                "growing room, 32 in growingly many rooms."
            ),
            *table(["", "trichat, SQLite", "C limit", "ratio"], lines),
            *pictures,
            *prose(
                "From the start of the process until it listens, and its memory then; the "
                "full database holds 100,000 rooms, 100,000 users and 2,000,000 messages."
            ),
            *table(["", "seconds", "MiB"], starts),
            *faults(findings, lambda workload: workload == "G"),
        ],
        drawn,
    )


def storm(findings: Findings) -> Section:
    """H."""
    metrics: Sequence[tuple[str, Metric]] = (
        ("server CPU, s", lambda outcome: outcome.cpu),
        ("frames sent to them", lambda outcome: float(outcome.frames)),
        ("all connected again, s", lambda outcome: outcome.back_seconds),
        ("until the last frame, s", lambda outcome: outcome.seconds),
    )
    lines = [[name, shown(findings.spread(OURS, "H", metric))] for name, metric in metrics]
    lines += [
        [f"other clients, {name} ms", shown(findings.spread(OURS, "H others", metric))]
        for name, metric in (("p50", f.p50), ("p99", f.p99))
    ]
    return Section(
        [
            "## H: a presence storm",
            "",
            *prose(
                "2000 users of the channels dialect, all in one room and each in 20 "
                "others, lose their connections in one moment and come back in the next. "
                "Meanwhile 20 others, in a room of their own, hear 50 messages a second."
            ),
            *table(["", "trichat, SQLite"], lines),
            *faults(findings, lambda workload: workload == "H"),
        ]
    )

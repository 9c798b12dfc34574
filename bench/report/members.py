"""The sections on members who are slow or rude, and what others feel of them."""

from bench.report import findings as f
from bench.report.findings import Findings
from bench.report.goals import OURS
from bench.report.sections import Section
from bench.report.tables import faults, prose, shown, table

CROWDS = ("reading", "stuck")


def rude(findings: Findings) -> Section:
    """R."""
    lines = [
        [title, *(shown(findings.spread(OURS, f"R {beside}", metric)) for metric in (f.p50, f.p99))]
        for beside, title in (("none", "nobody"), ("rude", "the rude member"))
    ]
    rows = [row for row in findings.campaign.rows if row.row == "R rude, memory"]
    names = dict.fromkeys(
        name.partition(":")[0] for row in rows for name in row.values if ":" in name
    )
    asked = [
        [name, *(shown(findings.values(OURS, "R rude, memory", f"{name}: {what}"))
                 for what in ("answers", "MB"))]
        for name in names
    ]  # fmt: skip
    peak = shown(findings.values(OURS, "R rude, memory", "peak_mib"))
    return Section(
        [
            "## R: a rude member",
            "",
            *prose(
                "A room of 20 with 50 messages a second, alone and beside one member of another "
                "room who asks for all there is as fast as it is answered: on a server with "
                "60,000 users and 10,000 rooms the history of 10,000 messages, every list over "
                "REST and sockets, typing as fast as it is taken, coming again and again, on 17 "
                "connections, of which five read nothing. Milliseconds until a message has "
                "arrived at each of the 20."
            ),
            *table(["beside", "p50", "p99"], lines),
            *prose(f"The server's memory grew by {peak} MiB at most meanwhile. What was asked:"),
            *table(["", "answers read whole", "MB read"], asked),
            *faults(findings, lambda workload: workload == "R"),
        ]
    )


def stuck(findings: Findings) -> Section:
    """S."""
    lines = []
    for beside, title in (
        ("none", "none"),
        ("reading", "1000 that read"),
        ("stuck", "1000 that never read"),
    ):
        cells = [title]
        for where in ("", ", other room"):
            for metric in (f.p50, f.p99):
                cells.append(shown(findings.spread(OURS, f"S {beside}{where}", metric)))
        lines.append(cells)
    memory = [
        [name, *(shown(findings.values(OURS, f"S {how}, memory", key)) for how in CROWDS)]
        for name, key in (
            ("connected, MiB", "connected_mib"),
            ("at its peak, MiB", "peak_mib"),
            ("queued in the kernel, MiB", "kernel_mib"),
            ("ended with 1013", "closed_1013"),
            ("lost", "closed_1006"),
        )
    ]
    return Section(
        [
            "## S: clients that never read",
            "",
            *prose(
                "A room in which one user says 20 messages of 9000 bytes a second and 20 hear "
                "them, and another one of 20 users with 50 messages a second, alone and beside "
                "1000 more members of the first room: such that read, and such that never read "
                "a byte. Milliseconds until a message has arrived at each healthy member."
            ),
            *table(["beside", "p50", "p99", "other room, p50", "other room, p99"], lines),
            *prose(
                "The server's memory beyond what it had before the 1000 came. Who reads too "
                "little is ended with 1013 when `limits.outbox_bytes` wait for them, or lost when "
                "they took nothing for `write_timeout`; the peak is before that."
            ),
            *table(["", *(f"1000 {how}" for how in CROWDS)], memory),
            *faults(findings, lambda workload: workload == "S"),
        ]
    )

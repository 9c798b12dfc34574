"""docs/performance.md, whole."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.report import members, sections
from bench.report.findings import Findings, Spread
from bench.report.goals import Goal, goals
from bench.report.profile import profile
from bench.report.sections import Section
from bench.report.tables import prose, shown, text_table
from bench.results import Campaign

# By the workloads, one of which must have been measured.
SECTIONS: Sequence[tuple[str, Callable[[Findings], Section]]] = (
    ("AB", sections.fanout),
    ("A", sections.latency),
    ("C", sections.idle),
    ("D", sections.durable),
    ("E", sections.mixed),
    ("F", sections.history),
    ("G", sections.growth),
    ("H", sections.storm),
    ("R", members.rude),
    ("S", members.stuck),
    ("ABCDG", profile),
)


def write(campaign: Campaign, page: Path) -> None:
    """The page, and its plots in a folder beside it that bears its name."""
    text, plots = compose(campaign)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text)
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name, plot in plots.items():
        (folder / f"{name}.svg").write_text(plot)


def compose(campaign: Campaign) -> tuple[str, Mapping[str, str]]:
    """Markdown, and the plots it shows."""
    findings = Findings(campaign)
    found = [section(findings) for letters, section in SECTIONS if findings.has(letters)]
    lines = [
        *_head(campaign),
        *_goals(goals(findings)),
        *(line for section in found for line in section.lines),
        *_subjects(campaign),
        *_settings(campaign),
    ]
    plots = {name: plot for section in found for name, plot in section.plots.items()}
    return "\n".join(lines).rstrip() + "\n", plots


def _head(campaign: Campaign) -> list[str]:
    machine = campaign.machine
    return [
        "# Performance",
        "",
        *prose(
            "Written by `make bench`; what is measured and how to repeat it is in "
            "[bench/README.md](../bench/README.md)."
        ),
        *prose(
            f"Measured on {machine['date']} with `{campaign.command}`: {campaign.rounds} "
            f"rounds, in each of them every server in turn, {campaign.seconds:g} s for "
            "each number. Numbers are medians (least–most). They hold for this machine; "
            "between machines, and between runs, compare ratios."
        ),
        *text_table(["machine", ""], [[name, machine[name]] for name in machine if name != "date"]),
        *_others(campaign),
    ]


def _others(campaign: Campaign) -> list[str]:
    """How quiet the machine was."""
    shares = Spread.of(
        row.outcome.foreign_cpu / row.outcome.seconds
        for row in campaign.rows
        if row.outcome is not None and row.outcome.seconds
    )
    if shares is None:
        return []
    return [
        *prose(
            "While something was measured, programs other than server and client took "
            f"{shares.median:.0%} of a processor ({shares.low:.0%}–{shares.high:.0%}): the "
            "less, the more these numbers are worth."
        ),
    ]


def _goals(found: Sequence[Goal]) -> list[str]:
    verdict = {True: "yes", False: "**no**", None: "not measured"}
    rows = [
        [goal.workload, goal.text, goal.bound, shown(goal.found), verdict[goal.met]]
        for goal in found
    ]
    return ["## Goals", "", *text_table(["", "goal", "bound", "measured", "met"], rows)]


def _subjects(campaign: Campaign) -> list[str]:
    rows = [
        [s.title, s.language, "yes" if s.stores else "no", s.note, s.version]
        for s in campaign.subjects
        if not s.missing
    ]
    missing = [f"- {s.title}: {s.missing}" for s in campaign.subjects if s.missing]
    return [
        "## What was measured",
        "",
        *text_table(["server", "language", "stores", "", "versions"], rows),
        *(["Missing:", "", *missing, ""] if missing else []),
    ]


def _settings(campaign: Campaign) -> list[str]:
    return [
        "trichat was started with `trichat serve` and these settings beside the defaults:",
        "",
        "```toml",
        campaign.config.rstrip(),
        "```",
        "",
    ]

"""What the suite found, as counts: on the terminal and in a page."""

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import frozen

LINKS = ("direct", "streamed")

# The suite's words for a behaviour, and what the page calls them.
_COLUMNS = {
    "OK": "OK",
    "NON-STRICT": "non-strict",
    "INFORMATIONAL": "informational",
    "UNIMPLEMENTED": "unimplemented",
}
_BEGIN, _END = "<!-- counts: made by `make autobahn` -->", "<!-- end of the counts -->"


@frozen
class Run:
    """One link's verdicts, by case."""

    link: str
    deflate: bool
    verdicts: Mapping[str, Mapping[str, str]]


def failures(run: Run) -> Mapping[str, str]:
    """Cases that failed, or whose connection did not end as it should, with the suite's word."""
    found = {}
    for case, verdict in run.verdicts.items():
        said, closed = verdict["behavior"], verdict["behaviorClose"]
        if said not in _COLUMNS:
            found[case] = said
        elif closed not in _COLUMNS:
            found[case] = f"{said}, but its close: {closed}"
    return found


def has_failed(run: Run) -> bool:
    """Whether any case did, or none was tried."""
    return not run.verdicts or bool(failures(run))


def told(run: Run) -> str:
    """For the terminal."""
    counts = ", ".join(f"{count} {name}" for name, count in _counted(run).items())
    lines = [f"{run.link}, deflate {_switch(run)}: {counts}"]
    return "\n".join([*lines, *(f"  {case}: {why}" for case, why in failures(run).items())])


def page(text: str, runs: Sequence[Run]) -> str:
    """The page with a table of these runs in the place of the old one."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    heads = ["link", "deflate", "cases", "failed", *_COLUMNS.values()]
    rows = [heads, ["---"] * 2 + ["---:"] * (len(heads) - 2)]
    for run in runs:
        counts = _counted(run)
        numbers = [counts[head] for head in heads[3:]]
        rows.append([run.link, _switch(run), *map(str, [len(run.verdicts), *numbers])])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{before}{_BEGIN}\n{table}\n{_END}{after}"


def _counted(run: Run) -> Counter[str]:
    failed = failures(run)
    counts = Counter({"failed": len(failed)} | dict.fromkeys(_COLUMNS.values(), 0))
    for case, verdict in run.verdicts.items():
        if case not in failed:
            counts[_COLUMNS[verdict["behavior"]]] += 1
    return counts


def _switch(run: Run) -> str:
    return "on" if run.deflate else "off"

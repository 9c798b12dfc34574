"""The course of a run as one SVG: a panel for each measure, time across."""

from collections.abc import Callable, Sequence

from attrs import frozen

from bench.report.plots import GRID, LINES, WIDTH, label, line, svg
from bench.soak.samples import Sample

_LEFT, _RIGHT, _HIGH, _GAP, _TOP = 70, 150, 110, 34, 46


@frozen
class Panel:
    """Its lines by name, from 0 up."""

    title: str
    lines: dict[str, Callable[[Sample], float]]


PANELS = (
    Panel("memory, MiB (RSS)", {"rss": lambda sample: sample.rss}),
    Panel(
        "tasks, connections",
        {"tasks": lambda sample: sample.tasks, "connections": lambda s: s.connections},
    ),
    Panel("file descriptors", {"descriptors": lambda sample: sample.descriptors}),
    Panel("bytes that peers have not taken", {"waiting": lambda sample: sample.waiting}),
    Panel(
        "event-loop lag, ms (upper edge of the bucket)",
        {"p99": lambda sample: sample.lag_p99, "p50": lambda sample: sample.lag_p50},
    ),
)


def course(samples: Sequence[Sample], warm: float) -> str:
    """warm: seconds before which nothing is judged; the line across."""
    end = max(samples[-1].at, 1.0)
    across = WIDTH - _LEFT - _RIGHT

    def x(at: float) -> float:
        return _LEFT + across * at / end

    parts = [label(14, 22, f"A soak of {end / 60:.0f} minutes", size=15, bold=True)]
    for turn, panel in enumerate(PANELS):
        top = _TOP + turn * (_HIGH + _GAP)
        parts += _panel(panel, samples, top + 14, x)
        parts.append(line(x(warm), top + 14, x(warm), top + 14 + _HIGH - 20, LINES[1]))
    bottom = _TOP + len(PANELS) * (_HIGH + _GAP)
    step = max(round(end / 60 / 6), 1) * 60
    for at in range(0, int(end) + 1, step):
        parts.append(label(x(at), bottom, f"{at // 60} min", "middle"))
    return svg(bottom + 16, parts)


def _panel(
    panel: Panel, samples: Sequence[Sample], top: float, x: Callable[[float], float]
) -> list[str]:
    most = max((value(s) for value in panel.lines.values() for s in samples), default=0) or 1.0
    bottom = top + _HIGH - 20

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / most

    parts = [label(_LEFT, top - 6, panel.title, bold=True)]
    for value in (0.0, most / 2, most):
        parts += [
            line(_LEFT, y(value), WIDTH - _RIGHT, y(value), GRID),
            label(_LEFT - 8, y(value) + 4, f"{value:,.0f}", "end"),
        ]
    for turn, (name, value_of) in enumerate(panel.lines.items()):
        points = " ".join(f"{x(s.at):.1f},{y(value_of(s)):.1f}" for s in samples)
        colour = LINES[turn % len(LINES)]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        parts.append(label(WIDTH - _RIGHT + 10, top + 14 + 18 * turn, name, colour=colour))
    return parts

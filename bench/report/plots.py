"""Plots as SVG: a dot for the median, a line from the least to the most."""

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from attrs import frozen

from bench.report.findings import Spread, number

WIDTH = 860
LEFT = 310
RIGHT = 110
TOP = 46
STEP = 24
OURS = "#0b6e4f"
THEIRS = "#6b7280"
GRID = "#e5e7eb"
TEXT = "#1f2937"
LINES = ("#0b6e4f", "#b45309", "#1d4ed8", "#6b7280")


@frozen
class Scale:
    """Logarithmic, from the first power of ten below to the first above."""

    low: float
    high: float
    begin: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], begin: float, end: float) -> "Scale":
        known = [value for value in values if value > 0] or [1.0]
        low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
        return cls(low, max(high, low + 1), begin, end)

    def at(self, value: float) -> float:
        share = (math.log10(max(value, 10**self.low)) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(int(self.low), int(self.high) + 1)]


def dots(title: str, unit: str, found: Mapping[str, Spread], ours: Sequence[str]) -> str:
    """One line for each name, the least first."""
    rows = sorted(found.items(), key=lambda item: item[1].median)
    height = TOP + STEP * len(rows) + 40
    scale = Scale.around([v for _, s in rows for v in (s.low, s.high)], LEFT, WIDTH - RIGHT)
    bottom = TOP + STEP * len(rows)
    parts = [label(14, 22, title, size=15, bold=True)]
    for tick in scale.ticks():
        x = scale.at(tick)
        parts += [line(x, TOP - 8, x, bottom, GRID), label(x, bottom + 16, _tick(tick), "middle")]
    parts.append(label((LEFT + WIDTH - RIGHT) / 2, bottom + 33, unit, "middle"))
    for turn, (name, spread) in enumerate(rows):
        y = TOP + STEP * turn + STEP / 2
        own = name in ours
        colour = OURS if own else THEIRS
        x = scale.at(spread.median)
        parts += [
            label(LEFT - 10, y + 4, name, "end", bold=own),
            line(scale.at(spread.low), y, scale.at(spread.high), y, colour, 2),
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>',
            label(WIDTH - RIGHT + 12, y + 4, str(number(spread.median)), bold=own),
        ]
    return svg(height, parts)


def lines(
    title: str, unit: str, across: str, found: Mapping[str, Sequence[tuple[float, Spread]]]
) -> str:
    """A line for each name, over sizes; both axes logarithmic."""
    height, bottom = 340, 280
    points = [point for series in found.values() for point in series]
    xs = Scale.around([x for x, _ in points], 70, WIDTH - 170)
    ys = Scale.around([v for _, s in points for v in (s.low, s.high)], bottom, TOP)
    parts = [label(14, 22, title, size=15, bold=True)]
    for tick in xs.ticks():
        x = xs.at(tick)
        parts += [line(x, TOP, x, bottom, GRID), label(x, bottom + 16, _tick(tick), "middle")]
    for tick in ys.ticks():
        y = ys.at(tick)
        parts += [line(70, y, WIDTH - 170, y, GRID), label(62, y + 4, _tick(tick), "end")]
    parts.append(label((70 + WIDTH - 170) / 2, bottom + 36, f"{across}; {unit}", "middle"))
    for turn, (name, series) in enumerate(found.items()):
        colour = LINES[turn % len(LINES)]
        path = " ".join(f"{xs.at(x):.1f},{ys.at(s.median):.1f}" for x, s in series)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, spread in series:
            px = xs.at(x)
            parts.append(line(px, ys.at(spread.low), px, ys.at(spread.high), colour, 2))
            parts.append(
                f'<circle cx="{px:.1f}" cy="{ys.at(spread.median):.1f}" r="4" fill="{colour}"/>'
            )
        last = ys.at(series[-1][1].median) if series else bottom
        parts.append(label(WIDTH - 160, last + 4, name, colour=colour, bold=True))
    return svg(height, parts)


def svg(height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
        f' width="{WIDTH}" height="{height:.0f}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def line(x: float, y: float, to_x: float, to_y: float, colour: str, width: float = 1) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"'
        f' stroke="{colour}" stroke-width="{width}"/>'
    )


def label(
    x: float, y: float, text: str, anchor: str = "start", *, size: int = 12, bold: bool = False,
    colour: str = TEXT,
) -> str:  # fmt: skip
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f' fill="{colour}"{weight}>{escape(text)}</text>'
    )


def _tick(value: float) -> str:
    return f"{value:g}" if value < 1 else f"{value:,.0f}"

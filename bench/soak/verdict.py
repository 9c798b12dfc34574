"""Whether it was flat: a line through each measure, from the end of the warm-up on."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

from attrs import frozen

from bench.soak.ledger import Ledger
from bench.soak.samples import Sample

WARM = 1 / 3  # of the run: caches and the allocator fill, the crowd mixes

# By how much of its median, and of its unit beside it, a measure may be taken to rise from the
# end of the warm-up to the end of the run.
TOLERANCE: Mapping[str, tuple[float, float]] = {
    "rss": (0.05, 2.0),
    "tasks": (0.10, 10.0),
    "descriptors": (0.10, 10.0),
}

# What an idle server may have more of afterwards than it had before anybody came.
LEFT = 5


@frozen
class Trend:
    """median and rise: of the measure's unit; rise is what the line gains from end to end."""

    median: float
    rise: float
    allowed: float

    @property
    def flat(self) -> bool:
        return self.rise <= self.allowed


def trends(samples: Sequence[Sample]) -> dict[str, Trend]:
    """By measure. The slope is the median of those between any two samples, so that a spike
    does not turn the line.
    """
    end = samples[-1].at
    settled = [sample for sample in samples if sample.at >= end * WARM]
    every = max(len(settled) // 200, 1)
    found = {}
    for measure, (share, beside) in TOLERANCE.items():
        points = [(sample.at, float(getattr(sample, measure))) for sample in settled[::every]]
        slopes = [(w - v) / (u - t) for (t, v), (u, w) in combinations(points, 2)]
        middle = median(value for _, value in points)
        rise = (median(slopes) if slopes else 0.0) * (end - settled[0].at)
        found[measure] = Trend(middle, rise, middle * share + beside)
    return found


def faults(
    samples: Sequence[Sample],
    before: Sample,
    after: Sample,
    ledger: Ledger,
    lost: int,
    doubled: int,
) -> list[str]:
    """What is wrong, in words; nothing if all is well."""
    found = [
        f"{measure} rises by {trend.rise:.1f} over the run, more than {trend.allowed:.1f}"
        for measure, trend in trends(samples).items()
        if not trend.flat
    ]
    for measure in ("tasks", "descriptors", "connections"):
        was, remains = getattr(before, measure), getattr(after, measure)
        if remains > was + (LEFT if measure != "connections" else 0):
            found.append(f"{remains} {measure} when all have gone, {was} before they came")
    if lost:
        found.append(f"{lost} acknowledged messages are not in the history")
    if doubled:
        found.append(f"{doubled} messages stand in the history twice")
    if not ledger.acknowledged:
        found.append("nothing was acknowledged")
    return found

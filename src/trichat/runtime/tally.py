"""A histogram of one series, for what is observed with every transaction.

Prometheus's own takes a lock for each bucket's counter and checks each value, which was 3 % of a
message's cost; this is for one thread, and puts the counters together when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Tally(Collector):
    """bounds: the highest values of the buckets, ascending; one without a bound is behind them."""

    def __init__(
        self, name: str, help_: str, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._help, self._bounds = name, help_, bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        registry.register(self)

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Give the series in Prometheus's form, in which each bucket has those below it, too."""
        bounds = [*self._bounds, float("inf")]
        buckets = list(
            zip(map(floatToGoString, bounds), accumulate(self._counts), strict=True)
        )  # fmt: skip
        yield HistogramMetricFamily(self._name, self._help, buckets=buckets, sum_value=self._sum)

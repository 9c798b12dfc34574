"""What the server is like at a moment: from /proc and from its own /metrics."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from attrs import asdict, fields, frozen
from prometheus_client.parser import text_string_to_metric_families

from bench.running import Running


@frozen
class Sample:
    """at: seconds since the beginning. rss: MiB. lag: the greatest bucket, in ms, that a timer fell
    into since the sample before; 0 for none.
    """

    at: float
    rss: float
    tasks: int
    descriptors: int
    connections: int
    waiting: int
    lag_p50: float
    lag_p99: float


Buckets = dict[float, float]


class Sampler:
    """Writes each sample to a file at once, as a line of CSV."""

    def __init__(self, running: Running, path: Path) -> None:
        self._running = running
        self._begin = time.monotonic()
        self._buckets: Buckets = {}
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(",".join(field.name for field in fields(Sample)) + "\n")

    async def take(self) -> Sample:
        """Raises httpx.HTTPError when the server does not answer in a minute."""
        async with httpx.AsyncClient(timeout=60) as http:
            page = (await http.get(f"http://127.0.0.1:{self._running.port}/metrics")).text
        totals: dict[str, float] = {}
        buckets: Buckets = {}
        for family in text_string_to_metric_families(page):
            for one in family.samples:
                totals[one.name] = totals.get(one.name, 0) + one.value
                if one.name == "trichat_loop_lag_seconds_bucket":
                    buckets[float(one.labels["le"])] = one.value
        fresh = {edge: count - self._buckets.get(edge, 0) for edge, count in buckets.items()}
        self._buckets = buckets
        sample = Sample(
            at=round(time.monotonic() - self._begin, 1),
            rss=round(self._running.rss() / 1024, 2),
            tasks=int(totals["trichat_tasks"]),
            descriptors=len(os.listdir(f"/proc/{self._running.group}/fd")),
            connections=int(totals["trichat_connections"]),
            waiting=int(totals["trichat_outbox_bytes"]),
            lag_p50=_quantile(fresh, 0.5),
            lag_p99=_quantile(fresh, 0.99),
        )
        with self._path.open("a") as file:
            file.write(",".join(map(str, asdict(sample).values())) + "\n")
        return sample


def read(path: Path) -> Sequence[Sample]:
    """What a run has written."""
    names, *lines = path.read_text().splitlines()
    kinds = [field.type for field in fields(Sample)]
    del names
    return [
        Sample(*(kind(value) for kind, value in zip(kinds, line.split(","), strict=True)))  # type: ignore[misc]
        for line in lines
    ]


def _quantile(cumulative: Buckets, share: float) -> float:
    """The upper edge of its bucket, in ms."""
    total = max(cumulative.values(), default=0)
    if not total:
        return 0.0
    edge = min(edge for edge, count in cumulative.items() if count >= share * total)
    return edge * 1000 if edge != float("inf") else 10_000.0

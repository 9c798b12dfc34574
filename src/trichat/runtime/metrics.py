"""What an operator counts (lobby-17): named counters of one server, in a registry of its own.

A session takes its dialect's children once, so that counting is an increment without a look-up;
nothing is counted per delivery. What can be read off the living server instead (open connections,
what waits in outboxes) is read when somebody asks: web/ops.py.
"""

from collections.abc import Iterable, Mapping

import trio
from attrs import frozen
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from trichat.core.model import Kind
from trichat.runtime.tally import Tally
from trichat.runtime.together import next_look
from trichat.store.health import Fault

# Distinct words of errors that a dialect is given a series each; a document has fewer.
MOST_WORDS = 64
# Close codes with two series of their own, by whom: what we send ourselves, and 1006. A peer may
# close with these and with thousands of others.
CODES = frozenset({1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1011, 1013, 4000, 4001, 4003})
OTHER = "other"
SERVER, PEER = "server", "peer"

LAG_EVERY = 1.0  # seconds between two looks at the event loop's lag

# When a series began: half as many families again, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

_LIVES = (1, 10, 60, 300, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600)  # seconds
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_COMMITS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)  # seconds
_LAGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)  # seconds


@frozen(eq=False)
class DialectMeter:
    """One dialect's children. said: accepted messages by kind of room."""

    said: Mapping[Kind, Counter]
    lives: Histogram
    _name: str
    _errors: Counter
    _closed: Counter
    _words: set[str]

    def error(self, word: str) -> None:
        """An error was sent, or a peer turned away; `word` is the document's own, or ours."""
        if word not in self._words:
            if len(self._words) >= MOST_WORDS:
                word = OTHER
            self._words.add(word)
        self._errors.labels(self._name, word).inc()

    def closed(self, code: int, by: str, seconds: float) -> None:
        """A connection ended with this close code after so long. by: SERVER or PEER."""
        self._closed.labels(self._name, code if code in CODES else OTHER, by).inc()
        self.lives.observe(seconds)


class Metrics:
    """registry: what /metrics shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = self._counter(
            "messages", "Accepted messages by the sender's dialect and the kind of room.",
            "dialect", "kind",
        )  # fmt: skip
        self._errors = self._counter(
            "errors", "Errors sent to peers, by the dialect's own word or code for them.",
            "dialect", "code",
        )  # fmt: skip
        self._closed = self._counter(
            "connections_closed", "Ended connections by close code and who closed.",
            "dialect", "code", "by",
        )  # fmt: skip
        self._lives = self._histogram(
            "connection_seconds", "How long connections were open.", _LIVES, "dialect"
        )
        self._requests = self._counter(
            "http_requests", "Answered HTTP requests.", "method", "route", "status"
        )
        self._turned_away = self._counter(
            "turned_away", "Connections and requests refused before anybody looked at them.", "why"
        )
        self._batches = Tally(
            "trichat_storage_batch_writes", "Writes committed in one transaction.",
            _BATCHES, self.registry,
        )  # fmt: skip
        self._commits = Tally(
            "trichat_storage_commit_seconds", "How long a transaction took.",
            _COMMITS, self.registry,
        )  # fmt: skip
        self._faults = self._counter(
            "storage_faults", "Reads and transactions that failed, by what is wrong.",
            "action", "fault",
        )  # fmt: skip
        self._lag = self._histogram(
            "loop_lag_seconds", "How late the event loop woke a timer.", _LAGS
        )
        self._dialects: dict[str, DialectMeter] = {}

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"trichat_{name}", help_, labels, registry=self.registry)

    def _histogram(
        self, name: str, help_: str, buckets: Iterable[float], *labels: str
    ) -> Histogram:
        return Histogram(
            f"trichat_{name}", help_, labels, buckets=tuple(buckets), registry=self.registry
        )

    def dialect(self, name: str) -> DialectMeter:
        """This dialect's children, made once."""
        meter = self._dialects.get(name)
        if meter is None:
            meter = self._dialects[name] = DialectMeter(
                {kind: self._messages.labels(name, kind.value) for kind in Kind},
                self._lives.labels(name),
                name,
                self._errors,
                self._closed,
                set(),
            )
        return meter

    def committed(self, writes: int, seconds: float) -> None:
        """A transaction of so many writes was tried, and took so long."""
        self._batches.observe(writes)
        self._commits.observe(seconds)

    def fault(self, action: str, fault: Fault) -> None:
        """The store failed. action: read or write."""
        self._faults.labels(action, fault.value).inc()

    def answered(self, method: str, route: str, status: int) -> None:
        """route: the pattern that matched, so that paths make no series."""
        self._requests.labels(method, route, status).inc()

    def turned_away(self, why: str) -> None:
        """By the worker: one of its few words."""
        self._turned_away.labels(why).inc()

    async def watch_loop(self) -> None:
        """Measure the event loop's lag, for ever."""
        while True:
            due = await next_look(LAG_EVERY)
            self._lag.observe(max(0.0, trio.current_time() - due))

"""Operators look at /metrics, in Prometheus's form, where requests are counted too.

Counters count as things happen (runtime/metrics.py). What can be read off the living server is read
here when somebody asks, so that it costs nothing in between.
"""

import hmac
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from math import inf

import trio
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from quart import Response, request
from quart_trio import QuartTrio

from trichat import build
from trichat.auth.bearer import bearer_token
from trichat.core.model import Kind
from trichat.runtime.server import Runtime
from trichat.store.backupmark import last_backup
from trichat.store.health import StoreError
from trichat.telemetry import lost_lines
from trichat.web.rest.caller import unauthorized
from trichat.web.rest.routes import Route

_log = logging.getLogger(__name__)

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_BUILD = {"version": build.VERSION, "python": build.PYTHON, "commit": build.commit() or ""}
NOWHERE = "(none)"  # the route of a path that matches none
FORMS = ("text/plain", "application/openmetrics-text")
COUNT_EVERY = 1.0  # seconds for which a count of the store's rooms is good


class Living(Collector):
    """The state of the server at this moment. rooms: how many there are, by kind, living."""

    def __init__(self, runtime: Runtime, dialects: Iterable[str]) -> None:
        self._runtime = runtime
        self._dialects = tuple(dialects)
        self.rooms: Mapping[Kind, int] = {}

    def collect(self) -> Iterable[Metric]:
        yield from self._connections()
        rooms = _gauge("rooms", "Living rooms.", "kind")
        for kind, count in self.rooms.items():
            rooms.add_metric([kind.value], count)
        yield rooms
        working = _gauge("rooms_working", "Rooms with an actor in memory.")
        working.add_metric([], self._runtime.directory.working)
        yield working
        tasks = _gauge("tasks", "Trio tasks of the process.")
        tasks.add_metric([], trio.lowlevel.current_statistics().tasks_living)
        yield tasks
        failing = _gauge("storage_failing", "1 while nothing can be stored.")
        failing.add_metric([], int(not self._runtime.storage.works))
        yield failing
        lost = CounterMetricFamily(
            "trichat_log_lines_lost", "Lines of the log that nobody read and no disk took."
        )
        lost.add_metric([], lost_lines())
        yield lost
        known = _gauge("build_info", "Which trichat this is: always 1.", *_BUILD)
        known.add_metric(list(_BUILD.values()), 1)
        yield known
        yield from self._disk()

    def _disk(self) -> Iterable[Metric]:
        settings, reserve = self._runtime.settings, self._runtime.reserve
        sizes = _gauge("storage_bytes", "Bytes of the database and of its log.", "file")
        for label, ending in (("database", ""), ("log", "-wal")):
            with suppress(OSError):  # in memory there is none
                size = os.stat(f"{settings.database}{ending}").st_size
                sizes.add_metric([label], size)
        yield sizes
        free = _gauge("storage_free_bytes", "Bytes free on the disk of the database.")
        if reserve.free is not None:
            free.add_metric([], reserve.free)
        yield free
        short = _gauge("storage_short", "1 while no message is taken for want of free disk.")
        short.add_metric([], int(reserve.short))
        yield short
        backup = _gauge("last_backup_timestamp_seconds", "When the last backup was complete.")
        made = last_backup(settings.server.data)
        if made is not None:
            backup.add_metric([], made)
        yield backup

    def _connections(self) -> Iterable[Metric]:
        open_ = dict.fromkeys(self._dialects, 0)
        waiting = dict.fromkeys(self._dialects, 0)
        for listener in self._runtime.connections.everyone():
            open_[listener.dialect.name] += 1
            waiting[listener.dialect.name] += listener.waiting
        for name, help_, values in (
            ("connections", "Open connections.", open_),
            ("outbox_bytes", "Bytes that peers have not taken yet.", waiting),
        ):
            gauge = _gauge(name, help_, "dialect")
            for dialect, value in values.items():
                gauge.add_metric([dialect], value)
            yield gauge


def _gauge(name: str, help_: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"trichat_{name}", help_, labels=labels)


class Scrapes:
    """Answers GET /metrics. Its rooms are counted in the database, at most once a second."""

    def __init__(self, runtime: Runtime, dialects: Iterable[str]) -> None:
        self._store = runtime.store
        self._registry = runtime.metrics.registry
        self._token = runtime.settings.ops.metrics_token.get_secret_value()
        self._living = Living(runtime, dialects)
        self._registry.register(self._living)
        self._counted = -inf

    async def answer(self) -> Response:
        """Return counters and gauges, in the form that the asker prefers.

        Where the operator has set a token for it, that is the bearer's. Raises RequestError (401).
        """
        if self._token and not self._may_look(request.headers.getlist("Authorization")):
            raise unauthorized("Not authenticated")
        await self._count_rooms()
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        response = Response(encode(self._registry), content_type=content_type)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _may_look(self, shown: Iterable[str]) -> bool:
        token = bearer_token(shown)
        if token is None:
            return False
        return hmac.compare_digest(token.encode(errors="replace"), self._token.encode())

    async def _count_rooms(self) -> None:
        now = trio.current_time()
        if now < self._counted + COUNT_EVERY:
            return
        self._counted = now
        try:
            self._living.rooms = await self._store.count_rooms()
        except StoreError:  # the rest is worth seeing just then
            self._living.rooms = {}
            _log.exception("the rooms cannot be counted")


def install(app: QuartTrio, runtime: Runtime, dialects: Sequence[str]) -> None:
    """Count the app's requests."""

    for dialect in dialects:
        runtime.metrics.dialect(dialect)  # from the start, with zeros

    async def counted(response: Response) -> Response:
        method = request.method if request.method in METHODS else "OTHER"
        rule = request.url_rule.rule if request.url_rule else NOWHERE
        runtime.metrics.answered(method, rule, response.status_code)
        return response

    app.after_request(counted)


def routes(runtime: Runtime, dialects: Iterable[str]) -> tuple[Route, ...]:
    """Return the route of /metrics, where it is switched on."""
    if not runtime.settings.ops.metrics:
        return ()
    return (
        Route(
            "GET", "/metrics", Scrapes(runtime, dialects).answer,
            summary="Read the metrics",
            description=(
                "Returns counters and gauges of this server for Prometheus: in its text format, or"
                " in OpenMetrics if `Accept` asks for that. Open to everyone, unless the operator"
                " has set a token: then it fails with 401 without that token as Bearer."
            ),
            refuses=((401, "Not authenticated"),), public=True, media=FORMS,
        ),
    )  # fmt: skip

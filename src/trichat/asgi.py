"""What `hypercorn -k trio --config config/hypercorn.toml trichat.asgi:app` serves.

Settings come from the environment and, where TRICHAT_CONFIG names one, from a file.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from trichat import garbage, telemetry, worker
from trichat.composition.application import Application
from trichat.composition.start_errors import start_error
from trichat.logevents import LogEvent, log_event
from trichat.settings import Settings, load_sources, origins, sources
from trichat.worker.hangup import heed_hangups
from trichat.worker.watchdog import BEYOND


def _settings() -> Settings:
    global _loaded
    config = os.environ.get("TRICHAT_CONFIG")
    found = sources(Path(config) if config else None)
    settings = load_sources(found)
    _loaded = settings, origins(found)
    telemetry.begin()
    telemetry.configure_logging(settings.log)
    worker.install(worker.WorkerLimits.of(settings, _turned_away, _terminated))
    worker.descriptors.settle(settings.limits.connections)
    return settings


def _start_error(error: BaseException) -> str:
    return str(error) if _loaded is None else start_error(error, *_loaded)


def _turned_away(why: str) -> None:
    if app.runtime is not None:
        app.runtime.metrics.turned_away(why)


def _terminated() -> None:
    log_event(LogEvent.STOPPING, why="listening has ended")
    _last_resort.within(app.grace + BEYOND, "listening has ended")


def _unfinished() -> str:
    return "the start" if app.runtime is None else app.runtime.unfinished()


_loaded: tuple[Settings, Mapping[str, str]] | None = None
_last_resort = worker.Watchdog(_unfinished)
worker.install()  # also where the lifespan has not begun
app = Application(_settings, beside=heed_hangups, words=_start_error)
garbage.settle()

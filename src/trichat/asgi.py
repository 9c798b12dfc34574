"""What `hypercorn -k trio --config config/hypercorn.toml trichat.asgi:app` serves.

Settings come from the environment and, where TRICHAT_CONFIG names one, from a file.
"""

import os
from pathlib import Path

from trichat import interpreter, worker
from trichat.settings import Settings, load
from trichat.telemetry import configure_logging
from trichat.web.app import Application
from trichat.worker.overdue import BEYOND


def _settings() -> Settings:
    config = os.environ.get("TRICHAT_CONFIG")
    settings = load(Path(config) if config else None)
    configure_logging(settings.log)
    worker.install(worker.WorkerLimits.of(settings, _turned_away, _terminated))
    return settings


def _turned_away(why: str) -> None:
    if app.runtime is not None:
        app.runtime.metrics.turned_away(why)


def _terminated() -> None:
    _last_resort.within(app.grace + BEYOND, "listening has ended")


def _unfinished() -> str:
    return "the start" if app.runtime is None else app.runtime.unfinished()


_last_resort = worker.LastResort(_unfinished)
worker.install()  # also where the lifespan has not begun
app = Application(_settings)
interpreter.settle()

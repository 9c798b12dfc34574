"""What `hypercorn -k trio --config config/hypercorn.toml trichat.asgi:app` serves.

Settings come from the environment and, where TRICHAT_CONFIG names one, from a file.
"""

import os
from pathlib import Path

from trichat import garbage, worker
from trichat.settings import Settings, load
from trichat.telemetry import configure_logging
from trichat.web.app import Application


def _settings() -> Settings:
    config = os.environ.get("TRICHAT_CONFIG")
    settings = load(Path(config) if config else None)
    configure_logging(settings.log)
    worker.install(worker.WorkerLimits.of(settings, _turned_away))
    return settings


def _turned_away(why: str) -> None:
    if app.runtime is not None:
        app.runtime.metrics.turned_away(why)


worker.install()  # also where the lifespan has not begun
app = Application(_settings)
garbage.settle()

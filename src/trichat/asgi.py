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
    return settings


worker.install()
app = Application(_settings)
garbage.settle()

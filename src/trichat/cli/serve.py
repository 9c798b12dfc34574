"""`trichat serve` is the command; what it does is in serving.py."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click
import trio

from trichat.auth.providererrors import ProviderKeysError
from trichat.cli.mendable import explained
from trichat.cli.options import read, serving_options
from trichat.composition.start_errors import start_error
from trichat.settings import Settings
from trichat.telemetry import LogFileError, configure_logging

_log = logging.getLogger(__name__)


@click.command()
@serving_options
def serve(config: Path | None, **override: object) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    # Quart and Hypercorn take half a second to import: --help does not wait for them.
    from trichat.cli import serving

    settings, places = read(config, **override)
    words = partial(_start_error, settings=settings, places=places)
    with explained(ProviderKeysError, words=words):
        configure_logging(settings.log)
        trio.run(serving.run, settings)


def _start_error(error: BaseException, *, settings: Settings, places: Mapping[str, str]) -> str:
    line = start_error(error, settings, places)
    if settings.log.file and not isinstance(error, LogFileError):
        _log.critical("cannot start: %s", line)
    return line

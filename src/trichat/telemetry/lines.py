"""A line of the log is made for eyes or for programs."""

import logging
import sys
from typing import Any

import structlog

from trichat.logevents import FIELDS
from trichat.settings import Log


def formatter(log: Log) -> logging.Formatter:
    """Return what makes lines as the settings have them.

    An entry names the connection in whose task it was made (web/sockets.py), and what of FIELDS was
    given to it.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(FIELDS),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer()
    if log.format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=not log.file and _is_terminal())
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()

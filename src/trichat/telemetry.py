"""Logs to standard error, for eyes or for programs. A token never reaches one."""

import logging
import re
import sys
from typing import Any

import structlog

from trichat.settings import Log

_SECRETS = re.compile(r"((?:token|api_key)=)[^&\s\"']+|(Bearer\s+)[^\s\"']+|\btck_[\w-]+", re.I)


def redact(text: str) -> str:
    """Without tokens and keys, wherever they stand in a line."""
    return _SECRETS.sub(lambda found: f"{found[1] or found[2] or ''}[redacted]", text)


def _redacted(logger: Any, method: str, entry: Any) -> Any:
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = redact(value)
    return entry


def configure_logging(log: Log) -> None:
    """Every logger of the process, Hypercorn's and Quart's too."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer()
    if log.format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redacted,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(log.level.upper())

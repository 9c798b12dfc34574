"""Logs to standard error, for eyes or for programs. A token never reaches one."""

import logging
import re
import sys
from typing import Any

import structlog

from trichat.settings import Log
from trichat.store.port import StoreError

# In a query, in a pair or a header however it is printed, and by their own looks: a signed token,
# a key, a refresh token, a ticket.
_SECRETS = re.compile(
    r"""((?:token|ticket|api[_-]key)=|["']\w*(?:token|ticket|api[_-]key)["']\s*[:,]\s*b?["']"""
    r"""|Bearer\s+|x-api-key["']?\s*[:=,]\s*b?["']?)[^&\s"'\\]+"""
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|\btc[krt]_[\w-]+",
    re.I,
)

# What an entry may be given beside its words: nothing that a peer sent.
EXTRA = ("code", "by", "seconds")

# They may be given handlers past ours, by a configuration of Hypercorn's own.
_OF_HYPERCORN = ("hypercorn.error", "hypercorn.access")


def redact(text: str) -> str:
    """Without tokens and keys, wherever they stand in a line."""
    return _SECRETS.sub(lambda found: f"{found[1] or ''}[redacted]", text)


class Redacting(logging.Formatter):
    """Another formatter's line without tokens and keys."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._formatter.format(record))


def redact_record(record: logging.LogRecord) -> bool:
    """As a logger's filter: what any handler will make of the record is without them."""
    record.msg, record.args = redact(record.getMessage()), ()
    if record.exc_info and not record.exc_text:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    return True


def is_news(record: logging.LogRecord) -> bool:
    """As a handler's filter: a store that fails is told by its condition, once, and not by
    everyone whom it fails, except where everything is told.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, StoreError) or logging.getLogger().isEnabledFor(logging.DEBUG)


def configure_logging(log: Log) -> None:
    """Every logger of the process, Hypercorn's and Quart's too.

    An entry tells the connection in whose task it was made (web/sockets.py), and what of EXTRA
    was given to it.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(EXTRA),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer()
    if log.format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    handler.setFormatter(Redacting(formatter))
    handler.addFilter(is_news)
    for name in _OF_HYPERCORN:
        logging.getLogger(name).addFilter(redact_record)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(log.level.upper())

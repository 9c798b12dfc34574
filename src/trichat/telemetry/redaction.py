"""A token never reaches a log, and a store that fails does not fill one."""

import logging
import re
from collections.abc import Callable
from functools import cache

from trichat.store.health import StoreError

# In a query, in a pair or a header however it is printed, and by their own looks: a signed token,
# a key, a refresh token, a ticket.
_SECRETS = re.compile(
    r"""((?:token|ticket|api[_-]key)=|["']\w*(?:token|ticket|api[_-]key)["']\s*[:,]\s*b?["']"""
    r"""|Bearer\s+|x-api-key["']?\s*[:=,]\s*b?["']?)[^&\s"'\\]+"""
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|\btc[krt]_[\w-]+",
    re.I,
)


def redact(text: str) -> str:
    """Return the text without tokens and keys, wherever they stand in it."""
    return _SECRETS.sub(lambda found: f"{found[1] or ''}[redacted]", text)


class Redacting(logging.Formatter):
    """Formats as another formatter does, and leaves out tokens and keys.

    make: makes that one for the first line.
    """

    def __init__(self, make: Callable[[], logging.Formatter]) -> None:
        super().__init__()
        self._formatter = cache(make)

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._formatter().format(record))


def redact_record(record: logging.LogRecord) -> bool:
    """Take tokens and keys out of a record, whatever handler it goes to: a filter for loggers."""
    record.msg, record.args = redact(record.getMessage()), ()
    if record.exc_info and not record.exc_text:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    return True


def is_news(record: logging.LogRecord) -> bool:
    """Return whether an entry says something new: a filter for handlers.

    A store that fails is logged by its condition, once, and not by everyone whom it fails, except
    at the level DEBUG.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, StoreError) or logging.getLogger().isEnabledFor(logging.DEBUG)

"""A token never reaches a log, and a store that fails fills none."""

import logging
import re
from collections.abc import Callable
from functools import cache

from trichat.store.condition import StoreError

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
    """Without tokens and keys, wherever they stand in a line."""
    return _SECRETS.sub(lambda found: f"{found[1] or ''}[redacted]", text)


class Redacting(logging.Formatter):
    """Another formatter's line without tokens and keys. make: makes that one for the first line."""

    def __init__(self, make: Callable[[], logging.Formatter]) -> None:
        super().__init__()
        self._formatter = cache(make)

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._formatter().format(record))


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

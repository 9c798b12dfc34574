"""What an operator looks for in the log: one name for each kind of event, and who and what it was.

docs/operations.md has the table. An entry's fields are numbers, names of roles and addresses:
nothing that users wrote, and no secret.
"""

import logging
from enum import StrEnum
from typing import Final

EVENTS: Final = "trichat.events"  # the logger

_log = logging.getLogger(EVENTS)


class LogEvent(StrEnum):
    """The names."""

    STARTED = "server started"
    STOPPING = "server stopping"
    STOPPED = "server stopped"
    MIGRATED = "database migrated"
    LOGIN_FAILED = "login failed"
    REGISTERED = "user registered"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a name
    LOGINS_ENDED = "logins ended"
    EVERYTHING_ENDED = "all logins ended"
    SIGNING_KEY = "signing key used"
    TOKEN_MADE = "token made"  # noqa: S105 - a name
    BANNED = "user banned"
    SUSPENDED = "user suspended"
    REINSTATED = "user reinstated"
    ROLE_ASSIGNED = "role assigned"
    ROLE_REMOVED = "role removed"
    ROLE_SET = "role set"
    KEY_MADE = "API key made"
    KEY_REVOKED = "API key revoked"
    COMMAND = "command done"
    RESERVE_REACHED = "disk reserve reached"
    RESERVE_LEFT = "disk reserve left"
    CERTIFICATE_RELOADED = "certificate reloaded"
    CERTIFICATE_KEPT = "certificate not reloaded"
    LOG_REOPENED = "log reopened"
    LOG_KEPT = "log not reopened"
    LINES_LOST = "log lines lost"
    DESCRIPTORS_SHORT = "descriptors short"
    DESCRIPTORS_FREE = "descriptors free"


# What an entry may be given beside its words, and the log shows: nothing that a peer sent.
FIELDS: Final = (
    *("code", "by", "seconds"),  # of a connection's end
    *("address", "by_user", "key", "role", "room", "until", "user"),
    *("at", "command"),  # of what a command did
    *("expires", "free", "lines", "reserve", "schema", "schema_before"),
    *("commit", "limit", "python", "refused", "serial", "version", "why"),
)


def log_event(event: LogEvent, *, level: int = logging.INFO, **fields: float | str | None) -> None:
    """Log it, with those of the fields that are not None; each is one of FIELDS."""
    unknown = fields.keys() - set(FIELDS)
    if unknown:
        raise ValueError(f"no fields of the log: {unknown}")
    given = {name: value for name, value in fields.items() if value is not None}
    _log.log(level, event.value, extra=given)

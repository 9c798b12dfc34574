"""Which writes an operator wants to read of in the log, whoever asked for them: a request, the
command line, or the time of day.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from trichat.core.model import Room, Status, User
from trichat.logevents import LogEvent, log_event
from trichat.store.apikeys import AddApiKey, RevokeApiKey
from trichat.store.logins import EndLogins
from trichat.store.port import Outcome, Write
from trichat.store.roles import AssignRole, RemoveRole, SetRole
from trichat.store.signing import EndEverything, UseSigningKey
from trichat.store.suspensions import EndSuspension, SetStatus
from trichat.store.users import CreateUser, Registered, SetPassword

_JUDGED: Final = {
    Status.BANNED: LogEvent.BANNED,
    Status.SUSPENDED: LogEvent.SUSPENDED,
    Status.ACTIVE: LogEvent.REINSTATED,
}


def log_written(write: Write, outcome: Outcome) -> None:
    """Log a write that was done, if it is one of these; no name, no label, no secret."""
    log = _LOGS.get(type(write))
    if log is not None:
        log(write, outcome)


def _created(write: CreateUser, outcome: Outcome) -> None:
    if isinstance(outcome, Registered):
        log_event(LogEvent.REGISTERED, user=outcome.user.id, role=outcome.user.role.value)


def _password(write: SetPassword, outcome: Outcome) -> None:
    if isinstance(outcome, User) and write.ends:  # else it was hashed anew, and is the same
        log_event(LogEvent.PASSWORD_CHANGED, user=write.user_id)


def _logins(write: EndLogins, outcome: Outcome) -> None:
    if outcome is True:
        log_event(LogEvent.LOGINS_ENDED, user=write.user_id)


def _everything(write: EndEverything, outcome: Outcome) -> None:
    if outcome is True:
        log_event(LogEvent.EVERYTHING_ENDED, why="with API keys" if write.keys else None)


def _signing_key(write: UseSigningKey, outcome: Outcome) -> None:
    if outcome is True:
        why = "logins under any other key ended" if write.ends else None
        log_event(LogEvent.SIGNING_KEY, key=write.kid, why=why)


def _judged(write: SetStatus, outcome: Outcome) -> None:
    if isinstance(outcome, User):
        event = _JUDGED[write.status]
        log_event(event, user=write.user_id, by_user=write.by_id, until=write.until)


def _sentence(write: EndSuspension, outcome: Outcome) -> None:
    if isinstance(outcome, User):
        log_event(LogEvent.REINSTATED, user=write.user_id)


def _assigned(write: AssignRole, outcome: Outcome) -> None:
    if isinstance(outcome, User):
        _role(LogEvent.ROLE_ASSIGNED, write, write.room)


def _removed(write: RemoveRole, outcome: Outcome) -> None:
    if isinstance(outcome, User):
        _role(LogEvent.ROLE_REMOVED, write, write.room)


def _role(event: LogEvent, write: AssignRole | RemoveRole, room: Room | None) -> None:
    log_event(
        event,
        user=write.user_id,
        by_user=write.by_id,
        role=write.role.value,
        room=None if room is None else room.id,
    )


def _role_set(write: SetRole, outcome: Outcome) -> None:
    if isinstance(outcome, User):
        log_event(LogEvent.ROLE_SET, user=write.user_id, role=write.role.value)


def _key_made(write: AddApiKey, outcome: Outcome) -> None:
    if isinstance(outcome, int):
        log_event(LogEvent.KEY_MADE, user=write.user_id, key=outcome)


def _key_revoked(write: RevokeApiKey, outcome: Outcome) -> None:
    if outcome is True:
        log_event(LogEvent.KEY_REVOKED, key=write.key_id)


_LOGS: Final[Mapping[type, Callable[[Any, Outcome], None]]] = {
    CreateUser: _created,
    SetPassword: _password,
    EndLogins: _logins,
    EndEverything: _everything,
    UseSigningKey: _signing_key,
    SetStatus: _judged,
    EndSuspension: _sentence,
    AssignRole: _assigned,
    RemoveRole: _removed,
    SetRole: _role_set,
    AddApiKey: _key_made,
    RevokeApiKey: _key_revoked,
}

LOGGED: Final = frozenset(_LOGS)

"""What an operator can mend is shown in one line, without a traceback."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import trio

from trichat.auth.secret import WeakSecretError
from trichat.auth.signingkey import SigningKeyError
from trichat.cli.migrating import RefusedError
from trichat.datadir import DataDirectoryError
from trichat.settings import SettingsError
from trichat.settings.unusable import UnusableError
from trichat.store.health import StoreError
from trichat.telemetry import LogFileError

T = TypeVar("T")

# What any command may meet.
_MENDABLE = (
    RefusedError,
    DataDirectoryError,
    LogFileError,
    SettingsError,
    SigningKeyError,
    StoreError,
    UnusableError,
    WeakSecretError,
    OSError,
)


@contextmanager
def explained(
    *others: type[Exception], words: Callable[[BaseException], str] = str
) -> Iterator[None]:
    """Make one clear line of what can be mended; anything else is a bug and shows itself.

    others: what can be mended, too. words: makes the line.
    """
    mends: tuple[type[Exception], ...] = (*_MENDABLE, *others)
    try:
        yield
    except mends as error:
        raise click.ClickException(words(error)) from None
    except BaseExceptionGroup as group:
        mendable, rest = group.split(mends)
        if mendable is None or rest is not None:
            raise
        raise click.ClickException(words(_first(mendable))) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def run(work: Callable[..., Awaitable[T]], *args: Any) -> T:
    """Do the work in Trio; what an operator can mend becomes one line."""
    with explained():
        return trio.run(work, *args)

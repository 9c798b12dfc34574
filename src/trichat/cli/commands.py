"""The words of the command line."""

import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import click
import trio
from structlog.contextvars import bind_contextvars

from trichat.auth.keys import ProviderKeysError
from trichat.auth.passwords import PasswordRefusedError
from trichat.auth.secret import WeakSecretError
from trichat.auth.signingkey import SigningKeyError
from trichat.cli import accounts, serving
from trichat.cli.migrating import RefusedError
from trichat.cli.words import Commands, Lines, say
from trichat.commandlog import noting
from trichat.core.model import Role
from trichat.datadir import DataDirectoryError
from trichat.runtime.clock import wall_clock
from trichat.settings import (
    Settings,
    SettingsError,
    in_force,
    load_sources,
    origins,
    sources,
)
from trichat.settings.kinds import Duration
from trichat.settings.unusable import UnusableError
from trichat.store.condition import StoreError
from trichat.telemetry import LogFileError, begin, configure_logging
from trichat.web.app import keys_of_settings
from trichat.web.starterrors import start_error

T = TypeVar("T")

_log = logging.getLogger(__name__)

# What an operator can mend: told in one line, without a traceback.
_MENDABLE = (
    RefusedError,
    DataDirectoryError,
    LogFileError,
    ProviderKeysError,
    PasswordRefusedError,
    SettingsError,
    SigningKeyError,
    StoreError,
    UnusableError,
    WeakSecretError,
    OSError,
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("trichat"), prog_name="trichat")
@click.pass_context
def main(context: click.Context) -> None:
    """One chat server that speaks five chat WebSocket APIs."""
    if context.invoked_subcommand == "serve":
        begin()  # before anything is said, of a wrong option for one


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--config and --data."""
    for option in (
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            envvar="TRICHAT_CONFIG",
            help="A TOML file of settings; else the one that TRICHAT_CONFIG names.",
        ),
        click.option("--data", type=click.Path(path_type=Path), help="The data directory."),
    ):
        command = option(command)
    return command


def _serving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--host", help="The address to listen on, or unix:/path for a Unix socket."),
        click.option("--port", type=int, help="The port to listen on; 0 takes a free one."),
        click.option("--certfile", help="A PEM file with the TLS certificate."),
        click.option("--keyfile", help="A PEM file with its private key."),
    ):
        command = option(command)
    return settings_options(command)


def _read(config: Path | None, **override: object) -> tuple[Settings, Mapping[str, str]]:
    """The settings, and where they came from."""
    given = {f"server.{name}": value for name, value in override.items() if value is not None}
    try:
        found = sources(config, override=given)
        return load_sources(found), origins(found)
    except SettingsError as error:
        raise Lines(str(error)) from None


def load(config: Path | None, **override: object) -> Settings:
    """The settings in force, and the log as they say; what the command does is noted."""
    settings, places = _read(config, **override)
    context = click.get_current_context()
    bind_contextvars(command=context.command_path)
    context.with_resource(noting(settings.server.data))
    with explained(words=partial(start_error, settings=settings, places=places)):
        configure_logging(settings.log)
    return settings


def _run(work: Callable[..., Awaitable[T]], *args: Any) -> T:
    """What an operator can mend becomes one line."""
    with explained():
        return trio.run(work, *args)


@contextmanager
def explained(
    *others: type[Exception], words: Callable[[BaseException], str] = str
) -> Iterator[None]:
    """What can be mended is one clear line; anything else is a bug and shows itself.

    words: makes the line.
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


@main.command()
@_serving_options
def serve(config: Path | None, **override: object) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings, places = _read(config, **override)
    with explained(words=partial(_start_error, settings=settings, places=places)):
        configure_logging(settings.log)
        trio.run(serving.run, settings)


def _start_error(error: BaseException, *, settings: Settings, places: Mapping[str, str]) -> str:
    line = start_error(error, settings, places)
    if settings.log.file and not isinstance(error, LogFileError):
        _log.critical("cannot start: %s", line)
    return line


@main.command("config")
@_serving_options
def config_(config: Path | None, **override: object) -> None:
    """Print every setting in force and where it came from, secrets masked."""
    settings, places = _read(config, **override)
    try:
        keys_of_settings(settings)
    except WeakSecretError as error:
        raise click.ClickException(start_error(error, settings, places)) from None
    for line in in_force(settings, places):
        click.echo(line)


@main.group()
def user() -> None:
    """Accounts. A name that begins with a dash comes last, after --."""


def _password(given: str | None) -> str:
    """From the option, from a pipe, or asked for; never shown."""
    if given is None:
        if sys.stdin.isatty():
            given = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
        else:
            given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise click.ClickException("no password given")
    return given


@user.command("add")
@settings_options
@click.argument("username")
@click.option("--email", help="An e-mail address.")
@click.option("--password", help="Asked for, or read from standard input, when not given.")
def user_add(
    config: Path | None, data: Path | None, username: str, email: str | None, password: str | None
) -> None:
    """Add a user."""
    settings = load(config, data=data)
    added = _run(accounts.add_user, settings, username, email, _password(password))
    say(f"{added.username} has id {added.id} and UUID {added.uuid}")


@user.command("role")
@settings_options
@click.argument("username")
@click.argument("role", type=click.Choice([role.value for role in Role], case_sensitive=False))
def user_role(config: Path | None, data: Path | None, username: str, role: str) -> None:
    """Give a user a role on this server."""
    _run(accounts.set_role, load(config, data=data), username, Role(role.upper()))
    say(f"{username} is {role.upper()}")


@user.command("password")
@settings_options
@click.argument("username")
@click.option("--password", help="Asked for, or read from standard input, when not given.")
@click.option("--keep-keys", is_flag=True, help="The user's API keys go on opening.")
def user_password(
    config: Path | None, data: Path | None, username: str, password: str | None, keep_keys: bool
) -> None:
    """Set a user's password, which ends their logins and API keys."""
    settings = load(config, data=data)
    work = partial(accounts.set_password, keep_keys=keep_keys)
    _run(work, settings, username, _password(password))
    say(f"{username} has a new password")


@main.command()
@settings_options
@click.argument("username")
def token(config: Path | None, data: Path | None, username: str) -> None:
    """Print an access token of a user."""
    say(_run(accounts.token, load(config, data=data), username))


@main.group()
def key() -> None:
    """API keys; each acts as its user. A name that begins with a dash comes last, after --."""


class _Span(click.ParamType[float]):
    """A duration, as settings have it."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        kind = Duration()
        try:
            return kind.read(str(value))
        except ValueError:
            self.fail(f"{value!r}: expected {kind.expected}", param, ctx)


@key.command("add")
@settings_options
@click.argument("username")
@click.option("--label", default="", help="What it is for.")
@click.option("--expires-in", type=_Span(), help='After that it opens nothing: "720h", or seconds.')
def key_add(
    config: Path | None, data: Path | None, username: str, label: str, expires_in: float | None
) -> None:
    """Make a key and print it, this once."""
    settings = load(config, data=data)
    number, text = _run(accounts.add_key, settings, username, label, expires_in)
    say(text)
    say(f"This is key {number}; it is not shown again.", err=True)


@key.command("list")
@settings_options
@click.argument("username")
def key_list(config: Path | None, data: Path | None, username: str) -> None:
    """List a user's keys: number, state, when made, when it ends, when last used, label."""
    now = wall_clock()
    for entry in _run(accounts.list_keys, load(config, data=data), username):
        over = entry.expires_at is not None and entry.expires_at <= now
        state = "revoked" if entry.revoked_at else "expired" if over else "living"
        times = [_date(at) for at in (entry.created_at, entry.expires_at, entry.used_at)]
        say(entry.id, state, *times, entry.label)


def _date(at: int | None) -> str:
    return "-" if at is None else str(datetime.fromtimestamp(at / 1000, UTC).date())


@key.command("revoke")
@settings_options
@click.argument("number", type=int)
def key_revoke(config: Path | None, data: Path | None, number: int) -> None:
    """Revoke a key by its number."""
    _run(accounts.revoke_key, load(config, data=data), number)
    say(f"key {number} is revoked")

"""`trichat backup`, `restore`, `export`, `import` and `check` keep the database as files."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from trichat.auth.hashcosts import Costs, why_not_hash
from trichat.auth.mailaddress import why_no_address
from trichat.cli.mendable import explained
from trichat.cli.options import load, settings_options
from trichat.cli.progress import progress
from trichat.cli.targets import must_be_another, must_be_writable, vacant
from trichat.cli.words import must_not_be_a_terminal, say
from trichat.logevents import LogEvent, log_event
from trichat.settings import Settings
from trichat.store.atomicfile import ExistsError, atomic_file
from trichat.store.backupmark import note_backup
from trichat.store.sqlite.archive import ArchiveError, Checks, export_lines, import_lines
from trichat.store.sqlite.backup import back_up, count, opened
from trichat.store.sqlite.backup import restore as put_back
from trichat.store.sqlite.checking import verify
from trichat.store.sqlite.naming import alike

_Path = click.Path(path_type=Path)
_replace = click.option("--replace", is_flag=True, help="Write over what is there.")


@click.command()
@settings_options
@click.argument("file", type=_Path)
@_replace
def backup(config: Path | None, data: Path | None, file: Path, replace: bool) -> None:
    """Copy the database to FILE, whether the server runs or not.

    The copy is of one moment, checked, and only its owner can read it. The key that signs tokens
    is not in it.
    """
    settings = load(config, data=data)
    with _errors_in_words():
        must_be_writable(file, settings)
        with progress("backing up") as show:
            counts = back_up(settings.database, file, replace=replace, progress=show)
    _note_backup(settings)
    say(f"{file} holds {_summed(counts)}")


@click.command()
@settings_options
@click.argument("file", type=_Path)
@click.option("--replace", is_flag=True, help="Put the database that is there aside.")
def restore(config: Path | None, data: Path | None, file: Path, replace: bool) -> None:
    """Put the backup FILE where the server looks for its database.

    The server must not run, and there must be no database yet.
    """
    settings = load(config, data=data)
    with _errors_in_words(), _readable(file, settings), vacant(settings, file, replace=replace):
        with progress("restoring") as show:
            aside = put_back(file, settings.database, replace=replace, progress=show)
        with opened(settings.database) as db:
            counts = count(db)
    say(f"{settings.database} holds {_summed(counts)}")
    if aside is not None:
        say(f"what was there before is {aside} now")


@click.command("export")
@settings_options
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--with-secrets", is_flag=True, help="The hashes of passwords and the digests of keys too."
)
@_replace
def export(
    config: Path | None, data: Path | None, file: Path, with_secrets: bool, replace: bool
) -> None:
    """Write the database to FILE as JSON Lines, whether the server runs or not; - is the output.

    Without --with-secrets users cannot log in where it is imported until they have new passwords.
    """
    settings = load(config, data=data)

    def write_to(out: BinaryIO) -> Mapping[str, int]:
        with progress("exporting") as show:
            return export_lines(settings.database, out.write, secrets=with_secrets, progress=show)

    with _errors_in_words():
        if file == Path("-"):
            must_not_be_a_terminal(sys.stdout.buffer)
            write_to(sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        must_be_writable(file, settings)
        with atomic_file(file, replace=replace) as part, part.open("wb") as out:
            counts = write_to(out)
    say(f"{file} holds {_summed(counts)}")


@click.command("import")
@settings_options
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--old-rules",
    is_flag=True,
    help="Take names, titles, addresses, labels and reactions that only earlier versions gave.",
)
def import_(config: Path | None, data: Path | None, file: Path, old_rules: bool) -> None:
    """Make the database of an export; - is the input.

    The server must not run, and there must be no database yet. There is none either when a line
    of the file is not as it was written, or holds what the server would not have stored.
    """
    settings = load(config, data=data)
    with (
        _errors_in_words(),
        _reading(file) as source,
        vacant(settings, file, replace=False),
        progress("importing") as show,
    ):
        size = os.fstat(source.fileno()).st_size
        counts = import_lines(
            source,
            settings.database,
            checks=checks(settings, lenient=old_rules),
            progress=lambda done: show(done, max(size, done)),
        )
    say(f"{settings.database} holds {_summed(counts)}")


@click.command()
@settings_options
@click.argument("file", type=_Path, required=False)
def check(config: Path | None, data: Path | None, file: Path | None) -> None:
    """Read all of the database, or of the backup FILE, and say whether it is whole.

    User names and e-mail addresses that are alike by today's rules are listed: they stand, and
    none is given beside them.
    """
    path = file or load(config, data=data).database
    with _errors_in_words(), opened(path) as db:
        verify(db, str(path))
        counts = count(db)
        twice = list(alike(db))
    say(f"{path} is whole: {_summed(counts)}")
    for what, values in twice:
        say(f"{what} that are alike: {', '.join(map(ascii, values))}")


def checks(settings: Settings, *, lenient: bool) -> Checks:
    """Return what an import asks of addresses, and of hashes, which the server will compute."""
    auth = settings.auth
    costs = Costs().or_more(auth.argon2_memory, auth.argon2_time, auth.argon2_parallelism)
    return Checks(why_no_address, partial(why_not_hash, most=costs), lenient)


@contextmanager
def _readable(file: Path, settings: Settings) -> Iterator[None]:
    """Check that the file is a database of ours, and not the one that is to be replaced."""
    must_be_another(file, settings)
    with opened(file):
        pass
    yield


def _note_backup(settings: Settings) -> None:
    """Note for /metrics when the backup was made; it is good whether that can be noted or not."""
    try:
        note_backup(settings.server.data)
    except (OSError, ExistsError) as error:
        say(f"when it was made could not be noted in {settings.server.data}: {error}", err=True)


def _in_words(error: BaseException) -> str:
    """Return what failed and where."""
    if isinstance(error, OSError) and error.strerror:
        place = error.filename2 or error.filename
        return error.strerror if place is None else f"{place}: {error.strerror}"
    return str(error)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    with explained(ArchiveError, ExistsError, words=_in_words):
        yield
    log_event(LogEvent.COMMAND)


@contextmanager
def _reading(file: Path) -> Iterator[BinaryIO]:
    if file == Path("-"):
        yield sys.stdin.buffer
        return
    with file.open("rb") as source:
        yield source


def _summed(counts: Mapping[str, int]) -> str:
    shown = [(name, counts[name]) for name in ("users", "rooms", "messages", "events")]
    return ", ".join(f"{many} {name}" for name, many in shown)

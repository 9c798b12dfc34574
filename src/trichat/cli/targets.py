"""A command may write some files only, and put a database into some directories only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trichat import commandlog
from trichat.auth import signingkey
from trichat.datadir import LOCK_NAME, DataDirectory
from trichat.settings import Settings
from trichat.store import backupmark
from trichat.store.atomicfile import ExistsError
from trichat.store.sqlite.backup import BESIDE

LOST_AND_FOUND = "lost+found"  # of a file system that is mounted there


def must_be_another(file: Path, settings: Settings) -> None:
    """Raise ExistsError for the database itself, which a server may have open.

    So it does for what SQLite keeps beside it.
    """
    if _is_there(file, settings) and file.name in _database(settings):
        raise _own(file)


def must_be_writable(file: Path, settings: Settings) -> None:
    """Raise ExistsError for every file that a data directory is made of, and for a directory.

    Keys and copies are such files too.
    """
    if _is_there(file, settings) and (_is_ours(file.name, settings) or file.name == LOCK_NAME):
        raise _own(file)
    if file.is_dir():
        raise ExistsError(f"{file} is a directory: name a file in it")


@contextmanager
def vacant(settings: Settings, file: Path, *, replace: bool) -> Iterator[None]:
    """Hold the data directory as a server does, if there is no database yet and nothing of others.

    Copies that are kept do no harm there, nor what a try that failed left, nor the file that is
    read. replace: whatever there is. Raises ExistsError or DataDirectoryError.
    """
    with DataDirectory(settings.server.data) as directory:
        found = sorted(path for path in directory.path.iterdir() if _matters(path, file, settings))
        if found and not replace:
            raise ExistsError(f"{directory.path} is not empty: it has {found[0].name}")
        yield


def _matters(path: Path, file: Path, settings: Settings) -> bool:
    if path.name in _database(settings):
        return not path.name.endswith(".part")
    harmless = path.name in (LOCK_NAME, LOST_AND_FOUND) or _is_ours(path.name, settings)
    return not harmless and not (file.exists() and path.samefile(file))


def _is_there(file: Path, settings: Settings) -> bool:
    """Return whether the file lies, or would lie, beside the database."""
    place = settings.database.parent
    return place.exists() and file.parent.exists() and file.parent.samefile(place)


def _database(settings: Settings) -> set[str]:
    name = settings.database.name
    return {name, *(f"{name}{ending}" for ending in (*BESIDE, ".part"))}


def _is_ours(name: str, settings: Settings) -> bool:
    """Return whether the server or a command calls a file so.

    That is the database, what lies beside it, its copies, a key, the time of the last backup or the
    notes of commands.
    """
    return name.startswith(
        (settings.database.name, signingkey.FILE_NAME, backupmark.FILE_NAME, commandlog.FILE_NAME)
    )


def _own(file: Path) -> ExistsError:
    return ExistsError(f"{file} is the database itself, or what belongs to it")

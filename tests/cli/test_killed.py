"""kill -9 at every step of a backup, restore, export and import: the same command works again."""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from tests.cli.everything import PASSWORD
from tests.store.archive.test_round_trip import everything
from trichat.cli import main, maintenance
from trichat.cli.progress import Show

# What Python tells of (PEP 578), beside what die_at() adds: each is a moment to die in.
STEPS = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "fcntl.flock", "progress", "sync"}
MANY = 200  # no command has as many steps


def invoke(*words: object) -> None:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert (done.exit_code, done.stderr) == (0, ""), done


def killed_at_each_step(*words: object) -> Iterator[int]:
    """The command is killed at its first step, then at its second …; ends when it was not."""
    for number in range(MANY):
        child = os.fork()
        if child == 0:
            _die_at(number, [str(word) for word in words])
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            assert number > 5
            return
        assert os.WTERMSIG(status) == signal.SIGKILL
        yield number
    raise AssertionError("it never ended")


def _die_at(number: int, words: list[str]) -> NoReturn:
    steps, place = itertools.count(), str(Path(words[-1]).parent)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        elsewhere = event == "open" and place not in str(args[0])
        if event in STEPS and not elsewhere and next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sync = os.fsync

    def synced(file: int) -> None:
        sys.audit("sync")
        sync(file)

    @contextmanager
    def progress(title: str) -> Iterator[Show]:
        yield lambda done, total: sys.audit("progress")

    os.fsync = synced  # type: ignore[assignment]
    maintenance.progress = progress  # type: ignore[attr-defined]
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.addaudithook(hook)
    try:
        main(words)
    except SystemExit as end:
        os._exit(int(end.code or 0))
    os._exit(9)


def names(folder: Path) -> set[str]:
    return set(os.listdir(folder))


Users = Callable[[Path], int]


def users(database: Path) -> int:
    return len(everything(database)["users"])


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    """Of ann alone; bob came later."""
    file = tmp_path / "b.db"
    invoke("backup", "--data", data, file)
    invoke("user", "add", "bob", "--password", PASSWORD, "--data", data)
    return file


def test_a_backup(data: Path, backup: Path, tmp_path: Path) -> None:
    for number in killed_at_each_step("backup", "--data", data, tmp_path / "new.db"):
        there = (tmp_path / "new.db").exists()
        assert not there or users(tmp_path / "new.db") == 2, number
        invoke("backup", *["--replace"] * there, "--data", data, tmp_path / "new.db")
        assert names(tmp_path) == {"data", "b.db", "new.db"}, number
        assert users(tmp_path / "new.db") == 2
        os.unlink(tmp_path / "new.db")


def test_a_backup_in_place_of_another(data: Path, backup: Path, tmp_path: Path) -> None:
    old = backup.read_bytes()
    for number in killed_at_each_step("backup", "--replace", "--data", data, backup):
        assert users(backup) in (1, 2), number
        invoke("check", backup)
        invoke("backup", "--replace", "--data", data, backup)
        assert names(tmp_path) == {"data", "b.db"}, number
        assert users(backup) == 2
        backup.write_bytes(old)


def test_a_restore(backup: Path, tmp_path: Path) -> None:
    for number in killed_at_each_step("restore", "--data", tmp_path / "new", backup):
        new = tmp_path / "new"
        if (new / "trichat.db").exists():  # all was done but to say so
            assert users(new / "trichat.db") == 1
            invoke("restore", "--replace", "--data", new, backup)
        else:
            invoke("restore", "--data", new, backup)
            assert names(new) == {"lock", "trichat.db"}, number
        assert users(new / "trichat.db") == 1
        _remove(new)


def test_a_restore_in_place_of_another(data: Path, backup: Path) -> None:
    old = (data / "trichat.db").read_bytes()
    for number in killed_at_each_step("restore", "--replace", "--data", data, backup):
        assert users(data / "trichat.db") in (1, 2), number
        invoke("check", "--data", data)
        invoke("restore", "--replace", "--data", data, backup)
        assert users(data / "trichat.db") == 1
        left = names(data) - {"lock", "trichat.db", "signing.key", "last-backup"}
        assert left <= {"trichat.db.replaced-1", "trichat.db.replaced-2"}, number
        assert 2 in [users(data / name) for name in left]
        for name in left:
            os.unlink(data / name)
        (data / "trichat.db").write_bytes(old)


def test_an_import(data: Path, backup: Path, tmp_path: Path) -> None:
    lines, new = tmp_path / "e.jsonl", tmp_path / "new"
    invoke("export", "--data", data, lines)
    for number in killed_at_each_step("import", "--data", new, lines):
        if not (new / "trichat.db").exists():
            invoke("import", "--data", new, lines)
            assert names(new) == {"lock", "trichat.db"}, number
        assert users(new / "trichat.db") == 2
        _remove(new)


def test_an_export(data: Path, tmp_path: Path) -> None:
    lines = tmp_path / "e.jsonl"
    invoke("export", "--data", data, lines)
    good = lines.read_bytes()
    for number in killed_at_each_step("export", "--replace", "--data", data, lines):
        assert lines.read_bytes() == good, number
        invoke("export", "--replace", "--data", data, lines)
        assert names(tmp_path) == {"data", "e.jsonl"}, number


def _remove(folder: Path) -> None:
    for name in os.listdir(folder):
        os.unlink(folder / name)
    folder.rmdir()

"""A command shows on a terminal how far it has come, and nowhere else."""

import os
import pty
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from trichat.cli import main
from trichat.cli.progress import progress


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Standard error is a terminal; gives what reads the other end of it."""
    looking, shown = pty.openpty()
    os.set_blocking(looking, False)
    with os.fdopen(shown, "w") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        yield lambda: os.read(looking, 65536).decode().rstrip(" ")
    os.close(looking)


def test_a_terminal_shows_the_title_and_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as read:
        with progress("backing up") as show:
            show(5, 20)
            half = read()
            assert "backing up" in half
            assert half.endswith("25%")
            show(20, 20)
            assert read().endswith("100%")
        assert read().endswith("\n")


def test_the_whole_may_turn_out_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as read, progress("importing") as show:
        show(10, 40)
        assert read().endswith("25%")
        show(40, 80)
        assert read().endswith("50%")


def test_nothing_is_shown_where_nobody_looks(data: Path, tmp_path: Path) -> None:
    """A log or a mail of cron has no bar in it."""
    done = CliRunner().invoke(main, ["backup", "--data", str(data), str(tmp_path / "b.db")])
    assert (done.exit_code, done.stderr) == (0, "")

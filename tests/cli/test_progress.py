"""A command shows on a terminal how far it has come, and nowhere else."""

import os
import pty
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from trichat.cli import main
from trichat.cli.progress import progress

SOON = 5.0  # seconds in which a terminal has what was written to it


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Standard error is a terminal; gives what reads its other end up to some words."""
    looking, shown = pty.openpty()

    def read_to(end: str) -> str:
        text = ""
        while not text.rstrip(" ").endswith(end):
            assert select.select([looking], [], [], SOON)[0], text
            text += os.read(looking, 65536).decode()
        return text

    with os.fdopen(shown, "w") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        yield read_to
    os.close(looking)


def test_a_terminal_shows_the_title_and_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as read_to:
        with progress("backing up") as show:
            show(5, 20)
            assert "backing up" in read_to("25%")
            show(20, 20)
            read_to("100%")
        read_to("\n")


def test_the_whole_may_turn_out_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as read_to, progress("importing") as show:
        show(10, 40)
        read_to("25%")
        show(40, 80)
        read_to("50%")


def test_nothing_is_shown_where_nobody_looks(data: Path, tmp_path: Path) -> None:
    """A log or a mail of cron has no bar in it."""
    done = CliRunner().invoke(main, ["backup", "--data", str(data), str(tmp_path / "b.db")])
    assert (done.exit_code, done.stderr) == (0, "")

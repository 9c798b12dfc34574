"""How far a command has come, as click draws it: on a terminal alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

WIDTH = 30

Show = Callable[[int, int], None]


@contextmanager
def progress(title: str) -> Iterator[Show]:
    """Draw a bar while the body runs, which says how much is done, and of how much.

    click takes steps of a length that is known before; a backup, for one, learns it on the way.
    """
    hidden = not sys.stderr.isatty()
    with click.progressbar(
        length=1, label=title, file=sys.stderr, width=WIDTH, show_eta=False, hidden=hidden
    ) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show

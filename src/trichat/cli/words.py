"""A command prints what users chose, and a terminal obeys what it is shown."""

import io
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError


def printable(text: str) -> str:
    """Return the text in one line in which nothing moves the cursor or changes a colour.

    Nor does anything turn the direction of writing or stay invisible: such characters stand as
    their escapes, `\\x1b` or `\\u202e`.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def say(*cells: object, err: bool = False) -> None:
    """Print one line of these words, with tabs between them. err: to standard error."""
    click.echo("\t".join(printable(str(cell)) for cell in cells), err=err)


class Lines(click.ClickException):
    """An error of several lines, each of our own making."""


class Commands(click.Group):
    """A group of commands whose errors are printable too, whoever's words stand in them."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except click.ClickException as error:
            raise _escaped_error(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise _escaped_error(error) from None


def _escaped_error(error: click.ClickException) -> click.ClickException:
    if isinstance(error, NoArgsIsHelpError):  # the help itself
        return error
    text = error.format_message()
    lines = text.split("\n") if isinstance(error, Lines) else [text]
    text = "\n".join(map(printable, lines))
    if isinstance(error, click.UsageError):
        return click.UsageError(text, error.ctx)
    return click.ClickException(text)


def must_not_be_a_terminal(out: IO[bytes]) -> None:
    """Raise click.ClickException: what users wrote is data here, and cannot be escaped."""
    try:
        shown = out.isatty()
    except (OSError, ValueError, io.UnsupportedOperation):
        return
    if shown:
        raise click.ClickException(
            "an export is not shown on a terminal, which would obey what users wrote:"
            " name a file, or pipe it on"
        )

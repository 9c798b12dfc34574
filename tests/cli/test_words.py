"""Whatever users wrote is printed as text, and a terminal has nothing to obey."""

import unicodedata

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from trichat.cli.words import Commands, Lines, printable, say

# Letters, marks, digits, punctuation, symbols: the first letters of Unicode's categories.
HARMLESS = set("LMNPS")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann", "ann"),
        ("Ünï 茶 👍", "Ünï 茶 👍"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b2J", r"\x9b2J"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("a\u00a0b", r"a\xa0b"),
        ("\x00\x7f", r"\x00\x7f"),
    ],
)
def test_what_a_terminal_would_obey_stands_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(codec=None), max_size=40))
def test_every_text_becomes_one_visible_line(text: str) -> None:
    shown = printable(text)
    assert all(each == " " or unicodedata.category(each)[0] in HARMLESS for each in shown)
    assert printable(shown) == shown
    if text.isprintable():
        assert shown == text


def test_cells_stay_apart() -> None:
    @click.command()
    def command() -> None:
        say(1, "a\tb", "c\nd")

    assert CliRunner().invoke(command).output == "1\ta\\tb\tc\\nd\n"


@pytest.mark.parametrize("code", [1, 2])
def test_errors_are_escaped_too_whoever_raises_them(code: int) -> None:
    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command()
    def fails() -> None:
        text = "no \x1b[31mred\nFAKE: line"
        raise click.ClickException(text) if code == 1 else click.UsageError(text)

    done = CliRunner().invoke(group, ["fails"])
    assert done.exit_code == code
    assert done.stderr.endswith("Error: no \\x1b[31mred\\nFAKE: line\n")


@pytest.mark.parametrize("words", [["--\x1b[2J"], ["fails", "--\x1b[2J"], ["\x1b[2J"]])
def test_mistakes_in_words_are_repeated_escaped(words: list[str]) -> None:
    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command()
    def fails() -> None: ...

    done = CliRunner().invoke(group, words)
    assert done.exit_code == 2
    assert "\x1b" not in done.output
    assert "x1b[2J" in done.output


def test_lines_of_our_own_stay_lines() -> None:
    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command()
    def fails() -> None:
        raise Lines("one\ntwo \x07")

    assert CliRunner().invoke(group, ["fails"]).stderr == "Error: one\ntwo \\x07\n"


def test_help_is_left_as_it_is() -> None:
    @click.group(cls=Commands)
    def group() -> None: ...

    assert CliRunner().invoke(group, []).output.startswith("Usage: ")

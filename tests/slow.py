"""What `make test` leaves to `make test-all`: the tests that slow.toml names are marked `slow`.

A test is chosen by where it is, never by a mark of its own, so that slow.toml says all there is to
say. test_slow.py sees to it that nothing stands there that is no test any more, and that what is
run without the mark and what bears it are all there is.
"""

import tomllib
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("slow.toml")


@frozen
class Slow:
    """An entry of the table. tests: folders, files and tests, as pytest has them by name."""

    why: str
    tests: tuple[str, ...]


@cache
def table() -> tuple[Slow, ...]:
    """The entries, in the order of the file."""
    entries = tomllib.loads(TABLE.read_text(encoding="utf-8"))["slow"]
    return tuple(Slow(entry["why"], tuple(entry["tests"])) for entry in entries)


def covers(place: str, nodeid: str) -> bool:
    """Whether the test is this place, or lies in it: a parameter lies in its test."""
    return nodeid == place or nodeid.startswith((f"{place}/", f"{place}::", f"{place}["))


def is_slow(nodeid: str) -> bool:
    """Whether any entry covers it."""
    return any(covers(place, nodeid) for entry in table() for place in entry.tests)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A hook of pytest, which conftest.py takes from here."""
    if is_slow(item.nodeid):
        item.add_marker("slow")

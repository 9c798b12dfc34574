"""What a test needs of the machine beside Python, and what becomes of it where that is missing.

Such a test is skipped, which the summary of a run lists with the reason. With TRICHAT_REQUIRE_ALL
set in the environment it fails instead. No test skips in another way: test_needs.py looks for it.
"""

import os
from typing import NoReturn

import pytest

VARIABLE = "TRICHAT_REQUIRE_ALL"


def lacking(what: str) -> NoReturn:
    """Ends the test that cannot be run here. what: is missing, and how one gets it."""
    if os.environ.get(VARIABLE):
        pytest.fail(f"{VARIABLE} is set, and {what}", pytrace=False)
    pytest.skip(what)


def needs(there: object, what: str) -> pytest.MarkDecorator:
    """Marks a test that can be run only where `there` is true. what: is said where it is not."""
    return pytest.mark.needs(bool(there), what)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A hook of pytest, which conftest.py takes from here."""
    for mark in item.iter_markers("needs"):
        there, what = mark.args
        if not there:
            lacking(what)

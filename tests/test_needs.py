"""A test that lacks something says so, or fails where everything has to be there."""

import re
from pathlib import Path

import pytest

from tests.needs import VARIABLE, lacking, needs

pytest_plugins = ["pytester"]
TESTS = Path(__file__).parent
OTHER_WAYS = re.compile(r"pytest\.skip\b|importorskip|mark\.skip|skipif|SkipTest")
OUTCOMES = [(None, {"passed": 1, "skipped": 2}), ("1", {"passed": 1, "failed": 1, "errors": 1})]


def test_no_test_skips_in_another_way() -> None:
    own = {TESTS / "needs.py", Path(__file__)}
    found = [
        f"{path.relative_to(TESTS)}: {line.strip()}"
        for path in sorted(TESTS.rglob("*.py"))
        if path not in own
        for line in path.read_text(encoding="utf-8").splitlines()
        if OTHER_WAYS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(("required", "outcomes"), OUTCOMES, ids=["may lack", "must have all"])
def test_what_is_missing_skips_a_test_or_fails_it(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    required: str | None,
    outcomes: dict[str, int],
) -> None:
    """By its mark, and in the midst of it: each says why in the summary."""
    monkeypatch.delenv(VARIABLE, raising=False)
    if required is not None:
        monkeypatch.setenv(VARIABLE, required)
    pytester.makeconftest("from tests.needs import pytest_runtest_setup")
    pytester.makeini("[pytest]\nmarkers = needs(there, what): see tests/needs.py\n")
    pytester.makepyfile("""
        from tests.needs import lacking, needs

        @needs(None, "there is no lute")
        def test_lute(): ...

        @needs("a harp", "there is no harp")
        def test_harp(): ...

        def test_flute():
            lacking("there is no flute")
    """)
    result = pytester.runpytest("-rfEs", "-p", "no:cacheprovider")
    result.assert_outcomes(**outcomes)
    said = result.stdout.str()
    assert "there is no lute" in said
    assert "there is no flute" in said
    assert "harp" not in said


def test_the_summary_of_every_run_lists_what_was_skipped(pytestconfig: pytest.Config) -> None:
    assert "-rfEs" in str(pytestconfig.getini("addopts"))


def test_both_are_of_this_place() -> None:
    assert needs(1, "x").mark.args == (True, "x")
    with pytest.raises(BaseException, match="no lyre"):
        lacking("there is no lyre")

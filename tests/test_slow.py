"""What `make test` runs and what slow.toml has it leave out are together all there is."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.needs import needs
from tests.slow import ROOT, covers, is_slow, table

PLACES = [place for entry in table() for place in entry.tests]


def collected(target: str) -> list[str]:
    """The tests that this target of the Makefile would run."""
    lines = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    (line,) = (line for line in lines if " -m pytest " in line)
    options = shlex.split(line)[1:]
    told = subprocess.run(
        [sys.executable, *options, "-n0", "--collect-only", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    return [line for line in told.stdout.splitlines() if line.startswith("tests/") and "::" in line]


@needs(shutil.which("make"), "there is no make")
def test_what_is_quick_and_what_is_slow_are_all_there_is() -> None:
    quick, everything = collected("test"), collected("test-all")
    assert len(everything) == len(set(everything))
    slow = {test for test in everything if is_slow(test)}
    assert set(quick).isdisjoint(slow)
    assert sorted([*quick, *slow]) == sorted(everything)
    assert [place for place in PLACES if not any(covers(place, test) for test in slow)] == []
    files = {test.partition("::")[0] for test in everything}
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    assert there == files


def test_what_the_table_names_is_there() -> None:
    """As far as can be seen without collecting everything."""
    for place in PLACES:
        path, _, rest = place.partition("::")
        assert (ROOT / path).exists(), place
        if rest:
            function = rest.rpartition("::")[2].partition("[")[0]
            assert re.search(rf"^ *(async )?def {function}\(", Path(ROOT, path).read_text(), re.M)


def test_every_entry_says_why_and_no_test_is_named_twice() -> None:
    for entry in table():
        assert entry.why.endswith(".")
        assert entry.tests
    assert len(PLACES) == len(set(PLACES))
    for place in PLACES:
        assert [other for other in PLACES if other != place and covers(other, place)] == []


def test_the_mark_is_given_by_the_table_alone() -> None:
    mark = "mark." + "slow"
    tests = (ROOT / "tests").rglob("*.py")
    assert [path.name for path in tests if mark in path.read_text(encoding="utf-8")] == []

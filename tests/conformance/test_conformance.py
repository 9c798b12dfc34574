"""The page about promises says what the tests show and nothing else."""

from collections import Counter
from pathlib import Path

import pytest

from tests.conformance.mutants import mutations
from tests.conformance.naming import kept_by, promises
from tests.conformance.page import Shown, page
from tests.mutation import ROOT

pytest_plugins = ["pytester"]


def test_the_table_has_every_promise_once() -> None:
    known, titles = promises()
    counts = {section: sum(one.section == section for one in known.values()) for section in titles}
    assert counts == {
        "all": 25, "chats": 16, "room": 12, "lobby": 21, "channels": 23, "conversations": 13,
        "rest": 7,
    }  # fmt: skip
    for section, count in counts.items():
        assert [f"{section}-{number}" for number in range(1, count + 1)] == [
            name for name, one in known.items() if one.section == section
        ]


@pytest.mark.parametrize(
    ("name", "marks", "kept"),
    [
        ("test_lobby_8_a_second_tab", (), ["lobby-8"]),
        ("test_channels_5_6_16_membership[x]", (), ["channels-5", "channels-6", "channels-16"]),
        ("test_room_12", (), ["room-12"]),
        ("test_all_five_hear", (), []),
        ("test_chats_client", (), []),
        ("test_room_4th_floor", (), []),
        ("test_anything", (("all-5", "all-17"),), ["all-5", "all-17"]),
        ("test_all_5_tokens", (("all-5",),), ["all-5"]),
    ],
)
def test_a_test_names_its_promises(
    name: str, marks: tuple[tuple[str, ...], ...], kept: list[str]
) -> None:
    assert kept_by(name, marks) == kept


def test_a_promise_is_kept_by_tests_that_passed_and_by_nothing_else() -> None:
    known, titles = promises()
    few = [known[name] for name in ("chats-1", "chats-2", "chats-3", "chats-4", "chats-5")]
    results = [
        ("chats-1", "tests/a.py::test_x[1]", Shown.PASSED),
        ("chats-1", "tests/a.py::test_x[2]", Shown.PASSED),
        ("chats-2", "tests/a.py::test_x[1]", Shown.PASSED),
        ("chats-2", "tests/a.py::test_y", Shown.FAILED),
        ("chats-3", "tests/a.py::test_z", Shown.SKIPPED),
        ("chats-4", "tests/a.py::test_v", Shown.NOT_RUN),
    ]
    text, good = page(few, titles, results)
    assert not good
    assert "1 of 5 promises are kept, shown by 4 tests" in text
    cells = {line.split(" | ")[0][2:]: line for line in text.splitlines() if "chats-" in line}
    assert "`test_x` ×2 (a.py) | kept |" in cells["chats-1"]
    assert "**1 FAILED**" in cells["chats-2"]
    assert "**all skipped**" in cells["chats-3"]
    assert "**1 NOT RUN**" in cells["chats-4"]
    assert "**no test**" in cells["chats-5"]
    assert page(few[:1], titles, results[:2])[1]


def test_the_run_fails_when_a_promise_has_no_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        test_some="def test_chats_1_x():\n    pass\ndef test_other():\n    assert 0"
    )
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'src'}")
    plugin = ("-p", "tests.conformance.plugin", "-p", "no:cacheprovider")
    run = pytester.runpytest_subprocess(*plugin, "--conformance", "page.md")
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    run.assert_outcomes(passed=1, deselected=1)
    written = (pytester.path / "page.md").read_text(encoding="utf-8")
    assert f"1 of {len(promises()[0])} promises are kept, shown by 1 tests" in written
    pytester.makepyfile(test_some="def test_chats_99_x():\n    pass")
    assert pytester.runpytest_subprocess(*plugin).ret == pytest.ExitCode.USAGE_ERROR


def test_every_mutation_fits_the_code_as_it_is() -> None:
    """In one place each, and it still compiles; and there are enough of them for every dialect."""
    known, titles = promises()
    found = mutations()
    for mutation in found:
        assert mutation.name in known
        list(mutation.files(ROOT / "src"))
    counts = Counter(known[mutation.name].section for mutation in found)
    assert counts.total() >= 60
    assert all(counts[section] >= 10 for section in titles)

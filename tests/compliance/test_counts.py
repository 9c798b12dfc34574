"""What is made of the suite's verdicts."""

import pytest

from tests.compliance.counts import Run, failures, has_failed, page, told


def verdicts(**cases: tuple[str, str]) -> dict[str, dict[str, str]]:
    return {
        case.replace("_", "."): {"behavior": said, "behaviorClose": closed}
        for case, (said, closed) in cases.items()
    }


FINE = verdicts(
    _1=("OK", "OK"),
    _2=("OK", "INFORMATIONAL"),
    _3=("NON-STRICT", "OK"),
    _4=("INFORMATIONAL", "INFORMATIONAL"),
    _5=("UNIMPLEMENTED", "OK"),
)


def test_what_is_no_failure_is_counted_by_its_kind() -> None:
    run = Run("direct", False, FINE)
    assert not has_failed(run)
    assert told(run) == (
        "direct, deflate off: 0 failed, 2 OK, 1 non-strict, 1 informational, 1 unimplemented"
    )


@pytest.mark.parametrize(
    ("said", "closed"),
    [("FAILED", "OK"), ("OK", "WRONG CODE"), ("OK", "FAILED BY CLIENT"), ("OK", "UNCLEAN")],
)
def test_a_wrong_behaviour_and_a_wrong_end_are_failures(said: str, closed: str) -> None:
    run = Run("streamed", True, {**FINE, **verdicts(_6=(said, closed))})
    assert has_failed(run)
    assert list(failures(run)) == [".6"]
    assert "1 failed, 2 OK" in told(run)


def test_nothing_tried_is_a_failure() -> None:
    assert has_failed(Run("direct", False, {}))


def test_the_table_takes_the_place_of_the_old_one() -> None:
    text = "above\n<!-- counts: made by `make autobahn` -->\nold\n<!-- end of the counts -->\nbelow"
    made = page(text, [Run("direct", True, FINE)])
    assert made.startswith("above\n<!--")
    assert made.endswith("-->\nbelow")
    assert "old" not in made
    assert "| direct | on | 5 | 0 | 2 | 1 | 1 | 1 |" in made

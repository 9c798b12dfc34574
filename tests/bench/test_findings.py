"""Medians, spreads and ratios of the benchmark's results."""

import pytest
from bench.report import findings as f
from bench.report.findings import Findings, Spread
from bench.report.goals import goals, worst_growth

from tests.bench.campaigns import campaign, outcome, row


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)
    assert Spread.of([4.0, 1.0]) == Spread(2.5, 1.0, 4.0, 2)
    assert Spread.of([]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.0123, "0.012"), (0.234, "0.23"), (2.345, "2.35"), (23.45, "23.4"),
     (234.5, "234"), (12345.6, "12,346")],
)  # fmt: skip
def test_numbers_show_the_digits_that_count(value: float, text: str) -> None:
    assert f.number(value) == text


def test_ratios_are_taken_within_a_round() -> None:
    """The machine was twice as slow in the second one, which is no difference between them."""
    findings = Findings(
        campaign(
            row("trichat", "B", 0, 2.0), row("fastapi", "B", 0, 8.0),
            row("trichat", "B", 1, 4.0), row("fastapi", "B", 1, 16.0),
            row("trichat", "B", 2, 4.0),
        )
    )  # fmt: skip
    assert findings.ratio(("trichat", "B"), ("fastapi", "B"), f.us) == Spread(0.25, 0.25, 0.25, 2)


def test_a_round_that_lost_something_gives_no_number() -> None:
    findings = Findings(
        campaign(row("trichat", "B", 0, 2.0), row("trichat", "B", 1, 9.0, received=99))
    )
    assert findings.spread("trichat", "B", f.us) == Spread(2.0, 2.0, 2.0, 1)
    assert findings.faults("trichat", "B") == ["1 of 100 lost"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, ""),
        ({"received": 98}, "2 of 100 lost"),
        ({"received": 101}, "1 too many"),
        ({"disordered": 3}, "3 out of order"),
        ({"orders": 1}, "1 members heard another order"),
        ({"closed": 1, "why": "ended"}, "1 connections closed (ended)"),
        ({"stalled": True}, "stalled"),
        ({"deliveries": 0}, "nothing delivered while it was measured"),
    ],
)
def test_what_was_not_delivered_as_it_should_is_a_fault(
    given: dict[str, object], fault: str
) -> None:
    assert outcome(**given).fault == fault


def test_a_goal_is_met_by_the_median_and_unknown_where_nothing_was_measured() -> None:
    rows = [row("trichat", "B", turn, us) for turn, us in enumerate((5.0, 6.0, 9.0))]
    rows += [row("fastapi", "B", turn, 10.0) for turn in range(3)]
    found = {goal.text: goal for goal in goals(Findings(campaign(*rows)))}
    met = found["B: committing to SQLite, by FastAPI"]
    assert (met.bound, met.found, met.met) == ("≤ 0.60", Spread(0.6, 0.5, 0.9, 3), True)
    assert found["A100 W1: committing to SQLite, by FastAPI"].met is None


def test_growth_is_the_worst_of_all_pairs_beside_the_limits() -> None:
    costs = {"10": (8.0, 4.0), "100": (2.0, 2.0), "1000": (3.0, 2.0)}
    rows = []
    for size, (ours, limit) in costs.items():
        rows.append(row("trichat", f"G {size} members", 0, ours))
        rows.append(row("limit", f"G {size} members", 0, limit))
    worst = worst_growth(Findings(campaign(*rows)), "members")
    assert worst is not None
    assert worst.median == pytest.approx(1.5)

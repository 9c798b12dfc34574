"""Sliding windows per key (lobby-13, all-25)."""

from hypothesis import given
from hypothesis import strategies as st

from trichat.core.quota import SlidingWindow


def test_so_many_in_so_long_and_then_the_time_to_wait() -> None:
    window = SlidingWindow(2, 60)
    assert window.take("a", 0) is None
    assert window.take("a", 10) is None
    assert window.take("a", 20) == 40
    assert window.take("a", 59) == 1
    assert window.take("a", 60) is None
    assert window.take("a", 60) == 10


def test_what_was_refused_does_not_count() -> None:
    window = SlidingWindow(1, 60)
    assert window.take("a", 0) is None
    for now in range(1, 60):
        assert window.take("a", now) == 60 - now
    assert window.take("a", 60) is None


def test_keys_do_not_share() -> None:
    window = SlidingWindow(1, 60)
    assert window.take("a", 0) is None
    assert window.take("b", 0) is None
    assert window.take("a", 1) == 59


def test_nought_is_no_limit() -> None:
    window = SlidingWindow(0, 60)
    assert all(window.take("a", 0) is None for _ in range(1000))
    window.give_back("a")


def test_what_is_given_back_is_free_again() -> None:
    window = SlidingWindow(2, 60)
    window.take("a", 0)
    window.take("a", 30)
    window.give_back("a")
    assert window.take("a", 40) is None
    assert window.take("a", 50) == 10
    window.give_back("nobody")


def test_the_table_is_bounded_by_who_is_active() -> None:
    """Also when a few who never stop were the first to come."""
    window = SlidingWindow(1000, 60)
    regulars = [f"regular {number}" for number in range(4)]
    for now in range(2000):
        for regular in regulars:
            window.take(regular, now)
        window.take(f"passer-by {now}", now)
    assert len(window) < 200


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), max_size=60),
)
def test_in_no_window_are_more_than_the_limit_and_none_is_refused_in_vain(
    limit: int, steps: list[tuple[str, int]]
) -> None:
    window = SlidingWindow(limit, 60)
    accepted: dict[str, list[int]] = {"a": [], "b": []}
    now = 0
    for key, pause in steps:
        now += pause
        recent = [at for at in accepted[key] if at > now - 60]
        wait = window.take(key, now)
        if len(recent) < limit:
            assert wait is None
            accepted[key].append(now)
        else:
            assert wait == recent[0] + 60 - now
            assert wait > 0


def test_so_much_in_so_long_and_then_the_time_to_wait() -> None:
    amounts = SlidingWindow(100, 60)
    assert amounts.take("a", 0, 60) is None
    assert amounts.take("a", 10, 40) is None
    assert amounts.take("a", 20, 1) == 40
    assert amounts.take("a", 20, 61) == 50  # the second has to go as well
    assert amounts.take("a", 20, 101) == 60  # never
    assert amounts.take("b", 20, 100) is None
    assert amounts.take("a", 60, 60) is None
    assert amounts.take("a", 60, 1) == 10


def test_amounts_that_are_given_back_are_free_again() -> None:
    amounts = SlidingWindow(100, 60)
    assert amounts.take("a", 0, 50) is None
    assert amounts.take("a", 10, 50) is None
    amounts.give_back("a", 70)
    assert amounts.take("a", 20, 71) is not None
    assert amounts.take("a", 20, 70) is None
    amounts.give_back("nobody", 70)


def test_no_limit_of_amounts_keeps_nothing() -> None:
    amounts = SlidingWindow(0, 60)
    assert all(amounts.take("a", 0, 10**9) is None for _ in range(10))
    amounts.give_back("a", 5)
    assert len(amounts) == 0


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 30)), max_size=60))
def test_no_window_ever_holds_more_than_the_limit(steps: list[tuple[int, float]]) -> None:
    amounts, now, taken = SlidingWindow(100, 60, grain=1), 0.0, list[tuple[float, int]]()
    for amount, wait in steps:
        now += wait
        outcome = amounts.take("a", now, amount)
        if outcome is None:
            taken.append((now, amount))
        else:
            assert 0 < outcome < 60.001
        assert sum(much for when, much in taken if when > now - 59) <= 100
    assert len(amounts) == 0 or len(amounts._keys["a"].entries) <= 61

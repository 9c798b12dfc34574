"""Numbered items come out in order, once each, however they arrive."""

import random

import pytest

from trichat.core.ordering import MOST_BYTES, MOST_EVENTS, Ordering


def begun(at: int = 0) -> Ordering[int]:
    ordering: Ordering[int] = Ordering()
    assert list(ordering.start(at)) == []
    return ordering


def take(ordering: Ordering[int], number: int, size: int = 1, *, keep: bool = False) -> list[int]:
    return list(ordering.take(number, number, size, keep=keep) or ())


def test_what_comes_in_order_goes_on_at_once() -> None:
    ordering = begun(4)
    assert [take(ordering, number) for number in (5, 6, 7)] == [[5], [6], [7]]
    assert (ordering.last, ordering.highest, ordering.has_gap) == (7, 7, False)


def test_it_advances_by_the_next_number_alone_and_only_where_nothing_waits() -> None:
    unbegun: Ordering[int] = Ordering()
    assert not unbegun.advance(1)
    ordering = begun(4)
    assert [ordering.advance(number) for number in (4, 6, 5, 5)] == [False, False, True, False]
    assert (ordering.last, ordering.highest, ordering.has_gap) == (5, 5, False)
    even = [ordering.is_even]
    take(ordering, 7)
    assert [*even, ordering.is_even] == [True, False]
    assert not ordering.advance(6)
    assert take(ordering, 6) == [6, 7]
    ordering.expect(9)
    assert ordering.advance(8)
    assert (ordering.highest, ordering.has_gap) == (9, True)


def test_what_comes_early_waits_for_what_is_missing() -> None:
    ordering = begun()
    assert take(ordering, 3) == take(ordering, 2) == []
    assert ordering.has_gap
    assert take(ordering, 1) == [1, 2, 3]
    assert not ordering.has_gap


def test_what_was_taken_in_or_waits_is_not_taken_again() -> None:
    ordering = begun()
    take(ordering, 1)
    take(ordering, 3)
    assert ordering.take(1, 1, 1, keep=True) is None
    assert ordering.take(3, 3, 1, keep=True) is None
    assert ordering.waits(3) == 3
    assert ordering.waits(1) is None


def test_a_head_that_is_known_is_a_gap() -> None:
    ordering = begun(4)
    ordering.expect(6)
    ordering.expect(5)
    assert (ordering.highest, ordering.has_gap) == (6, True)
    assert take(ordering, 5) == [5]
    assert take(ordering, 6) == [6]
    assert not ordering.has_gap


@pytest.mark.parametrize(
    ("early", "head", "last", "following"),
    [
        ((), 4, 4, []),
        ((5, 6), 4, 6, [5, 6]),
        ((5, 6), 6, 6, [5, 6]),  # the head was read after they were committed
        ((6,), 7, 6, [6]),
        ((6,), 4, 4, []),
        ((5, 7), 4, 5, [5]),
    ],
)
def test_it_begins_at_the_head_or_before_what_has_arrived_by_then(
    early: tuple[int, ...], head: int, last: int, following: list[int]
) -> None:
    ordering: Ordering[int] = Ordering()
    for number in early:
        assert take(ordering, number) == []
    assert list(ordering.start(head)) == following
    assert ordering.last == last
    assert ordering.has_gap is (last < max((head, *early)))


def test_it_begins_once() -> None:
    ordering = begun(4)
    assert list(ordering.start(9)) == []
    assert ordering.last == 4


def test_behind_a_gap_no_more_than_so_many_wait_and_the_highest_number_is_kept() -> None:
    ordering = begun()
    for number in range(2, MOST_EVENTS + 2):
        assert not ordering.is_full
        take(ordering, number)
    assert ordering.is_full
    take(ordering, MOST_EVENTS + 2)
    assert ordering.waits(MOST_EVENTS + 2) is None
    assert ordering.highest == MOST_EVENTS + 2
    take(ordering, MOST_EVENTS + 3, keep=True)
    assert ordering.waits(MOST_EVENTS + 3) is not None
    assert len(take(ordering, 1)) == MOST_EVENTS + 1
    assert ordering.has_gap


def test_nor_more_than_so_many_bytes() -> None:
    ordering = begun()
    take(ordering, 3, MOST_BYTES - 1)
    full = [ordering.is_full]
    take(ordering, 4, 1)
    full.append(ordering.is_full)
    take(ordering, 5, 1)
    assert ordering.waits(5) is None
    assert take(ordering, 1) == [1]
    assert take(ordering, 2) == [2, 3, 4]
    full.append(ordering.is_full)
    assert full == [False, True, False]


def test_what_closes_a_gap_is_taken_however_much_waits() -> None:
    ordering = begun()
    take(ordering, 2, MOST_BYTES)
    assert take(ordering, 1) == [1, 2]


def test_what_is_missing_can_be_passed_over() -> None:
    ordering = begun()
    for number in (5, 3):
        take(ordering, number)
    ordering.expect(9)
    assert list(ordering.waiting()) == [3, 5]
    assert list(ordering.give_up()) == [3, 5]
    assert ordering.last == 9
    assert not ordering.has_gap


def test_the_newest_that_waits() -> None:
    ordering: Ordering[int] = Ordering()
    ordering.start(0)
    newest = [ordering.newest]
    for number in (3, 5, 4, 1, 2):
        take(ordering, number)
        newest.append(ordering.newest)
    assert newest == [None, 3, 5, 5, 5, None]


@pytest.mark.parametrize("seed", range(200))
def test_any_arrival_comes_out_as_the_log_has_it(seed: int) -> None:
    """Late, doubled, in another order, with holes that are read from the log."""
    chance = random.Random(seed)
    first, length = chance.randrange(50), chance.randrange(1, 60)
    log = list(range(first + 1, first + length + 1))
    arriving = [number for number in log for _ in range(chance.choice((0, 1, 1, 2)))]
    chance.shuffle(arriving)
    ordering: Ordering[int] = Ordering()
    begins = chance.randrange(len(arriving) + 1)
    came: list[int] = []
    for number, event in enumerate(arriving):
        if number == begins:
            came += ordering.start(first)
        came += take(ordering, event, keep=chance.random() < 0.5)
    came += ordering.start(first)
    ordering.expect(log[-1])
    while ordering.has_gap:
        assert ordering.last is not None
        came += take(ordering, ordering.last + 1)
    assert came == log

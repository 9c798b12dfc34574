"""Lines that take turns, against a list that says the same slowly."""

from hypothesis import given
from hypothesis import strategies as st

from trichat.runtime.lines import Lines


def of(share: int, waiting: str) -> Lines[str]:
    """waiting: "a1 a2 b1", each in the line of its letter."""
    lines: Lines[str] = Lines(share)
    for one in waiting.split():
        lines.join(one[0], one)
    return lines


def order(lines: Lines[str]) -> str:
    return " ".join(lines.next() for _ in range(len(lines)))


def test_one_line_goes_in_order() -> None:
    assert order(of(2, "a1 a2 a3")) == "a1 a2 a3"


def test_lines_take_turns_a_share_at_a_time() -> None:
    assert order(of(1, "a1 a2 a3 b1 c1 c2")) == "a1 b1 c1 a2 c2 a3"
    assert order(of(2, "a1 a2 a3 b1 c1 c2")) == "a1 a2 b1 c1 c2 a3"


def test_a_line_that_has_ended_begins_behind_the_others() -> None:
    lines = of(1, "a1 b1 b2")
    assert lines.next() == "a1"
    lines.join("a", "a2")
    assert order(lines) == "b1 a2 b2"


def test_a_turn_that_was_begun_by_who_left_is_not_the_next_ones() -> None:
    lines = of(3, "a1 a2 b1 b2 b3 b4 c1")
    assert lines.next() == "a1"
    lines.leave("a", "a2")
    assert order(lines) == "b1 b2 b3 c1 b4"


def test_who_does_not_wait_may_leave() -> None:
    lines = of(1, "a1")
    lines.leave("a", "a2")
    lines.leave("b", "b1")
    assert order(lines) == "a1"
    lines.leave("a", "a1")
    assert len(lines) == 0


def test_the_last_one_of_a_line_beyond_its_share_gives_way() -> None:
    lines = of(2, "a1 a2 a3 a4 b1 b2")
    assert lines.give_way("b") is None  # it has its share
    assert lines.give_way("c") == "a4"
    assert lines.give_way("c") == "a3"
    assert lines.give_way("c") is None
    assert order(lines) == "a1 a2 b1 b2"


LINES = st.sampled_from("abc")
STEPS = st.lists(
    st.tuples(st.sampled_from(["join", "join", "next", "leave", "give way"]), LINES), max_size=60
)


@given(st.integers(1, 3), STEPS)
def test_whatever_happens_nobody_is_lost_or_told_twice(
    share: int, steps: list[tuple[str, str]]
) -> None:
    lines: Lines[int] = Lines(share)
    waiting: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    for number, (step, line) in enumerate(steps):
        match step:
            case "join":
                lines.join(line, number)
                waiting[line].append(number)
            case "leave" if waiting[line]:
                lines.leave(line, waiting[line].pop(len(waiting[line]) // 2))
            case "next" if len(lines):
                one = lines.next()
                [mine] = [each for each in waiting.values() if one in each]
                assert mine.pop(0) == one
            case "give way":
                gone = lines.give_way(line)
                longer = [each for each in waiting.values() if len(each) > share]
                if len(waiting[line]) >= share or not longer:
                    assert gone is None
                else:
                    [mine] = [each for each in longer if gone in each]
                    assert mine.pop() == gone
        assert len(lines) == sum(map(len, waiting.values()))
    while len(lines):
        one = lines.next()
        [mine] = [each for each in waiting.values() if one in each]
        assert mine.pop(0) == one
    assert not any(waiting.values())

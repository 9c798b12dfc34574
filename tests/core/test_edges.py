"""The first one in and the last one out."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trichat.core.edges import Edges


def test_only_the_first_and_the_last_are_edges() -> None:
    edges: Edges[str] = Edges()
    assert edges.arrive("a")
    assert not edges.arrive("a")
    assert not edges.depart("a")
    assert edges.depart("a")
    assert edges.arrive("a")


def test_who_never_came_cannot_go() -> None:
    edges: Edges[str] = Edges()
    with pytest.raises(KeyError):
        edges.depart("a")
    edges.arrive("a")
    edges.depart("a")
    with pytest.raises(KeyError):
        edges.depart("a")
    assert "a" not in edges
    assert len(edges) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_it_counts(steps: list[tuple[str, bool]]) -> None:
    edges: Edges[str] = Edges()
    counts: Counter[str] = Counter()
    for key, arrives in steps:
        if arrives:
            counts[key] += 1
            assert edges.arrive(key) == (counts[key] == 1)
        elif counts[key]:
            counts[key] -= 1
            assert edges.depart(key) == (counts[key] == 0)
        assert all((key in edges) == (counts[key] > 0) for key in "abc")
        assert len(edges) == sum(count > 0 for count in counts.values())

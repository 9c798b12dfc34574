"""What docs/architecture.md draws is what the code does."""

from tests.drawings.states import PAGE, drawn, within


def test_the_states_are_drawn_as_the_tables_have_them() -> None:
    """`make drawings` draws them anew."""
    _, drawing, _ = within(PAGE.read_text(encoding="utf-8"))
    assert drawing == drawn()

"""The states of a subscription, drawn from its tables for docs/architecture.md."""

from pathlib import Path

from trichat.runtime.subscription import FATES, TRANSITIONS, Fate, State

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
BEGIN, END = "<!-- states: begin, by `make drawings` -->\n", "<!-- states: end -->\n"

_WORDS = {
    Fate.WRITE: "written",
    Fate.COMPARE: "written if its number is higher than what was replayed",
    Fate.HOLD: "held",
    Fate.DROP: "dropped",
}


def drawn() -> str:
    """A diagram of the steps, and a table of what becomes of a frame."""
    steps = [
        f"    {state.name} --> {to.name}: {step.value}"
        for state, ways in TRANSITIONS.items()
        for step, to in ways.items()
        if state is not State.CLOSED
    ]
    fates = [
        f"| {state.name} | {_WORDS[numbered]} | {_WORDS[other]} |"
        for state, (numbered, other) in FATES.items()
    ]
    return "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {State.WAITING.name}",
            *steps,
            "```",
            "",
            "| state | a numbered frame is | any other frame is |",
            "|---|---|---|",
            *fates,
            "",
        ]
    )


def within(text: str) -> tuple[str, str, str]:
    """What is before the drawing, the drawing, and what is behind it."""
    before, _, rest = text.partition(BEGIN)
    drawing, _, behind = rest.partition(END)
    return before + BEGIN, drawing, END + behind


if __name__ == "__main__":
    before, _, behind = within(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(before + drawn() + behind, encoding="utf-8")

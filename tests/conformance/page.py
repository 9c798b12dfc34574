"""The page about promises, and the lines for the terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum

from tests.conformance.naming import Promise

HEAD = """\
# Conformance

Every numbered promise of the five documents (the numbers are those of our own list; each line
says in our words what one is about) and every section of the REST contract beside them, the tests
that name it, and what they showed. Made by `make conformance` from the results of its own run: not
to be edited.

"""


class Shown(StrEnum):
    """What a run showed of a test."""

    PASSED = "passed"
    FAILED = "FAILED"
    SKIPPED = "skipped"
    NOT_RUN = "NOT RUN"


Results = Iterable[tuple[str, str, Shown]]


def _by_promise(results: Results) -> dict[str, dict[str, Counter[Shown]]]:
    """promise → test, without its parameters → what was shown how often."""
    found: dict[str, dict[str, Counter[Shown]]] = {}
    for promise, nodeid, shown in results:
        test = nodeid.partition("[")[0]
        found.setdefault(promise, {}).setdefault(test, Counter())[shown] += 1
    return found


def verdict(tests: dict[str, Counter[Shown]]) -> str:
    """In a word, why this promise counts as kept or not; `kept` is the only good one."""
    shown: Counter[Shown] = sum(tests.values(), Counter())
    for bad in (Shown.FAILED, Shown.NOT_RUN):
        if shown[bad]:
            return f"**{shown[bad]} {bad}**"
    if not shown[Shown.PASSED]:
        return "**all skipped**" if shown[Shown.SKIPPED] else "**no test**"
    skipped = shown[Shown.SKIPPED]
    return f"kept, {skipped} skipped" if skipped else "kept"


def page(promises: Iterable[Promise], titles: dict[str, str], results: Results) -> tuple[str, bool]:
    """The page, and whether every promise is kept."""
    found = _by_promise(results)
    verdicts = {promise: verdict(found.get(promise.name, {})) for promise in promises}
    good = sum(word.startswith("kept") for word in verdicts.values())
    tests = {test for kept in found.values() for test in kept}
    text = HEAD + f"{good} of {len(verdicts)} promises are kept, shown by {len(tests)} tests.\n"
    section = ""
    for promise, word in verdicts.items():
        if promise.section != section:
            section = promise.section
            text += f"\n## {titles[section]}\n\n| promise | about | tests | result |\n"
            text += "|---|---|---|---|\n"
        cell = "<br>".join(_lines(found.get(promise.name, {})))
        text += f"| {promise.name} | {promise.meaning} | {cell} | {word} |\n"
    return text, good == len(verdicts)


def _lines(tests: dict[str, Counter[Shown]]) -> Iterator[str]:
    for test, shown in tests.items():
        path, _, name = test.partition("::")
        times = f" ×{shown.total()}" if shown.total() > 1 else ""
        yield f"`{name.replace('::', '.')}`{times} ({path.removeprefix('tests/')})"


def summary(promises: Iterable[Promise], results: Results) -> Iterator[str]:
    """A line for each promise."""
    found = _by_promise(results)
    for promise in promises:
        tests = found.get(promise.name, {})
        word = verdict(tests).replace("*", "")
        runs = sum(shown.total() for shown in tests.values())
        yield f"{promise.name:17} {word:12} {len(tests):3} tests {runs:4} runs  {promise.meaning}"

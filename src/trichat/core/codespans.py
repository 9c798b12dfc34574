"""A text is code between backticks, or between fences on lines of their own.

The rules are CommonMark's, as far as chats keep them: a run of backticks is closed by the next run
of the same length, a shorter one than three within its paragraph; three and more may hold anything,
as the web client has it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from attrs import frozen

_RUN = re.compile("`+|~{3,}")
_PARAGRAPH_ENDS = re.compile(r"\n[ \t]*(?=\n)|\n {0,3}(?=```|~~~)")
_BLOCK = 3

Range = tuple[int, int]


class Code:
    """The ranges of a text that are code, found in time that grows with its length alone."""

    def __init__(self, text: str) -> None:
        ranges = list(_Ranges(text).found()) if "`" in text or "~~~" in text else []
        self._begins = [begin for begin, _ in ranges]
        self._ends = [end for _, end in ranges]

    def covers(self, place: int) -> bool:
        """Return whether the character at this place is code."""
        before = bisect_right(self._begins, place) - 1
        return before >= 0 and place < self._ends[before]


@frozen
class _Run:
    """Backticks or tildes in a row.

    alone: whether nothing but a few blanks is before it in its line. rest: what of the line is
    behind it.
    """

    begin: int
    end: int
    mark: str
    alone: bool
    rest: str

    @property
    def length(self) -> int:
        return self.end - self.begin

    @property
    def opens_block(self) -> bool:
        """Return whether it opens a block: nothing behind an opening fence is a backtick."""
        fits = self.mark == "~" or "`" not in self.rest
        return self.alone and self.length >= _BLOCK and fits

    def closes_block(self, opening: "_Run") -> bool:
        fits = self.mark == opening.mark and self.length >= opening.length
        return self.alone and fits and not self.rest.strip()


class _Ranges:
    def __init__(self, text: str) -> None:
        self._text = text
        self._runs = list(_runs(text))
        self._paragraphs = [found.start() for found in _PARAGRAPH_ENDS.finditer(text)]
        following: dict[int, int] = {}  # by length: the place among the runs of the next such
        self._alike: list[int | None] = []
        self._shorter: list[int | None] = []  # for where the first backtick is escaped
        for number in range(len(self._runs) - 1, -1, -1):
            run = self._runs[number]
            self._alike.append(following.get(run.length))
            self._shorter.append(following.get(run.length - 1))
            if run.mark == "`":
                following[run.length] = number
        self._alike.reverse()
        self._shorter.reverse()

    def found(self) -> Iterator[Range]:
        """Return the ranges in order, none within another."""
        number = 0
        while number < len(self._runs):
            run = self._runs[number]
            if run.opens_block:
                close, end = self._block(number)
            else:
                close, end = self._span(number)
            if end:
                yield run.begin, end
            number = close + 1

    def _block(self, number: int) -> Range:
        """The run that closes it, and the place behind that; without one it goes to the end."""
        opening = self._runs[number]
        for close in range(number + 1, len(self._runs)):
            if self._runs[close].closes_block(opening):
                return close, self._runs[close].end
        return len(self._runs), len(self._text)

    def _span(self, number: int) -> Range:
        """The same; the run itself and 0 where nothing closes it."""
        run = self._runs[number]
        escaped = _is_escaped(self._text, run.begin)
        close = self._shorter[number] if escaped else self._alike[number]
        if run.mark != "`" or close is None or run.length == escaped:
            return number, 0
        until = self._runs[close]
        if until.length < _BLOCK and self._paragraph(run.begin) != self._paragraph(until.begin):
            return number, 0
        return close, until.end

    def _paragraph(self, place: int) -> int:
        return bisect_right(self._paragraphs, place)


def _runs(text: str) -> Iterator[_Run]:
    line, line_ends = 0, -1
    for run in _RUN.finditer(text):
        begin, end = run.span()
        if begin > line_ends:
            line = text.rfind("\n", 0, begin) + 1
            line_ends = text.find("\n", end)
            if line_ends < 0:
                line_ends = len(text)
        alone = begin - line <= 3 and text[line:begin].strip(" ") == ""
        # Of fences alone the rest of the line matters; each line has one at most.
        rest = text[end:line_ends] if alone and end - begin >= _BLOCK else ""
        yield _Run(begin, end, text[begin], alone, rest)


def _is_escaped(text: str, place: int) -> bool:
    """Return whether an odd number of backslashes stands before it."""
    before = place
    while before and text[before - 1] == "\\":
        before -= 1
    return (place - before) % 2 == 1

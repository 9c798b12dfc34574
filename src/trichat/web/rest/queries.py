"""Whole numbers of the query string, each within its bounds or 422."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from quart import request

from trichat.web.rest.problems import invalid, wrong

# What SQLite still counts with, whatever it is multiplied by here.
GREATEST = 2**53

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


@frozen
class Count:
    """default: when the query does not say. least, most: both allowed."""

    default: int
    least: int = 0
    most: int = GREATEST


def read_counts(wanted: Mapping[str, Count]) -> dict[str, int]:
    """By name. Raises RequestError with everything that is wrong."""
    counts: dict[str, int] = {}
    problems: list[dict[str, Any]] = []
    for name, count in wanted.items():
        text = request.args.get(name)
        found = count.default if text is None else _read(text, count)
        if isinstance(found, int):
            counts[name] = found
        else:
            problems.append(wrong(*found, text, "query", name))
    if problems:
        raise invalid(*problems)
    return counts


def _read(text: str, count: Count) -> int | tuple[str, str]:
    """The number, or the type and words of what is wrong."""
    if not _WHOLE.fullmatch(text):
        return "int_parsing", "Input should be a valid integer"
    number = int(text)
    if number < count.least:
        msg = f"Input should be greater than or equal to {count.least}"
        return "greater_than_equal", msg
    if number > count.most:
        msg = f"Input should be less than or equal to {count.most}"
        return "less_than_equal", msg
    return number

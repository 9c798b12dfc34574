"""Each parameter of a query is of its kind and within its bounds, or the answer is 422."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from quart import request

from trichat.auth.wording import UNCLEAN
from trichat.core.text import is_clean
from trichat.web.rest.problems import bad_value, invalid, wrong

# The largest number that SQLite can count with, whatever it is multiplied by here.
GREATEST = 2**53

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")

Problem = dict[str, Any]


@frozen
class Count:
    """A whole number.

    default: when the query does not say. least, most: both allowed.
    """

    default: int
    least: int = 0
    most: int = GREATEST

    @property
    def schema(self) -> dict[str, Any]:
        """The same in words of JSON Schema."""
        return {
            "type": "integer",
            "default": self.default,
            "minimum": self.least,
            "maximum": self.most,
        }

    def read(self, name: str, text: str | None) -> int | Problem:
        """Return the number, or what is wrong."""
        if text is None:
            return self.default
        if not _WHOLE.fullmatch(text):
            return wrong("int_parsing", "Input should be a valid integer", text, "query", name)
        number = int(text)
        if number < self.least:
            msg = f"Input should be greater than or equal to {self.least}"
            return wrong("greater_than_equal", msg, text, "query", name)
        if number > self.most:
            msg = f"Input should be less than or equal to {self.most}"
            return wrong("less_than_equal", msg, text, "query", name)
        return number


@frozen
class Text:
    """A text; None when the query does not say.

    choices: the only ones allowed, where there are any. most: code points. pattern: for the
    document, where the handler takes less than any clean text.
    """

    choices: tuple[str, ...] = ()
    most: int | None = None
    pattern: str = r"^[^\u0000]*$"

    @property
    def schema(self) -> dict[str, Any]:
        """The same in words of JSON Schema."""
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        most = {} if self.most is None else {"maxLength": self.most}
        return {"type": "string", "pattern": self.pattern, **most}

    def read(self, name: str, text: str | None) -> str | Problem | None:
        """Return the text, or what is wrong."""
        if text is None:
            return None
        if self.choices and text not in self.choices:
            msg = f"Input should be {', '.join(map(repr, self.choices))}"
            return wrong("enum", msg, text, "query", name)
        if not is_clean(text):
            return bad_value(UNCLEAN, text, "query", name)
        if self.most is not None and len(text) > self.most:
            return bad_value(f"must have at most {self.most} characters", text, "query", name)
        return text


Query = Mapping[str, Count | Text]


def read_query(wanted: Query) -> dict[str, int | str | None]:
    """Return the parameters by name. Raises RequestError with everything that is wrong."""
    values: dict[str, int | str | None] = {}
    problems: list[Problem] = []
    for name, parameter in wanted.items():
        found = parameter.read(name, request.args.get(name))
        if isinstance(found, dict):
            problems.append(found)
        else:
            values[name] = found
    if problems:
        raise invalid(*problems)
    return values

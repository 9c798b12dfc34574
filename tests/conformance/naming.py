"""Which promises a test keeps: by its name (`test_lobby_8_9_…`) or by the marker `promise`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen

TABLE = Path(__file__).with_name("promises.toml")


@frozen(order=True)
class Promise:
    """order: the place of its section in the table."""

    order: int
    number: int
    section: str
    meaning: str

    @property
    def name(self) -> str:
        return f"{self.section}-{self.number}"


def promises() -> tuple[dict[str, Promise], dict[str, str]]:
    """All by their name, in the order of the table; and the titles of its sections."""
    tables = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    titles = {section: str(lines.pop("title")) for section, lines in tables.items()}
    found = [
        Promise(order, int(number), section, meaning)
        for order, (section, lines) in enumerate(tables.items())
        for number, meaning in lines.items()
    ]
    return {promise.name: promise for promise in sorted(found)}, titles


_SECTIONS = "|".join(promises()[1])
_NAMED = re.compile(rf"test_({_SECTIONS})((?:_[1-9][0-9]*)+)(?=_|\[|$)")


def kept_by(name: str, marks: Iterable[tuple[str, ...]] = ()) -> list[str]:
    """The names of the promises, of a test's name and the arguments of its markers."""
    named = _NAMED.match(name)
    kept = [] if not named else [f"{named[1]}-{n}" for n in named[2].strip("_").split("_")]
    return list(dict.fromkeys([*kept, *(promise for mark in marks for promise in mark)]))


def unknown(kept: Iterable[str], known: Mapping[str, Promise]) -> list[str]:
    """Those that no table has."""
    return [promise for promise in kept if promise not in known]

"""Whether a frame has the shape of a documented one: its keys, and the kind of each value."""

import re
from collections.abc import Collection
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?P<fraction>\.\d{3})?Z")

# Keys whose value says which frame it is.
TELLING = ("type", "action", "status")


def mismatch(documented: Any, real: Any, added: Collection[str] = (), at: str = "") -> str | None:
    """What is wrong with the real one, if anything. added: keys that it may have beside."""
    match documented:
        case dict():
            return _object(documented, real, added, at)
        case list():
            return _array(documented, real, added, at)
        case str():
            return _text(documented, real, at)
        case None:
            return None if real is None or isinstance(real, str) else f"{at}: {real!r}"
    if type(documented) is not type(real):
        return f"{at}: {real!r} instead of a {type(documented).__name__}"
    return None


def _object(documented: Any, real: Any, added: Collection[str], at: str) -> str | None:
    if not isinstance(real, dict):
        return f"{at}: {real!r} instead of an object"
    if not documented:  # an ellipsis
        return None
    for key in documented.keys() - real.keys():
        return f"{at}.{key} is missing"
    for key in real.keys() - documented.keys() - set(added):
        return f"{at}.{key} is too much"
    for key, value in documented.items():
        if key in TELLING and real[key] != value:
            return f"{at}.{key}: {real[key]!r} instead of {value!r}"
        wrong = mismatch(value, real[key], added, f"{at}.{key}")
        if wrong:
            return wrong
    return None


def _array(documented: list[Any], real: Any, added: Collection[str], at: str) -> str | None:
    """Each documented item stands for real ones, and each real one for a documented."""
    if not isinstance(real, list):
        return f"{at}: {real!r} instead of an array"
    for item in documented:
        if all(mismatch(item, other, added) for other in real):
            return f"{at}: nothing like {item!r} in {real!r}"
    for other in real:
        if all(mismatch(item, other, added) for item in documented):
            return f"{at}: {other!r} is like nothing in {documented!r}"
    return None


def _text(documented: str, real: Any, at: str) -> str | None:
    if not isinstance(real, str):
        return f"{at}: {real!r} instead of a text"
    if "uuid" in documented and not UUID.fullmatch(real):
        return f"{at}: {real!r} is no UUID"
    time = TIME.fullmatch(documented)
    if time:
        shown = TIME.fullmatch(real)
        if not shown or (time["fraction"] and not shown["fraction"]):
            return f"{at}: {real!r} is no such time"
    return None

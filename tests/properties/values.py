"""JSON of any kind and any trouble, as trees that can be changed before they become text."""

import json
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from tests.properties.rfc8259 import DEEPEST, LONGEST_WHOLE


@frozen
class Verbatim:
    """Stands in the text as it is, be it JSON or not."""

    text: str


@frozen
class Members:
    """An object whose keys may repeat."""

    pairs: tuple[tuple[str, Any], ...]


def write(value: Any, *, escaped: bool = True) -> str:
    """The text of a tree. escaped: everything beyond ASCII; lone surrogates always are."""
    match value:
        case Verbatim(text):
            return text
        case Members(pairs):
            return _object(pairs, escaped)
        case dict():
            return _object(tuple(value.items()), escaped)
        case list() | tuple():
            return f"[{','.join(write(each, escaped=escaped) for each in value)}]"
        case str():
            return _string(value, escaped)
    return json.dumps(value)


def _object(pairs: tuple[tuple[str, Any], ...], escaped: bool) -> str:
    inner = ",".join(
        f"{_string(key, escaped)}:{write(value, escaped=escaped)}" for key, value in pairs
    )
    return f"{{{inner}}}"


def _string(text: str, escaped: bool) -> str:
    surrogates = any("\ud800" <= char <= "\udfff" for char in text)
    return json.dumps(text, ensure_ascii=escaped or surrogates)


def nested(depth: int, inner: str = "") -> Verbatim:
    """Arrays in arrays."""
    return Verbatim("[" * depth + inner + "]" * depth)


@st.composite
def shared(draw: st.DrawFn, *shares: tuple[int, st.SearchStrategy[Any]]) -> Any:
    """One of these, in proportion to its share; one_of counts the parts of each part."""
    number = draw(st.sampled_from([n for n, (share, _) in enumerate(shares) for _ in range(share)]))
    return draw(shares[number][1])


# -- leaves

any_char = st.characters(codec=None, exclude_categories=())  # surrogates too
EDGES = [
    "", " ", "\u2003\n", "\x85\u200b", "\x1c", "e\u0301", "\U0001f469\u200d\U0001f467",
    "\U0010ffff",
    "\u2028", "'\"\\/", "\x7f\x9f", "\ufeff", "null", "NaN", "1", "public", "private", "text",
    "system", "__proto__", "{}", "[]", "%", "_", "*",
    "\0", "a\0b", "\ud800", "\udc00\ud800", "a\udfff",
]  # fmt: skip
UNCLEAN = EDGES[-5:]
LENGTHS = [64, 65, 100, 101, 1000, 1001, 10_000, 10_001]
WHOLES = [-(2**63) - 1, -(2**63), -1, 0, 1, 2, 1000, 1001, 2**31, 2**53, 2**63 - 1, 2**63, 10**40]
long_texts = st.builds(str.__mul__, st.sampled_from("xé\U0001f600 "), st.sampled_from(LENGTHS))
texts = shared(
    (3, st.text(any_char, max_size=30)),
    (3, st.sampled_from(EDGES)),
    (3, st.sampled_from(UNCLEAN)),
    (1, long_texts),
)
wholes = shared((1, st.integers()), (2, st.sampled_from(WHOLES)))
oddities = st.sampled_from([
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "-0", "-0.0", "1.0", "1E2", "01",
    "+1", "-", ".5", "1.", "0x1", "1_0", "\u0661", "True", "nul", "undefined", "'a'", '"\t"',
    '"\\x"', '"\\u12"', '"\\ud800\\u0041"', '"', "{,}", "[1,]", '{"a"}', '{"a":1,}', "{1:2}", "",
    " ", "\x00", "\ufeff1", "\u00a01", "1 2", "//", "/**/1",
    "9" * LONGEST_WHOLE, "-" + "9" * LONGEST_WHOLE, "9" * (LONGEST_WHOLE + 1),
]).map(Verbatim)  # fmt: skip
depths = st.sampled_from(
    [2, DEEPEST - 2, DEEPEST - 1, DEEPEST, DEEPEST + 1, 500, 950, 1000, 20_000]
)
leaves = (
    st.none()
    | st.booleans()
    | wholes
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | oddities
    | st.builds(nested, depths, st.sampled_from(["", "1", '"]"', "{}"]))
)

keys = texts | st.sampled_from(["type", "action", "data", "message", "text", "content"])
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4)
        | st.lists(st.tuples(keys, inner), max_size=4).map(lambda pairs: Members(tuple(pairs)))
    ),
    max_leaves=8,
)

"""Requests of every dialect, as its own tables describe them, and what becomes of them on a bad
line. A new request, or a new field of one, is tried without a word here.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import attrs
from attrs import AttrsInstance, frozen
from hypothesis import strategies as st

from tests.properties.values import (
    EDGES,
    LENGTHS,
    WHOLES,
    Members,
    anything,
    shared,
    texts,
    wholes,
    write,
)
from tests.speeches import SPEECHES
from trichat.dialects.description import Speech


@frozen
class Names:
    """What the world calls things: fields of ids draw from these."""

    uuids: tuple[str, ...] = ("0195a2c0-0000-7000-8000-000000000007",)
    numbers: tuple[int, ...] = (1, 2, 3)


# -- good requests


def requests(dialect: str, names: Names = Names()) -> st.SearchStrategy[dict[str, Any]]:
    """Any request that the dialect's tables describe, with fields of the right types."""
    speech = SPEECHES[dialect]
    return st.one_of(
        [
            fields_of(shape, names).map(partial(_framed, speech, name))
            for name, shape in speech.requests.items()
        ]
    )


def _framed(speech: Speech, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    head = {speech.tag: name} if speech.tag else {}
    return {**head, speech.inner: fields} if speech.inner else {**head, **fields}


def fields_of(shape: type[AttrsInstance], names: Names) -> st.SearchStrategy[dict[str, Any]]:
    """Every field of its type, mostly within its bounds; one with a default may be absent."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for attribute in attrs.fields(shape):
        group = required if _is_required(attribute) else optional
        facets = attribute.metadata.get("schema", {})
        group[attribute.name] = _good(attribute.name, attribute.type, facets, names)
    return st.fixed_dictionaries(required, optional=optional)


def _good(name: str, type_: Any, facets: dict[str, Any], names: Names) -> st.SearchStrategy[Any]:
    if get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    if get_origin(type_) in (Union, UnionType):
        return st.one_of([_good(name, each, facets, names) for each in get_args(type_)])
    if get_origin(type_) is list:
        (item,) = get_args(type_)
        return st.lists(_good(f"{name}_id", item, {}, names), max_size=4)
    if type_ is str and "enum" in facets:
        return st.sampled_from(facets["enum"])
    return _BY_TYPE[type_](name, facets, names)


def _text(name: str, facets: dict[str, Any], names: Names) -> st.SearchStrategy[str]:
    if name.endswith("_id"):
        known = st.sampled_from(names.uuids)
        return shared((4, known), (1, known.map(str.upper)), (2, texts))
    least, most = facets.get("minLength", 0), facets.get("maxLength", 200)
    return shared((1, st.text(min_size=least, max_size=most)), (1, texts))


def _whole(name: str, facets: dict[str, Any], names: Names) -> st.SearchStrategy[int]:
    if name.endswith("_id"):
        return shared((2, st.sampled_from(names.numbers)), (1, wholes))
    return shared((2, st.integers(facets.get("minimum"), facets.get("maximum"))), (1, wholes))


_Maker = Callable[[str, dict[str, Any], Names], st.SearchStrategy[Any]]
_BY_TYPE: dict[Any, _Maker] = {
    str: _text,
    int: _whole,
    bool: lambda *_: st.booleans(),
    type(None): lambda *_: st.none(),
    Any: lambda name, facets, names: shared((2, _text(name, facets, names)), (1, anything)),
}


# -- every field at its edges


def edges(dialect: str, names: Names) -> Iterator[dict[str, Any]]:
    """Every request with each field in turn at each edge of its type, and of another type."""
    speech = SPEECHES[dialect]
    for name, shape in speech.requests.items():
        attributes = attrs.fields(shape)
        plain = {each.name: _plain(each, names) for each in attributes if _is_required(each)}
        for attribute in attributes:
            for value in (*EDGES, *("\U0001f600" * n for n in LENGTHS), *WHOLES, *_OTHERS):
                yield _framed(speech, name, {**plain, attribute.name: value})


_OTHERS: Sequence[Any] = (None, True, False, 0.5, 1.0, [], {}, [["\ud800"]], {"\ud800": "a\0b"})


def _is_required(attribute: "attrs.Attribute[Any]") -> bool:
    return attribute.default is attrs.NOTHING


def _plain(attribute: "attrs.Attribute[Any]", names: Names) -> Any:
    facets = attribute.metadata.get("schema", {})
    if "enum" in facets:
        return facets["enum"][0]
    ids: dict[Any, Any] = {str: names.uuids[0], int: names.numbers[0]}
    if attribute.name.endswith("_id"):
        return ids[attribute.type]
    plain: dict[Any, Any] = {str: "plain", int: 7, bool: True}
    return plain.get(attribute.type, [])


# -- on a bad line


@st.composite
def mutated(draw: st.DrawFn, good: st.SearchStrategy[dict[str, Any]]) -> str:
    """The text of a good request after a few changes, to its parts or to its characters."""
    tree: Any = draw(good)
    for _ in range(draw(st.integers(0, 2))):
        tree = _changed(draw, tree)
    text = write(tree, escaped=draw(st.booleans()))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        text = draw(st.sampled_from(_CUTS))(draw, text)
    return text


def _changed(draw: st.DrawFn, tree: Any) -> Any:
    """One change, at the top or below."""
    if not isinstance(tree, dict) or not tree:
        return draw(anything)
    key = draw(st.sampled_from(list(tree)))
    if isinstance(tree[key], dict) and draw(st.booleans()):
        return {**tree, key: _changed(draw, tree[key])}
    return draw(st.sampled_from(_CHANGES))(draw, tree, key)


def _drop(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    return {other: value for other, value in tree.items() if other != key}


def _retype(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    return {**tree, key: draw(anything)}


def _nest(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    value = tree[key]
    wraps: Sequence[Any] = ([value], {key: value}, [[value]], write(value))
    return {**tree, key: draw(st.sampled_from(wraps))}


def _repeat(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    """The key twice: the last one counts."""
    pairs = [*tree.items(), (key, draw(anything))]
    return Members(tuple(draw(st.permutations(pairs))))


def _rename(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    other = draw(st.sampled_from([key.upper(), f" {key}", f"{key}\0", f"{key}s", ""]))
    return {other if name == key else name: value for name, value in tree.items()}


def _add(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    return {draw(texts): draw(anything), **tree}


def _wrap(draw: st.DrawFn, tree: dict[str, Any], key: str) -> Any:
    return draw(st.sampled_from([[tree], {"data": tree}, [tree, tree], write(tree)]))


_CHANGES = (_drop, _retype, _retype, _nest, _repeat, _rename, _add, _wrap)


def _truncate(draw: st.DrawFn, text: str) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _double(draw: st.DrawFn, text: str) -> str:
    return text + draw(st.sampled_from(["", " ", ","])) + text


def _flip(draw: st.DrawFn, text: str) -> str:
    if not text:
        return text
    at = draw(st.integers(0, len(text) - 1))
    return text[:at] + chr(ord(text[at]) ^ 1 << draw(st.integers(0, 6))) + text[at + 1 :]


def _insert(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(0, len(text)))
    return (
        text[:at] + draw(st.sampled_from(list('{}[]",:\\ \t\n\x00\x0b\xa0\ufeff0-e'))) + text[at:]
    )


_CUTS = (_truncate, _double, _flip, _insert)


# -- whatever may come


def any_text(dialect: str, names: Names = Names()) -> st.SearchStrategy[str]:
    """Text messages, as UTF-8 can say them: half-good requests, any JSON, any text."""
    good = requests(dialect, names)
    said = shared(
        (4, good.map(write)), (4, mutated(good)), (1, anything.map(write)), (1, st.text())
    )
    return said.map(_sayable)


def _sayable(text: str) -> str:
    """A flipped bit can make a lone surrogate, which is no text message."""
    return text.encode(errors="replace").decode()

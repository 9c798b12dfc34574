"""JSON in and out, times, and strict structuring: what every dialect says its words with."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import EnumType
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

import attrs
import msgspec
from attrs import AttrsInstance, frozen
from cattrs import Converter
from cattrs.errors import BaseValidationError

from trichat.core.cursor import MAX_CURSOR

A = TypeVar("A", bound=AttrsInstance)

# UTF-8, which has no lone surrogates: raises UnicodeEncodeError.
encode_strictly = msgspec.json.Encoder().encode


def encode(value: Any) -> bytes:
    """As JSON. A lone surrogate that a peer sent goes back to it as it came: escaped."""
    try:
        return encode_strictly(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


# Arrays and objects in each other: more is no JSON to us (RFC 8259, 9). Without a bound it would
# be the stack's, which is not the same where a frame is decoded and where its parts are echoed.
DEEPEST = 64


def bound(**facets: Any) -> dict[str, Any]:
    """The metadata of a request's field: its bounds in words of JSON Schema, for the document.
    Who decodes it still checks them.
    """
    return {"schema": facets}


# What texts are, for the documents that describe frames and answers.
Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
# Where a connection that asked to resume stands (docs/resume.md).
Place = Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": MAX_CURSOR})]
Uuid = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]


class NotJsonError(ValueError):
    """The text is no JSON."""


def decode(data: str) -> Any:
    """Any JSON value. Raises NotJsonError: also for what nests deeper than DEEPEST, and for
    numbers that Python does not hold.

    A lone surrogate written as an escape is valid JSON, and the text's own rule refuses it
    (all-9); msgspec calls it malformed, so what it refuses gets a second reading.
    """
    if _too_deep(data):
        raise NotJsonError("too deep")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeEncodeError):
        pass
    try:
        return json.loads(data, parse_float=_finite, parse_constant=_no_constant)
    except ValueError as error:
        raise NotJsonError(str(error)) from None


# A string, to its end or the text's, or a bracket. Nothing is tried twice: the time is linear.
_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)


def _too_deep(data: str) -> bool:
    if data.count("[") + data.count("{") <= DEEPEST:
        return False
    depth = 0
    for found in _BRACKET.finditer(data):
        if found[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif found[0] in "]}":
            depth -= 1
    return False


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is out of range")
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def seconds(at: int) -> str:
    """2024-03-14T12:00:00Z"""
    return f"{_moment(at // 1000)}Z"


def millis(at: int) -> str:
    """2025-07-07T12:34:56.789Z"""
    return f"{_moment(at // 1000)}.{at % 1000:03d}Z"


# The time of what happens now is sent many times, and so is when its users and rooms were made.
@lru_cache(maxsize=4096)
def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


# -- strict structuring: a field is of its type or the frame is wrong; nothing is converted


def _exactly(type_: type) -> Any:
    def hook(value: Any, wanted: Any) -> Any:
        if type(value) is not type_:
            raise TypeError(f"expected {type_.__name__}")
        return wanted(value) if isinstance(wanted, EnumType) else value

    return hook


def _converter() -> Converter:
    converter = Converter(detailed_validation=False)
    for type_ in (str, int, bool):
        converter.register_structure_hook(type_, _exactly(type_))
    converter.register_structure_hook_factory(_is(list), _list)
    converter.register_structure_hook_factory(_is(dict), lambda _: _exactly(dict))
    return converter


def _is(container: type) -> Callable[[Any], bool]:
    def of(type_: Any) -> bool:
        origin: Any = get_origin(type_)
        return origin is container

    return of


def _list(type_: Any, converter: Converter) -> Any:
    """cattrs alone would take a text for the list of its characters."""
    (item,) = get_args(type_)

    def hook(value: Any, _: Any) -> list[Any]:
        if type(value) is not list:
            raise TypeError("expected list")
        return [converter.structure(each, item) for each in value]

    return hook


_strict = _converter()


def structure(fields: Any, shape: type[A]) -> A | None:
    """An attrs class from a JSON object, strictly; None where it does not fit.

    Unknown keys are ignored, absent ones take the class's defaults.
    """
    if not isinstance(fields, dict):
        return None
    try:
        return _strict.structure(fields, shape)
    except (TypeError, ValueError, KeyError, BaseValidationError):
        return None


@frozen
class Misfit:
    """A field that does not fit. expected: the type it should have; None when it is absent."""

    field: str
    expected: Any


def structure_fields(fields: dict[str, Any], shape: type[A]) -> A | list[Misfit]:
    """As structure, but naming every field that does not fit."""
    values: dict[str, Any] = {}
    misfits: list[Misfit] = []
    for attribute in attrs.fields(shape):
        if attribute.name not in fields:
            if attribute.default is attrs.NOTHING:
                misfits.append(Misfit(attribute.name, None))
            continue
        try:
            values[attribute.name] = _strict.structure(fields[attribute.name], attribute.type)
        except (TypeError, ValueError, KeyError, BaseValidationError):
            misfits.append(Misfit(attribute.name, attribute.type))
    return misfits or shape(**values)

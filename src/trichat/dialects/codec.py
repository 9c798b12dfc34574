"""JSON in and out, times, and strict structuring: what every dialect says its words with."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from attrs import has
from cattrs import Converter
from cattrs.errors import BaseValidationError

T = TypeVar("T")

encode = msgspec.json.Encoder().encode


class NotJson(ValueError):
    """The text is no JSON."""


def decode(data: str) -> Any:
    """Any JSON value. Raises NotJson, for lone surrogates written as escapes too."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise NotJson(str(error)) from None


def seconds(at: int) -> str:
    """2024-03-14T12:00:00Z"""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def millis(at: int) -> str:
    """2025-07-07T12:34:56.789Z"""
    moment = datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{at % 1000:03d}Z"


# -- strict structuring: a field is of its type or the frame is wrong; nothing is converted


def _exactly(type_: type[T]) -> Any:
    def hook(value: Any, _: Any) -> T:
        if type(value) is not type_:
            raise TypeError(f"expected {type_.__name__}")
        return value  # type: ignore[no-any-return]

    return hook


def _converter() -> Converter:
    converter = Converter(detailed_validation=False)
    for type_ in (str, int, bool):
        converter.register_structure_hook(type_, _exactly(type_))
    return converter


_strict = _converter()


def structure(fields: Any, shape: type[T]) -> T | None:
    """An attrs class from a JSON object, strictly; None where it does not fit.

    Unknown keys are ignored, absent ones take the class's defaults.
    """
    assert has(shape)
    if not isinstance(fields, dict):
        return None
    try:
        return _strict.structure(fields, shape)
    except (TypeError, ValueError, KeyError, BaseValidationError):
        return None

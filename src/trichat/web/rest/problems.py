"""A 422 lists what is wrong with a request, item by item."""

from typing import Any, TypedDict

from trichat.dialects.codec import encode_strictly
from trichat.web.rest.errors import RequestError


class Problem(TypedDict):
    """Why the request failed, in words for a reader."""

    detail: str


class Wrong(TypedDict):
    """One thing that is wrong. `loc` says where, from "body" or "query"; `input` is the value."""

    type: str
    loc: list[str | int]
    msg: str
    input: Any


class Problems(TypedDict):
    """Everything that is wrong with a request."""

    detail: list[Wrong]


def invalid(*items: dict[str, Any]) -> RequestError:
    """Return the answer with these items."""
    return RequestError(422, list(items))


def wrong(type_: str, msg: str, value: Any, *loc: str | int) -> dict[str, Any]:
    """Return one item. loc: where it stands, from "body" or "query" on.

    A value that JSON cannot say again is left out.
    """
    try:
        encode_strictly(value)
    except (ValueError, OverflowError, RecursionError):
        value = None
    return {"type": type_, "loc": list(loc), "msg": msg, "input": value}


def bad_value(why: str, value: Any, *loc: str | int) -> dict[str, Any]:
    """Return an item about a value of the right type."""
    return wrong("value_error", f"Value error, {why}", value, *loc)

"""Request bodies: JSON objects into attrs classes, strictly, or 422 with every field that is wrong.

A field's type is checked by the codec, its value by the rule it was declared with. What is wrong
is told in the form of the contract: a list of {type, loc, msg, input}.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from attrs import AttrsInstance
from quart import request

from trichat.core.text import check_handle, check_text, is_clean
from trichat.dialects.codec import Misfit, NotJsonError, decode, encode, structure_fields
from trichat.web.rest.errors import RequestError

A = TypeVar("A", bound=AttrsInstance)

# Why a value may not be, in words; None when it may.
Rule = Callable[[Any], str | None]

MAX_CONTENT = 2000
UNCLEAN = "must not contain NUL or lone surrogates"


# -- rules


def text(least: int = 0, most: int | None = None) -> Rule:
    """A text of so many code points that storage can hold (all-9)."""

    def rule(value: str) -> str | None:
        if not is_clean(value):
            return UNCLEAN
        if len(value) < least:
            return "must not be empty"
        if most is not None and len(value) > most:
            return f"must have at most {most} characters"
        return None

    return rule


def name(value: str) -> str | None:
    """A channel's or a user's (all-13)."""
    invalid = check_handle(value)
    return None if invalid is None else _NAME_WORDS[invalid.why]


def content(value: str) -> str | None:
    """A message's text (all-9, all-12)."""
    invalid = check_text(value, MAX_CONTENT)
    return None if invalid is None else _CONTENT_WORDS[invalid.why]


_NAME_WORDS = {
    "blank": "must not be blank",
    "long": "must have at most 100 characters",
    "unclean": "must not contain control characters",
    "uuid": "must not have the form of a UUID",
}
_CONTENT_WORDS = {
    "blank": "Message content cannot be empty",
    "long": f"Message content must be less than {MAX_CONTENT} characters",
    "unclean": UNCLEAN,
}


def ruled(rule: Rule, *, secret: bool = False) -> dict[Any, Any]:
    """The metadata of a field with a rule beside its type. secret: no answer repeats its value."""
    return {"rule": rule, "secret": secret}


# -- reading


async def read_body(shape: type[A]) -> A:
    """The request's body. Raises RequestError."""
    fields = _parse(await request.body)
    if not isinstance(fields, dict):
        msg = "Input should be a valid dictionary or object to extract fields from"
        raise invalid([wrong("model_attributes_type", msg, fields)])
    body = structure_fields(fields, shape)
    if isinstance(body, list):
        raise invalid([_misfit(misfit, fields, shape) for misfit in body])
    broken = [
        wrong("value_error", f"Value error, {words}", _shown(attribute, value), attribute.name)
        for attribute in attrs.fields(shape)
        if (value := getattr(body, attribute.name)) is not None
        and (words := attribute.metadata.get("rule", _free)(value)) is not None
    ]
    if broken:
        raise invalid(broken)
    return body


def invalid(problems: list[dict[str, Any]]) -> RequestError:
    """422 with its list."""
    return RequestError(422, problems)


def wrong(type_: str, msg: str, value: Any, *place: str | int) -> dict[str, Any]:
    """One item of the list. place: within the body. What JSON cannot say again is left out."""
    try:
        encode(value)
    except (ValueError, OverflowError, RecursionError):
        value = None
    return {"type": type_, "loc": ["body", *place], "msg": msg, "input": value}


def _parse(data: bytes) -> Any:
    if not data:
        raise invalid([wrong("missing", "Field required", None)])
    try:
        return decode(data.decode())
    except (NotJsonError, UnicodeDecodeError):
        raise invalid([wrong("json_invalid", "JSON decode error", {}, 0)]) from None


def _misfit(misfit: Misfit, fields: dict[str, Any], shape: type[AttrsInstance]) -> dict[str, Any]:
    if misfit.expected is None:
        return wrong("missing", "Field required", None, misfit.field)
    type_, msg = _TYPE_WORDS[bool if misfit.expected is bool else str]
    attribute = getattr(attrs.fields(shape), misfit.field)
    return wrong(type_, msg, _shown(attribute, fields[misfit.field]), misfit.field)


_TYPE_WORDS = {
    str: ("string_type", "Input should be a valid string"),
    bool: ("bool_type", "Input should be a valid boolean"),
}


def _shown(attribute: "attrs.Attribute[Any]", value: Any) -> Any:
    return None if attribute.metadata.get("secret") else value


def _free(value: Any) -> str | None:
    return UNCLEAN if isinstance(value, str) and not is_clean(value) else None

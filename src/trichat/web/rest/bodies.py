"""Request bodies: JSON objects into attrs classes, strictly, or 422 with every field that is wrong.

A field's type is checked by the codec, its value by the rule it was declared with. What is wrong
is told in the form of the contract: a list of {type, loc, msg, input}.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import attrs
from attrs import AttrsInstance
from quart import request

from trichat.core.text import check_handle, check_text, is_clean
from trichat.dialects.codec import Misfit, NotJsonError, decode, structure_fields
from trichat.web.rest.problems import bad_value, invalid, wrong

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
    refusal = check_handle(value)
    return None if refusal is None else _NAME_WORDS[refusal.why]


def content(value: str) -> str | None:
    """A message's text (all-9, all-12)."""
    refusal = check_text(value, MAX_CONTENT)
    return None if refusal is None else _CONTENT_WORDS[refusal.why]


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
    data = await request.get_data(as_text=False)
    assert isinstance(data, bytes)
    fields = _parse(data)
    if not isinstance(fields, dict):
        msg = "Input should be a valid dictionary or object to extract fields from"
        raise invalid(wrong("model_attributes_type", msg, fields, "body"))
    body = structure_fields(fields, shape)
    if isinstance(body, list):
        raise invalid(*(_misfit(misfit, fields, shape) for misfit in body))
    broken = list(_broken_rules(body))
    if broken:
        raise invalid(*broken)
    return body


def _parse(data: bytes) -> Any:
    if not data:
        raise invalid(wrong("missing", "Field required", None, "body"))
    try:
        return decode(data.decode())
    except (NotJsonError, UnicodeDecodeError):
        raise invalid(wrong("json_invalid", "JSON decode error", {}, "body", 0)) from None


def _broken_rules(body: AttrsInstance) -> Iterator[dict[str, Any]]:
    for attribute in attrs.fields(type(body)):
        value = getattr(body, attribute.name)
        rule = attribute.metadata.get("rule") or text()
        why = rule(value) if isinstance(value, str) else None
        if why is not None:
            yield bad_value(why, _shown(attribute, value), "body", attribute.name)


def _misfit(misfit: Misfit, fields: dict[str, Any], shape: type[AttrsInstance]) -> dict[str, Any]:
    if misfit.expected is None:
        return wrong("missing", "Field required", None, "body", misfit.field)
    type_, msg = _TYPE_WORDS[bool if misfit.expected is bool else str]
    value = _shown(getattr(attrs.fields(shape), misfit.field), fields[misfit.field])
    return wrong(type_, msg, value, "body", misfit.field)


_TYPE_WORDS = {
    str: ("string_type", "Input should be a valid string"),
    bool: ("bool_type", "Input should be a valid boolean"),
}


def _shown(attribute: "attrs.Attribute[Any]", value: Any) -> Any:
    return None if attribute.metadata.get("secret") else value

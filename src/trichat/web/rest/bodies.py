"""Request bodies are JSON objects, read strictly into attrs classes.

A field's type is checked by the codec, its value by the rule it was declared with. What is wrong is
reported in the form of the contract: a list of {type, loc, msg, input}.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import attrs
from attrs import AttrsInstance, frozen
from quart import request

from trichat.auth.wording import UNCLEAN, UNPRINTABLE, why_no_text
from trichat.core.text import BLANK, MAX_AVATAR, MAX_NAME, check_handle, check_text, is_clean
from trichat.dialects.codec import Misfit, NotJsonError, decode, encode_strictly, structure_fields
from trichat.web.rest.errors import RequestError
from trichat.web.rest.problems import bad_value, invalid, wrong

A = TypeVar("A", bound=AttrsInstance)

MAX_CONTENT = 2000
MAX_NOTE = 4096


@frozen
class Rule:
    """What a value must be.

    why_not: in words, None when it may be. schema: the same as far as JSON Schema can say it. null
    is for the type to allow, not for the rule.
    """

    why_not: Callable[[Any], str | None]
    schema: Mapping[str, Any]


# -- rules


def text(least: int = 0, most: int | None = None) -> Rule:
    """Return the rule of a text of so many code points that storage can hold (all-9)."""

    bounds = {"minLength": least} if most is None else {"minLength": least, "maxLength": most}
    return Rule(partial(why_no_text, least=least, most=most), {"pattern": _CLEAN, **bounds})


def _why_no_avatar(value: str) -> str | None:
    why = text().why_not(value)
    if why is None and len(value.encode()) > MAX_AVATAR:
        return f"must have at most {MAX_AVATAR} bytes"
    return why


def whole(least: int, most: int) -> Rule:
    """Return the rule of a number between these, both allowed."""

    def why_not(value: int) -> str | None:
        if least <= value <= most:
            return None
        return f"must be between {least} and {most}"

    return Rule(why_not, {"minimum": least, "maximum": most})


def texts(most: int) -> Rule:
    """Return the rule of at least one text and at most so many, such as storage can hold."""

    def why_not(values: list[str]) -> str | None:
        if not 1 <= len(values) <= most:
            return f"must have between 1 and {most} items"
        return None if all(map(is_clean, values)) else UNCLEAN

    return Rule(why_not, {"minItems": 1, "maxItems": most})


def _why_no_note(value: dict[str, Any]) -> str | None:
    try:
        said = encode_strictly(value)
    except (ValueError, OverflowError, RecursionError):
        return "must be such JSON as can be said again"
    return f"must have at most {MAX_NOTE} bytes" if len(said) > MAX_NOTE else None


# An object of any keys, kept as it is.
note = Rule(_why_no_note, {})


def _why_no_name(value: str) -> str | None:
    refusal = check_handle(value)
    return None if refusal is None else _NAME_WORDS[refusal.why]


def _why_no_content(value: str) -> str | None:
    refusal = check_text(value, MAX_CONTENT)
    return None if refusal is None else _CONTENT_WORDS[refusal.why]


_CLEAN = r"^[^\u0000]*$"
PRINTED = r"[^\u0000-\u001f\u007f-\u009f]"
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_NAME_WORDS = {
    "blank": "must not be blank",
    "long": "must have at most 100 characters",
    "unclean": UNPRINTABLE,
    "uuid": "must not have the form of a UUID",
}
_CONTENT_WORDS = {
    "blank": "Message content cannot be empty",
    "long": f"Message content must be less than {MAX_CONTENT} characters",
    "unclean": UNCLEAN,
}

# An address or a text that stands for one's picture.
avatar = Rule(_why_no_avatar, {"pattern": _CLEAN, "maxLength": MAX_AVATAR})

# A channel's or a user's (all-13).
name = Rule(
    _why_no_name,
    {
        "minLength": 1,
        "maxLength": MAX_NAME,
        "pattern": rf"^{PRINTED}*[^{BLANK}\u0000-\u001f\u007f-\u009f]{PRINTED}*$",
        "not": {"pattern": _UUID},
    },
)
# A message's text (all-9, all-12).
content = Rule(
    _why_no_content,
    {
        "minLength": 1,
        "maxLength": MAX_CONTENT,
        "pattern": rf"^[^\u0000]*[^{BLANK}\u0000][^\u0000]*$",
    },
)


def ruled(rule: Rule, *, secret: bool = False, example: str | None = None) -> dict[Any, Any]:
    """Return the metadata of a field with a rule beside its type.

    secret: no answer repeats its value. example: what those who try the API out find filled in.
    """
    hidden = {"format": "password", "writeOnly": True} if secret else {}
    shown = {} if example is None else {"examples": [example]}
    return {"rule": rule, "secret": secret, "schema": {**rule.schema, **hidden, **shown}}


_ANY = text()


def schema_of(attribute: "attrs.Attribute[Any]") -> Mapping[str, Any]:
    """Return what JSON Schema can say of a field beside its type."""
    known: Mapping[str, Any] | None = attribute.metadata.get("schema")
    if known is None and attribute.type in (str, str | None):
        return _ANY.schema
    return known or {}


# -- reading


PACKED = (415, "A body is sent as it is, without a Content-Encoding")


async def read_body(shape: type[A]) -> A:
    """Return the request's body. Raises RequestError.

    What is packed is not unpacked: a few bytes of it can be any number of others.
    """
    if request.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
        raise RequestError(*PACKED, {"Accept-Encoding": "identity"})
    data = await request.get_data(as_text=False)
    assert isinstance(data, bytes)
    return body_of(data, shape)


def body_of(data: bytes, shape: type[A]) -> A:
    """Return these bytes as a body of that shape. Raises RequestError."""
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
        rule = attribute.metadata.get("rule") or (_ANY if isinstance(value, str) else None)
        why = None if rule is None or value is None else rule.why_not(value)
        if why is not None:
            yield bad_value(why, _shown(attribute, value), "body", attribute.name)


def _misfit(misfit: Misfit, fields: dict[str, Any], shape: type[AttrsInstance]) -> dict[str, Any]:
    if misfit.expected is None:
        return wrong("missing", "Field required", None, "body", misfit.field)
    type_, msg = _words(misfit.expected)
    value = _shown(getattr(attrs.fields(shape), misfit.field), fields[misfit.field])
    return wrong(type_, msg, value, "body", misfit.field)


def _words(expected: Any) -> tuple[str, str]:
    """Return the type and words of what is wrong; null beside another type goes without saying."""
    if get_origin(expected) in (Union, UnionType):
        expected, *_ = get_args(expected)
    if get_origin(expected) is Annotated:
        expected, *_ = get_args(expected)
    expected = get_origin(expected) or expected
    if issubclass(expected, Enum):
        return "enum", f"Input should be {', '.join(repr(each.value) for each in expected)}"
    return _TYPE_WORDS[expected]


_TYPE_WORDS: Mapping[type, tuple[str, str]] = {
    str: ("string_type", "Input should be a valid string"),
    bool: ("bool_type", "Input should be a valid boolean"),
    int: ("int_type", "Input should be a valid integer"),
    list: ("list_type", "Input should be a valid list"),
    dict: ("dict_type", "Input should be a valid dictionary"),
}


def _shown(attribute: "attrs.Attribute[Any]", value: Any) -> Any:
    return None if attribute.metadata.get("secret") else value

"""A dialect describes itself for the document of the frames: its requests with examples and what
may come of each, and its frames.

The classes and tables are the dialect's own; here stand only the forms of words and examples.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import AttrsInstance, field, frozen

from trichat.core import answers as a
from trichat.core.text import MAX_KEY

Schema = dict[str, Any]
Shape = type[AttrsInstance]


@frozen
class Operation:
    """The words of one request. summary: a few, without a full stop. description: sentences."""

    summary: str
    description: str


@frozen
class Exchange:
    """A request as a client may send it, and answers it may get."""

    request: dict[str, Any]
    answers: tuple[a.Outcome, ...] = ()


@frozen
class Speech:
    """One dialect. operations: each request in words for whoever writes a client.
    tag: the key that names a request; "" where there is but one.
    inner: the key that its fields stand under, where they do not stand beside the tag.
    keyed: the request that may bear a key of the client's, where there is one.
    text: its field that is as long as the server's limit says; "" where the dialect has its own.
    broken: texts that are no requests.
    """

    about: str
    requests: Mapping[str, Shape]
    operations: Mapping[str, Operation]
    exchanges: Mapping[str, tuple[Exchange, ...]]
    frames: tuple[Any, ...]
    tag: str = "type"
    inner: str = ""
    keyed: str = ""
    text: str = ""
    broken: tuple[str, ...] = field(default=("{", "[]", '{"type": "dance"}'))

    def payload(self, name: str, fields: Schema, longest: int) -> Schema:
        """Return the schema of a whole request from that of its fields. longest: code points of a
        message, by the server's limit.
        """
        if name == self.keyed:
            own = {**fields["properties"], "client_key": _KEY}
            if self.text:
                own[self.text] = {**own[self.text], "maxLength": longest}
            fields = {**fields, "properties": own}
        if not self.tag:
            return fields
        tagged = {self.tag: {"const": name}}
        if self.inner:
            required = [self.tag, self.inner] if fields.get("required") else [self.tag]
            return {
                "type": "object",
                "properties": {**tagged, self.inner: {**fields, "description": "its fields"}},
                "required": required,
            }
        return {
            **fields,
            "properties": {**tagged, **fields["properties"]},
            "required": [self.tag, *fields.get("required", [])],
        }


_KEY: Final[Schema] = {
    "anyOf": [{"type": "string", "minLength": 1, "maxLength": MAX_KEY}, {"type": "null"}],
    "description": "The client's own name for this send, looked at on connections that ask to"
    " resume: it is stored once, and a retry gets the first answer.",
}


def shapes(requests: Mapping[str, tuple[Shape, Any]]) -> dict[str, Shape]:
    """Return the classes of requests, from the table by which they are decoded."""
    return {name: shape for name, (shape, _) in requests.items()}


# A key of the client's, in an example.
KEYED: Final = {"client_key": "b1946ac9"}

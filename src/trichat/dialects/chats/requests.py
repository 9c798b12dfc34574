"""A client of the chats dialect sends these requests."""

from collections.abc import Mapping
from typing import Any

from attrs import AttrsInstance, field

from trichat.core.value import value
from trichat.dialects.codec import bound


@value
class Subscribe:
    """Follow these chats, with this socket, until it closes."""

    chat_ids: list[Any]


@value
class SendMessage:
    """Say something in a chat one has access to; subscribing first is not required."""

    chat_id: str = field(metadata=bound(minLength=1))
    text: str = field(metadata=bound(minLength=1))


REQUESTS: Mapping[str, type[AttrsInstance]] = {"subscribe": Subscribe, "message": SendMessage}

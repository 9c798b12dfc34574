"""A client of the room dialect sends these requests."""

from attrs import field

from trichat.core.value import value
from trichat.dialects.codec import bound


@value
class SendMessage:
    """Say something in the room; needs no type."""

    message: str = field(metadata=bound(minLength=1))

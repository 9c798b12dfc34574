"""A client of the room dialect sends these requests."""

from attrs import field, frozen

from trichat.dialects.codec import bound


@frozen
class SendMessage:
    """Say something in the room; needs no type."""

    message: str = field(metadata=bound(minLength=1))

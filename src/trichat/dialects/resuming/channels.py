"""The channels dialect: its messages are sent over REST, and so are their keys."""

from trichat.dialects import channels as plain


class Channels(plain.Channels):
    """Nothing else than the plain one yet."""

"""The channels dialect: `/ws`, live beside REST (channels-1 to channels-23)."""

from trichat.dialects.channels.description import SPEECH
from trichat.dialects.channels.dialect import Channels

__all__ = ["SPEECH", "Channels"]

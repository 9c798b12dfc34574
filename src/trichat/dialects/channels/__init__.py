"""The channels dialect: `/ws`, live beside REST (channels-1 to channels-23)."""

from trichat.dialects.channels.dialect import Channels

__all__ = ["Channels"]

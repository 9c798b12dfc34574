"""The conversations dialect: `/ws/chat/`, integers, dotted types (conversations-1 to -13)."""

from trichat.dialects.conversations.description import SPEECH
from trichat.dialects.conversations.dialect import Conversations

__all__ = ["SPEECH", "Conversations"]

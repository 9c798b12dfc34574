"""The chats dialect: `/chats/ws`, actions, UUIDs (chats-1 to chats-16)."""

from trichat.dialects.chats.description import SPEECH
from trichat.dialects.chats.dialect import Chats

__all__ = ["SPEECH", "Chats"]

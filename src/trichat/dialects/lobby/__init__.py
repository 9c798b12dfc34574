"""The lobby dialect: `/ws/chat`, rooms made, listed, joined and left (lobby-1 to lobby-21)."""

from trichat.dialects.lobby.description import SPEECH
from trichat.dialects.lobby.dialect import Lobby

__all__ = ["SPEECH", "Lobby"]

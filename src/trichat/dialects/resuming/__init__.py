"""The five dialects as who asks for it in the query hears them (docs/resume.md): what was missed is
told, and sends may bear a key. Without the parameter nothing of this is looked at (all-4).
"""

from trichat.dialects.resuming.channels import Channels
from trichat.dialects.resuming.chats import Chats
from trichat.dialects.resuming.conversations import Conversations
from trichat.dialects.resuming.lobby import Lobby
from trichat.dialects.resuming.room import RoomDialect

__all__ = ["Channels", "Chats", "Conversations", "Lobby", "RoomDialect"]

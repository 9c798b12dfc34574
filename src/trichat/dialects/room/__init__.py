"""The room dialect: `/ws/chat/<room_name>/`, one room per connection (room-1 to room-12)."""

from trichat.dialects.room.description import SPEECH
from trichat.dialects.room.dialect import RoomDialect

__all__ = ["SPEECH", "RoomDialect"]

"""Where in each dialect's frames stands what tests look for."""

from collections.abc import Callable
from typing import Any

# Who said what, in the frame that tells it.
SAID: dict[str, Callable[[Any], tuple[str, str]]] = {
    "chats": lambda frame: (frame["from"], frame["message"]),
    "room": lambda frame: (frame["sender_username"], frame["message"]),
    "lobby": lambda frame: (frame["user_email"].partition("@")[0], frame["content"]),
    "channels": lambda frame: (frame["data"]["user"]["username"], frame["data"]["content"]),
    "conversations": lambda frame: (
        frame["message"]["sender"]["username"],
        frame["message"]["content"],
    ),
}
SAYS: dict[str, Callable[[Any], bool]] = {
    "chats": lambda frame: "from" in frame,
    "room": lambda frame: frame["type"] == "chat_message",
    "lobby": lambda frame: frame["type"] == "text",
    "channels": lambda frame: frame["type"] == "new_message",
    "conversations": lambda frame: frame["type"] == "chat.message",
}

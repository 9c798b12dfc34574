"""What a client of each dialect says and hears, so that one test can speak to all five."""

from typing import Any

from tests.server import Client

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
NO_SUCH = "00000000-0000-4000-8000-000000000000"

# The code of a connection that its dialect does not let in, and of one that it ends.
CLOSED = {"chats": 1008, "room": 4001, "lobby": 1008, "channels": 1008, "conversations": 4001}

# A request that changes nothing, and how its answer is known.
ROUND_TRIP: dict[str, tuple[Any, dict[str, Any]]] = {
    "chats": (
        {"action": "subscribe", "chat_ids": []},
        {"action": "subscribe_response", "results": []},
    ),
    "room": ({"message": ""}, {"error": "The message is empty"}),
    "lobby": ({"type": "list_rooms"}, {"type": "rooms_list"}),
    "channels": ({"type": "ping"}, {"type": "pong"}),
    "conversations": (
        {"type": "chat.search_user", "keyword": ""},
        {"type": "chat.search_results", "results": []},
    ),
}


async def heard(client: Client, dialect: str) -> list[Any]:
    """All that has come so far, and nothing of what comes later."""
    question, answer = ROUND_TRIP[dialect]
    await client.send(question)
    frames: list[Any] = []
    while True:
        frame = await client.next()
        if answer.items() <= frame.items():
            return frames
        frames.append(frame)


def text_of(frame: Any, dialect: str) -> str | None:
    """What a pushed message says; None for any other frame."""
    match dialect:
        case "chats":
            text = frame.get("message") if "from" in frame else None
        case "room":
            text = frame.get("message") if frame.get("type") == "chat_message" else None
        case "lobby":
            text = frame.get("content") if frame.get("type") in ("text", "system") else None
        case "channels":
            text = frame["data"]["content"] if frame.get("type") == "new_message" else None
        case _:
            text = frame["message"]["content"] if frame.get("type") == "chat.message" else None
    return text


def texts(frames: list[Any], dialect: str) -> list[str]:
    """What the messages among these frames say."""
    found = (text_of(frame, dialect) for frame in frames)
    return [text for text in found if text is not None]

"""The room dialect: come into a room by its name, say what is typed.

python room.py http://127.0.0.1:8000 TOKEN ROOM_NAME
"""

from collections import Counter, deque
from typing import Any
from urllib.parse import quote

from reconnect import Client, note
from terminal import arguments, chat, common


class Room(Client):
    """The server sends the last messages on each connection; those already shown are left out."""

    in_header = True
    codes = {  # noqa: RUF012
        4000: "there is no such room, and it could not be made",
        4001: "the token is wrong or has expired, or the account is suspended",
        4003: "the room is private, or full",
    }

    def __init__(self, room_name: str, *rest: Any) -> None:
        super().__init__(*rest)
        self.path = f"/ws/chat/{quote(room_name, safe='')}/"
        self.shown: deque[tuple[str, str, str]] = deque(maxlen=1000)
        self.again: Counter[tuple[str, str, str]] = Counter()

    async def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "chat_message"}:
                self.said(frame)
            case {"type": "room_users_list", "users": users}:
                self.again = Counter(self.shown)
                note("here: " + ", ".join(user["username"] for user in users))
                self.ready()
            case {"type": "user_join", "username": name}:
                note(f"{name} came in")
            case {"type": "user_leave", "username": name}:
                note(f"{name} left")
            case {"error": error}:
                self.refused(error)

    def said(self, frame: Any) -> None:
        key = frame["sender_id"], frame["timestamp"], frame["message"]
        if self.again[key]:
            self.again[key] -= 1
            return
        self.shown.append(key)
        self.show(f"{frame['sender_username']}: {frame['message']}")
        if frame["message"] == self.pending:
            self.sent()

    async def say(self, text: str) -> None:
        await self.send({"message": text})


if __name__ == "__main__":
    parser = arguments(__doc__ or "")
    parser.add_argument("room_name", help="an unknown one is made")
    args = parser.parse_args()
    chat(Room(args.room_name, *common(args)), args.listen)

"""A client that keeps its cursor as docs/resume.md says, in any dialect."""

from typing import Any

from attrs import define, field

from tests.dialects.speech import heard
from tests.server import Client


@define
class Keeper:
    """positions: the latest by name. frames: all that was heard, without cursor frames."""

    dialect: str
    positions: dict[str, str] = field(factory=dict)
    frames: list[Any] = field(factory=list)

    @property
    def cursor(self) -> str:
        """What it shows when it connects again."""
        return "~".join(self.positions.values())

    async def hear(self, client: Client) -> list[Any]:
        """All that has come so far, without cursors."""
        return [frame for frame in map(self.take, await heard(client, self.dialect)) if frame]

    def take(self, frame: Any) -> Any:
        """The frame as the dialect's document has it; None for one of cursors alone."""
        frame = dict(frame)
        kind = frame.get("type", frame.get("action"))
        inner = frame["data"] if kind == "cursor" and self.dialect == "lobby" else frame
        cursor = inner.get("cursor")
        for position in cursor.split("~") if cursor else ():
            self.positions[position.partition(".")[0]] = position
        frame.pop("cursor", None)
        if kind in ("cursor", "chat.cursor"):
            return None
        self.frames.append(frame)
        return frame


def gap(dialect: str, uuid: str, number: int, unknown: list[str] | None = None) -> Any:
    """The answer for one room of which more may be missing; times apart."""
    return {
        "chats": {"action": "gap", "chat_ids": [uuid]},
        "room": {"type": "gap"},
        "lobby": {"type": "gap", "data": {"room_ids": [uuid]}},
        "channels": {"type": "gap", "channel_ids": [uuid], "unknown": unknown or []},
        "conversations": {
            "type": "chat.gap",
            "conversation_ids": [number],
            "unknown": unknown or [],
        },
    }[dialect]


def gaps(frames: list[Any]) -> list[Any]:
    """The gap answers among these, without their times."""
    found = [each for each in frames if "gap" in str(each.get("type", each.get("action")))]
    return [{key: each[key] for key in each if key != "timestamp"} for each in found]

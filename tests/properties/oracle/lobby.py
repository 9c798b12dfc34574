"""lobby.md"""

import unicodedata
from typing import Any

from tests.properties.oracle.verdicts import (
    Asks,
    Document,
    Frame,
    Says,
    Verdict,
    is_clean,
    is_text,
    is_whole,
)
from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.model import Kind


def error(text: str) -> Frame:
    """lobby-12"""
    return {"type": "error", "data": {"message": text}}


INVALID = Says(error("invalid message"))
DOCUMENT = Document(malformed=INVALID, other=INVALID, binary=INVALID)
LONGEST = 1000
LONGEST_NAME = 100


def judge(frame: dict[str, Any]) -> Verdict:
    """lobby-3 to lobby-12"""
    type_ = frame.get("type")
    judge_data = _JUDGES.get(type_) if isinstance(type_, str) else None
    data = frame.get("data")
    if data is None and type_ in ("list_rooms", "leave_room"):
        data = {}
    if judge_data is None or not isinstance(data, dict):
        return INVALID
    return judge_data(data) or INVALID


def _create(data: dict[str, Any]) -> Verdict | None:
    """lobby-4"""
    name, kind, seats, invite = (data.get(key) for key in ("name", "type", "max_users", "invite"))
    if not is_text(name) or len(name) > LONGEST_NAME or not is_clean(name):
        return None
    if any(unicodedata.category(char) == "Cc" for char in name):
        return None
    if kind not in ("public", "private"):
        return None
    if seats is not None and not (is_whole(seats) and 2 <= seats <= 1000):
        return None
    if invite is not None and not (
        isinstance(invite, list) and all(isinstance(each, str) for each in invite)
    ):
        return None
    return Asks(requests.OpenRoom(name, Kind(kind), seats, tuple(invite or ())))


def _list(data: dict[str, Any]) -> Verdict | None:
    """lobby-7"""
    kind = data.get("type")
    if kind is None or kind == "":
        return Asks(requests.ListRooms(None))
    return Asks(requests.ListRooms(Kind(kind))) if kind in ("public", "private") else None


def _join(data: dict[str, Any]) -> Verdict | None:
    """lobby-8"""
    room_id = data.get("room_id")
    return Asks(requests.Enter(room_id)) if isinstance(room_id, str) and room_id else None


def _leave(data: dict[str, Any]) -> Verdict | None:
    """lobby-9"""
    return Asks(requests.Exit(None))


def _send(data: dict[str, Any]) -> Verdict | None:
    """lobby-10"""
    kind, content, room_id = (data.get(key) for key in ("type", "content", "room_id"))
    if kind not in ("text", "system") or not (isinstance(room_id, str) and room_id):
        return None
    if not is_text(content) or len(content) > LONGEST or not is_clean(content):
        return None
    say = Say(content, visiting=True, system=kind == "system")
    return Asks(requests.ToRoom(room_id, say, here=True))


_JUDGES = {
    "create_room": _create,
    "list_rooms": _list,
    "join_room": _join,
    "leave_room": _leave,
    "send_message": _send,
}
REQUESTS = set(_JUDGES)

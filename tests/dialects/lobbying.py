"""What a client of the lobby says, and the frames it hears."""

from typing import Any

from tests.server import Client, Person


def error(message: str) -> dict[str, Any]:
    return {"type": "error", "data": {"message": message}}


INVALID = error("invalid message")


async def create(client: Client, **data: object) -> dict[str, Any]:
    """A new room, as it is told."""
    answer = await client.request(
        {"type": "create_room", "data": {"name": "den", "type": "public", **data}}
    )
    assert answer["type"] == "room_created", answer
    room: dict[str, Any] = answer["data"]
    return room


async def join(client: Client, room: str) -> dict[str, Any]:
    """The next frame after asking to come in."""
    answer: dict[str, Any] = await client.request({"type": "join_room", "data": {"room_id": room}})
    return answer


def message(room: str, content: object, type_: object = "text") -> dict[str, Any]:
    data = {"type": type_, "content": content, "room_id": room}
    return {"type": "send_message", "data": data}


async def send(client: Client, room: str, content: str, type_: str = "text") -> None:
    await client.send(message(room, content, type_))


async def rooms(client: Client, **data: object) -> list[dict[str, Any]]:
    """The rooms it is told of; what comes before that is passed over."""
    await client.send({"type": "list_rooms", "data": data})
    listed: list[dict[str, Any]] = (await client.until(type="rooms_list"))["data"]
    return listed


def notice(type_: str, who: Person, room: str) -> dict[str, object]:
    """That somebody came or went, without what is fresh in each frame."""
    verb = {"join": "joined", "leave": "left"}[type_]
    return flat(type_, who, room, f"{who.user.email} {verb} the room")


def flat(type_: str, who: Person, room: str, content: str) -> dict[str, object]:
    return {
        "type": type_,
        "content": content,
        "user_id": who.id,
        "user_uuid": who.uuid,
        "user_email": who.user.email,
        "room_id": room,
    }


def plain(frame: dict[str, Any]) -> dict[str, Any]:
    """Without what is fresh in each frame."""
    assert frame.keys() >= {"id", "timestamp"}
    return {key: value for key, value in frame.items() if key not in ("id", "timestamp")}

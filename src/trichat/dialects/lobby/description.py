"""The lobby dialect in words and examples, for the document of the frames."""

from typing import Final

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.dialects import samples as s
from trichat.dialects.description import KEYED, Exchange, Operation, Speech, shapes
from trichat.dialects.lobby import frames, requests

SPEECH: Final = Speech(
    about="Make, list, join and leave rooms; one current room per connection.",
    inner="data",
    keyed="send_message",
    requests=shapes(requests.REQUESTS),
    operations={
        "create_room": Operation(
            "Create a room",
            "Makes a public or private room, for as many users as `max_users` allows if that is"
            " given. The users of `invite`, who are named by UUID, become members of it. Whoever"
            " makes a room is not in it until they enter it, and may make only so many.",
        ),
        "list_rooms": Operation(
            "List rooms",
            "Returns the rooms that the user may know of, oldest first: public ones, and private"
            " ones that they are a member of. `type` picks those of one kind.",
        ),
        "join_room": Operation(
            "Enter a room",
            "Makes a room the current one of this connection, which leaves the room that it was in."
            " It is refused if there is no such room, if the room is private and the user is no"
            " member, if it is full, and if the connection is in it already.",
        ),
        "leave_room": Operation(
            "Leave the current room",
            "Afterwards this connection is in no room.",
        ),
        "send_message": Operation(
            "Send a message",
            "Stores a message in the current room, and sends it to everyone there. The type"
            " `system` is for the owner of the room and for administrators. It is refused if the"
            " connection is in no room or in another one, and if the user has sent too many"
            " messages.",
        ),
    },
    exchanges={
        "create_room": (
            Exchange(
                {"type": "create_room", "data": {"name": "tea", "type": "public"}},
                (a.Opened(a.RoomView(s.TEA, ())), r.TooManyRooms()),
            ),
            Exchange(
                {
                    "type": "create_room",
                    "data": {
                        "name": "corner",
                        "type": "private",
                        "max_users": 4,
                        "invite": [s.BEN.uuid],
                    },
                },
                (a.Opened(s.EMPTY), r.NoSuchUser()),
            ),
        ),
        "list_rooms": (
            Exchange({"type": "list_rooms"}, (a.Rooms((s.VIEW, s.EMPTY)),)),
            Exchange({"type": "list_rooms", "data": {"type": "private"}}, (a.Rooms(()),)),
        ),
        "join_room": (
            Exchange(
                {"type": "join_room", "data": {"room_id": s.TEA.uuid}},
                (
                    a.CameIn(s.ENTERED),
                    r.NoSuchRoom(),
                    r.NotAdmitted(),
                    r.AlreadyHere(),
                    r.RoomFull(),
                ),
            ),
        ),
        "leave_room": (Exchange({"type": "leave_room"}, (a.WentOut(s.EXITED),)),),
        "send_message": (
            Exchange(
                {
                    "type": "send_message",
                    "data": {"type": "text", "content": s.HELLO.text, "room_id": s.TEA.uuid},
                },
                (a.Done(), r.NotHere(), r.NoSuchRoom(), r.RateLimited(12.0)),
            ),
            Exchange(
                {
                    "type": "send_message",
                    "data": {
                        "type": "text",
                        "content": s.HELLO.text,
                        "room_id": s.TEA.uuid,
                        **KEYED,
                    },
                },
                (s.KEPT, r.KeyReused()),
            ),
        ),
    },
    frames=frames.ALL,
)

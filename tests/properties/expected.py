"""What a socket answers to a request that can be carried out, in a world of three rooms.

The sender is a member of the hall and of nothing else, may visit the attic, and knows the id of
the den, which is closed to them. A class for each dialect remembers what their socket has done.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import Factory, define, frozen

from tests.properties.frames import Names
from tests.properties.oracle import channels, chats, conversations, lobby
from tests.properties.oracle.verdicts import WORDS, Frame, is_text
from tests.rooms import NamedRoom
from tests.server import Person
from trichat.core import requests
from trichat.core.commands import MarkRead, Say


class Any_:
    """Stands for what only the server can know: an id, a time. type_: what it must be."""

    def __init__(self, type_: type) -> None:
        self._type = type_

    def __eq__(self, other: object) -> bool:
        return type(other) is self._type

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"(any {self._type.__name__})"


TEXT, NUMBER, LIST, OBJECT = (Any_(type_) for type_ in (str, int, list, dict))
ROOM_ERROR = {"error": WORDS}


@frozen
class World:
    """Who sends, who listens, and where. pairs: the sender's conversations of two. authors: who
    said what, by the numbers of messages.
    """

    sender: Person
    others: tuple[Person, ...]
    hall: NamedRoom
    attic: NamedRoom
    den: NamedRoom
    pairs: set[int] = Factory(set)
    authors: dict[int, int] = Factory(dict)

    @property
    def names(self) -> Names:
        """What a request may name; most of all the hall, where requests are carried out."""
        rooms = (self.hall, self.hall, self.hall, self.attic, self.den)
        people = (self.sender, *self.others)
        return Names(
            (*(room.uuid for room in rooms), *(person.uuid for person in people)),
            (*(room.number for room in rooms), *(person.id for person in people)),
        )

    def learn(self, frame: Frame) -> None:
        """What a later request may name: new conversations and messages."""
        match frame:
            case {"type": "chat.conversation_started", "conversation": {"id": number}}:
                self.pairs.add(number)
            case {"type": "chat.message", "message": {"id": number, "sender": {"id": author}}}:
                self.authors[number] = author

    def known(self, ref: object) -> NamedRoom | None:
        """The room of this UUID or number."""
        name = ref.lower() if isinstance(ref, str) else ref
        for room in (self.hall, self.attic, self.den):
            if name in (room.uuid, room.number):
                return room
        return None

    def person(self, number: int) -> Person | None:
        """Who has this id."""
        return next((each for each in (self.sender, *self.others) if each.id == number), None)


@frozen
class Push:
    """A frame that comes after its answer, but maybe after later answers too."""

    frame: Frame


class Socket(Protocol):
    """One connection of the sender."""

    def answers(self, request: Any, world: World) -> list[Any]:
        """The frames that come of it, in order."""


@define
class Chats:
    """chats-4 to chats-11"""

    subscribed: bool = False

    def answers(self, request: Any, world: World) -> list[Any]:
        if isinstance(request, requests.Subscribe):
            return [{"action": "subscribe_response", "results": self._results(request, world)}]
        if world.known(request.room) != world.hall:
            return [chats.not_sent("no access")]
        if request.command.flaw is not None:
            return [chats.not_sent("Couldn't send message")]
        hall, text = world.hall.uuid, request.command.text
        push = {"from": world.sender.name, "message": text, "chat_id": hall}
        sent = {"action": "message_response", "status": "success"}
        return [sent, *[Push(push)] * self.subscribed]

    def _results(self, request: requests.Subscribe, world: World) -> list[Frame]:
        results: list[Frame] = []
        for ref in request.rooms:
            if isinstance(ref, str) and world.known(ref) == world.hall:
                self.subscribed = True
                results.append({"chat_id": ref, "status": "success"})
            else:
                results.append({"chat_id": ref, "status": "error", "error": "no access"})
        return results


@define
class Room:
    """room-8"""

    def answers(self, request: Any, world: World) -> list[Any]:
        return [
            {
                "type": "chat_message",
                "message": request.command.text,
                "sender_username": world.sender.name,
                "sender_id": world.sender.uuid,
                "timestamp": TEXT,
            }
        ]


@define
class Lobby:
    """lobby-4 to lobby-12"""

    current: NamedRoom | None = None

    def answers(self, request: Any, world: World) -> list[Any]:
        match request:
            case requests.OpenRoom():
                return [self._opened(request, world)]
            case requests.ListRooms():
                return [{"type": "rooms_list", "data": LIST}]
            case requests.Enter(room=ref):
                return self._entered(world.known(ref), world)
            case requests.Exit():
                before, self.current = self.current, None
                return [] if before is None else [self._flat("leave", TEXT, before, world)]
        return [self._said(world.known(request.room), request.command, world)]

    def _opened(self, request: requests.OpenRoom, world: World) -> Frame:
        people = {person.uuid for person in (world.sender, *world.others)}
        invited = {uuid.lower() for uuid in request.invite}
        if not invited <= people:
            return lobby.error("user not found")
        seats = request.max_users or 100
        if len(invited | {world.sender.uuid}) > seats:
            return lobby.error("room is full")
        made = {"name": request.title, "type": request.kind.value, "max_users": seats}
        times = {"created_at": TEXT, "updated_at": TEXT}
        return {
            "type": "room_created",
            "data": {"id": TEXT, **made, "user_count": 0, "users": {}, **times},
        }

    def _entered(self, room: NamedRoom | None, world: World) -> list[Any]:
        if room is None:
            return [lobby.error("room not found")]
        if room == world.den:
            return [lobby.error("unauthorized")]
        if room == self.current:
            return [lobby.error("user already in room")]
        before, self.current = self.current, room
        frames = [self._flat("join", TEXT, room, world)]
        return frames if before is None else [*frames, self._flat("leave", TEXT, before, world)]

    def _said(self, room: NamedRoom | None, say: Say, world: World) -> Frame:
        if room is None:
            return lobby.error("room not found")
        if room != self.current or say.system:
            return lobby.error("unauthorized")
        return self._flat("text", say.text, room, world)

    def _flat(self, type_: str, content: Any, room: NamedRoom, world: World) -> Frame:
        return {
            "id": TEXT,
            "type": type_,
            "content": content,
            "user_id": world.sender.id,
            "user_uuid": world.sender.uuid,
            "user_email": f"{world.sender.name}@example.com",
            "room_id": room.uuid,
            "timestamp": TEXT,
        }


@define
class Channels:
    """channels-4 to channels-9"""

    def answers(self, request: Any, world: World) -> list[Any]:
        if isinstance(request, requests.Echo):
            return [{"type": "pong", "timestamp": TEXT}]
        if isinstance(request, requests.Exit):
            return [{"type": "channel_left", "channel_id": request.room, "timestamp": TEXT}]
        room = world.known(request.room)
        if room is None or room == world.den:
            return [channels.DENIED]
        if isinstance(request, requests.Type):
            return []
        if isinstance(request, requests.Enter):
            return [{"type": "channel_joined", "channel_id": request.room, "timestamp": TEXT}]
        online = {"type": "online_users", "channel_id": room.uuid, "users": LIST}
        return [{**online, "timestamp": TEXT}]


@define
class Conversations:
    """conversations-4 to conversations-13"""

    def answers(self, request: Any, world: World) -> list[Any]:
        match request:
            case requests.ToRoom(room=number, command=command) if self._mine(number, world):
                return [] if isinstance(command, MarkRead) else [self._said(request, world)]
            case requests.TypeTo(user_id=number):
                other = world.person(number)
                return [] if other and other != world.sender else [ERROR]
            case requests.Acknowledge(message_id=number):
                author = world.authors.get(number, world.sender.id)
                return [ERROR] if author == world.sender.id else []
            case requests.SearchUsers(keyword=keyword):
                return [{"type": "chat.search_results", "results": self._found(keyword, world)}]
            case requests.OpenDirect(user_id=number):
                return [self._started(world.person(number), world)]
            case requests.ListConversations():
                return [{"type": "chat.conversations", "conversations": LIST}]
            case requests.ReadHistory(room=number) if self._mine(number, world):
                return [{"type": "chat.messages", "messages": LIST}]
        return [ERROR]

    def _mine(self, number: object, world: World) -> bool:
        return number == world.hall.number or number in world.pairs

    def _said(self, request: requests.ToRoom, world: World) -> Frame:
        assert isinstance(request.command, Say)
        message = {
            "id": NUMBER,
            "conversation_id": request.room,
            "sender": {"id": world.sender.id, "username": world.sender.name},
            "content": request.command.text,
            "timestamp": TEXT,
            "is_system": False,
            "attachment": None,
        }
        return {"type": "chat.message", "message": message}

    def _found(self, keyword: str, world: World) -> list[Frame]:
        if not is_text(keyword):
            return []
        part = keyword.casefold()
        found = [person for person in world.others if part in person.name.casefold()]
        return [
            {"id": person.id, "username": person.name}
            for person in sorted(found, key=lambda each: each.name)
        ]

    def _started(self, other: Person | None, world: World) -> Frame:
        if other is None or other == world.sender:
            return ERROR
        return {
            "type": "chat.conversation_started",
            "conversation": {
                "id": NUMBER,
                "uuid": TEXT,
                "kind": "direct",
                "name": None,
                "participants": LIST,
            },
        }


ERROR = conversations.ERROR.frame
SOCKETS: Mapping[str, type[Socket]] = {
    "chats": Chats,
    "room": Room,
    "lobby": Lobby,
    "channels": Channels,
    "conversations": Conversations,
}

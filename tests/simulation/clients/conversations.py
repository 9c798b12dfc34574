"""conversations: follows all its rooms from the start; integer ids."""

from typing import Any

from tests.simulation.clients.base import Bad, Client
from tests.simulation.clients.surroundings import Place
from tests.simulation.record import Stretch

TICKS = ("sent", "delivered", "seen")


class ConversationsClient(Client):
    dialect = "conversations"
    puts_out = (4001,)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._ticks: dict[int, str] = {}  # how far one's own messages have come, as it was told
        self._reads: list[Stretch] = []  # asked for, in order
        self._ids: list[int] = []  # of what others said
        self._known: dict[str, list[tuple[int, str]]] = {}  # ids and names of what was read
        self._puzzled = False

    def target(self) -> tuple[str, dict[str, str]]:
        return f"/ws/chat/?rooms=all&token={self.token}{self.resume}", {}

    def begin(self) -> None:
        self._puzzled, self._reads = False, []
        for room in sorted(self._shown):
            self.follow(room)
        self.requests.append("list")
        self.send({"type": "chat.get_conversations"})

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        self.send({"type": "chat.message", "conversation_id": place.id, "content": text, **key})

    def fidget(self) -> None:
        random, places = self.world.random, self.places()
        if not places:
            return
        place = random.choice(places)
        frames = [
            ("", {"type": "chat.read", "conversation_id": place.id}),
            ("list", {"type": "chat.get_conversations"}),
            ("", {"type": "chat.typing", "receiver_id": place.id, "is_typing": True}),
            ("", {"type": "chat.delivered", "message_id": random.choice(self._ids or [1])}),
            ("search", {"type": "chat.search_user", "keyword": "p"}),
        ]
        if random.random() < 0.5:
            self._read(place)
            return
        request, frame = random.choice(frames)
        if request:
            self.requests.append(request)
        else:  # answered only when it fails: whose an error is cannot be told any more
            self._puzzled = True
        self.send(frame)

    def ask_for_much(self) -> None:
        for place in self.places():
            self._read(place)
        if self.open:
            self.requests.append("list")
            self.send({"type": "chat.get_conversations"})

    def _read(self, place: Place) -> None:
        """A stretch of its history: the newest, or those before one that is known."""
        random, now = self.world.random, self.world.agenda.now
        most = random.choice((None, None, 3, 20))
        known = self._known.get(place.uuid)
        id_, name = random.choice(known) if known and random.random() < 0.4 else (None, None)
        loose, ticks = self.person.wanders, dict(self._ticks)
        read = Stretch(self.name, place.uuid, now, most, name, loose=loose, ticks=ticks)
        self._reads.append(read)
        self.requests.append("messages")
        frame: dict[str, Any] = {"type": "chat.get_messages", "conversation_id": place.id}
        frame |= {"limit": most} if most else {}
        self.send(frame | ({"before_id": id_} if id_ else {}))

    def _was_read(self, messages: list[Any]) -> None:
        """The answers come in the order of the requests."""
        self.answered("messages")
        if not self._reads:  # after an error it is not known whose this is
            return
        read = self._reads.pop(0)
        read.names = [each["content"].partition(" ")[0] for each in messages]
        self.world.record.stretches.append(read)
        pairs = zip((each["id"] for each in messages), read.names, strict=True)
        self._known[read.room] = list(pairs)
        for each in messages:
            if each["id"] in read.ticks:
                self._ticked(each["id"], each["status"], than=read.ticks[each["id"]])

    def _ticked(self, message: int, status: str, than: str | None) -> None:
        """than: how far it had come; whatever is told of it goes forward."""
        if than is not None and TICKS.index(status) < TICKS.index(than):
            self.world.record.blame(
                "ticks go forward", f"{self.name} is told of {message}: {status} behind {than}"
            )

    def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "chat.conversations", "conversations": listed}:
                self.answered("list")
                self._listed([each["id"] for each in listed])
                for each in listed:
                    room = self._uuid(each["id"])
                    if room is not None and room not in self.views:
                        self.follow(room)
            case {"type": "chat.message", "message": message}:
                room = self._uuid(message["conversation_id"])
                if room is not None:
                    self.saw(room, message["content"])
                if message["sender"]["id"] != self.person.user.id:
                    self._ids = [*self._ids[-20:], message["id"]]
            case {"type": "chat.message_status", "message_id": message, "status": status}:
                self._ticked(message, status, than=self._ticks.get(message))
                self._ticks[message] = status
            case {"type": "chat.gap", "conversation_ids": ids}:
                self.unknown(frame)
                self.gap(*(room for room in map(self._uuid, ids) if room is not None))
            case {"type": "chat.message_sent", "client_key": key}:
                if not self._puzzled or key.rpartition(" ")[2] in self.outstanding:
                    self.sent(key)
            case {"type": "chat.messages", "messages": messages}:
                self._was_read(messages)
            case {"type": "chat.search_results"}:
                self.answered("search")
            case {"type": "error", "message": error}:
                self._error(error)

    def _listed(self, ids: list[int]) -> None:
        """Every conversation, once."""
        me = self.person.user.uuid
        mine = {place.id for place in self.world.places if me in place.members}
        missing = set() if self.person.wanders else mine - set(ids)
        if missing or len(set(ids)) < len(ids):
            self.world.record.blame("a list is whole", f"{self.name} is told of {ids}")

    def _error(self, error: str) -> None:
        self._reads.clear()
        if self._puzzled:
            self.outstanding.clear()
            self._unsure.clear()
            self.requests.clear()
        else:
            self.failed(refused=error == "The request could not be carried out")

    def _uuid(self, room_id: int) -> str | None:
        for place in self.world.places:
            if place.id == room_id:
                return place.uuid
        return None

    def garbage(self) -> list[Bad]:
        return [("{", None), ("[]", None), (b"bin", None)]

"""What every client does, whatever it speaks: connect, send, read, answer pings, come again."""

import json
from typing import Any

from tests.simulation import frames
from tests.simulation.clients.surroundings import Person, Place, Surroundings
from tests.simulation.record import Said, View, Visit
from tests.simulation.wire import Wire

# What is sent, and the close code that answers it, if one does.
Bad = tuple[str | bytes, int | None]

SHORT = 4.0  # seconds that a short token lives at most
REPLAYED = 1000  # events that a connection is told again: more than there are


class Client:
    """One program of one person."""

    dialect = ""
    puts_out: tuple[int, ...] = (1008,)  # the code for who may be here no more

    def __init__(self, world: Surroundings, number: int, person: Person, place: Place) -> None:
        self.world = world
        self.person = person
        self.home = place
        self.away = False
        self.name = f"{self.dialect}-{number}"
        self.visit: Visit | None = None
        self.views: dict[str, View] = {}
        self.outstanding: list[str] = []  # texts without an answer yet
        self.requests: list[str] = []  # the same and other requests, in order, where all have one
        self.wire: Wire | None = None
        self.keyed = world.random.random() < 0.5  # whether its sends have keys, and are repeated
        self._unsure: dict[str, tuple[Place, str, int]] = {}  # name → what was tried how often
        self._positions: dict[str, str] = {}  # of its cursor, by name
        self._kept: dict[str, View] = {}  # where they were reached
        self._shown: set[str] = set()  # rooms in the cursor that this connection showed
        self._asked: set[str] = set()  # rooms in the cursor
        self._reader = frames.Reader()
        self.closing = False
        self._short = False
        self.own = ""  # a token with which nobody else came

    # -- what a dialect adds

    @property
    def token(self) -> str:
        """A short one now and then, or one for this connection alone."""
        world = self.world
        kind = 1.0 if world.calm else world.random.random()
        self._short = kind < 0.1
        self.own = world.own_token(self.person) if 0.1 <= kind < 0.35 else ""
        return world.short_token(self.person) if self._short else self.own or self.person.token

    @property
    def resume(self) -> str:
        """Of the query, for who resumes."""
        if not self.keyed:
            return ""
        self._asked = {
            place.uuid for place in self.world.places if str(place.id) in self._positions
        }
        self._shown = {
            place.uuid
            for place in self.world.places
            if str(place.id) in self._positions and place.uuid in self._kept
        }
        return f"&resume={'~'.join(self._positions.values()) or 1}"

    def target(self) -> tuple[str, dict[str, str]]:
        """Path with query, and headers."""
        raise NotImplementedError

    def begin(self) -> None:
        """Accepted."""

    def heard(self, frame: Any) -> None:
        """A frame."""
        raise NotImplementedError

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        """Send a message. key: to be put beside its text."""
        raise NotImplementedError

    def fidget(self) -> None:
        """Anything else that a client of this dialect does."""

    def padding(self) -> str:
        """What stands behind a message's name."""
        random = self.world.random
        return " " + "x" * random.randint(100, 900) if random.random() < 0.1 else ""

    def ask_for_much(self) -> None:
        """Whatever has a long answer, where there is any."""

    def garbage(self) -> list[Bad]:
        """Bad things to send."""
        raise NotImplementedError

    # -- the life of a connection

    @property
    def open(self) -> bool:
        return self.visit is not None and self.visit.accepted and not self.closing

    def connect(self) -> None:
        """Unless it is connected."""
        if self.visit is not None or not self.world.lively or self.away:
            return
        target, headers = self.target()
        self.wire = self.world.dial(self, target, headers)
        if self.wire is None:
            self._again()
            return
        self._reader = frames.Reader()
        self.closing = False
        self.views = {}
        self.outstanding = []
        self.requests = []
        self.visit = Visit(self.name, self.dialect, self.person.user.uuid, self.world.agenda.now)
        socket = self.wire.socket
        if self.world.thin:
            self.visit.troubled = True
            self.visit.may_end[1013] = "the network is thin"
            self.visit.may_end[1001] = "the network is thin"
            self.visit.may_end[None] = "the network is thin"  # too thin for the close in time
        for code in self.puts_out:
            if self._short or self.person.user.uuid in self.world.record.suspended:
                self.visit.may_end[code] = "its token ended, or its user is barred"
        if self._short:
            self.visit.due = self.world.agenda.now + SHORT + 1.0
        if self.person.wanders:
            self.visit.may_end[4003] = "its user is no member"
        if self.world.draining:
            self.visit.may_end[1001] = "the server drained"
        self.visit.held = lambda: not socket.closed
        self.world.record.visits.append(self.visit)
        self.world.trace.add(self.name, f"dials {target.partition('?')[0]}")

    def _again(self) -> None:
        self.world.agenda.after(self.world.random.uniform(0.1, 1.5), self.connect)

    def received(self, data: bytes) -> None:
        """Bytes of the server."""
        visit = self.visit
        assert visit is not None
        try:
            arrived = self._reader.feed(data)
        except ValueError as error:
            self.world.record.blame("whole frames", f"{self.name}: {error}")
            return
        if self._reader.status == 101 and not visit.accepted:
            visit.accepted, visit.let_in = True, self.world.agenda.now
            self.begin()
        for opcode, payload in arrived:
            if opcode == frames.TEXT:
                text = payload.decode()
                self.world.trace.add(self.name, f"< {text}")
                frame = json.loads(text)
                self.heard(frame)
                self._keep(frame)
            elif opcode == frames.PING:
                self.write(frames.PONG, payload)
            elif opcode == frames.CLOSE:
                self._closed(visit, frames.close_code(payload), payload)

    def _closed(self, visit: Visit, code: int, payload: bytes) -> None:
        visit.code, visit.reason = code, payload[2:].decode()
        self.world.trace.add(self.name, f"is closed with {code}")
        if not self.closing:
            self.closing = True
            self.write(frames.CLOSE, payload)
        if self.wire is not None:
            self.wire.half_close()

    def ended(self, *, reset: bool) -> None:
        """The connection is gone."""
        visit = self.visit
        if visit is None:
            return
        visit.ended = self.world.agenda.now
        status = self._reader.status
        self.world.trace.add(self.name, f"{'is reset' if reset else 'ended'}, HTTP {status}")
        self.visit = self.wire = None
        if self.world.lively:
            self._again()

    # -- saying

    def write(self, opcode: int, payload: bytes) -> None:
        if self.wire is not None:
            self.wire.send(frames.frame(opcode, payload, self.world.random))

    def send(self, frame: Any) -> None:
        """An object as JSON; text and bytes as they are."""
        if not self.open:
            return
        text = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        self.world.trace.add(self.name, f"> {text!r}" if isinstance(text, bytes) else f"> {text}")
        if isinstance(text, bytes):
            self.write(frames.BINARY, text)
        else:
            self.write(frames.TEXT, text.encode())

    def places(self) -> list[Place]:
        """Where it may say something."""
        return [place for place in self.world.places if place.uuid in self.views]

    def speak(self) -> None:
        """Say something somewhere."""
        places = self.places()
        if not self.open or not places:
            return
        random = self.world.random
        place = random.choice(places)
        text = self.world.new_text()
        text += self.padding()
        name = text.partition(" ")[0]
        now = self.world.agenda.now
        self.world.record.said[name] = Said(name, place.uuid, self.person.user.uuid, now)
        self._try(name, place, text)

    def _try(self, name: str, place: Place, text: str) -> None:
        self.outstanding.append(name)
        self.requests.append(name)
        key: dict[str, str] = {}
        if self.keyed:
            _, _, tries = self._unsure.get(name, (place, text, 0))
            self._unsure[name] = place, text, tries + 1
            key = {"client_key": f"key of {name}"}
        self.say(place, text, key)

    def _try_again(self, room: str) -> None:
        """What was never answered, on an earlier connection."""
        for name, (place, text, _) in list(self._unsure.items()):
            if place.uuid == room and name not in self.outstanding:
                self._try(name, place, text)

    def is_first_try(self, name: str) -> bool:
        """Whether nothing of it was sent on an earlier connection."""
        return name not in self._unsure or self._unsure[name][2] == 1

    # -- hearing

    def follow(self, room: str) -> View:
        """From now on it follows the room."""
        assert self.visit is not None
        if room in self._shown:  # it goes on where it was
            self._shown.discard(room)
            view = self._kept[room]
            view.present, view.whole = {}, False
        else:
            view = View(room, self.world.agenda.now, loose=self.person.wanders)
            self._kept[room] = view
        self.views[room] = view
        self.visit.views.append(view)
        self._try_again(room)
        return view

    def _keep(self, frame: Any) -> None:
        """Where it stands now."""
        inner = frame.get("data") if frame.get("type") == "cursor" else None
        cursor = (inner or frame).get("cursor")
        for position in cursor.split("~") if cursor else ():
            self._positions[position.partition(".")[0]] = position

    def gap(self, *rooms: str) -> None:
        """It was told that something of these may be missing."""
        needless = self._asked.intersection(rooms)
        if needless and not self.person.wanders and self.world.settings.limits.replay >= REPLAYED:
            self.world.record.blame(
                "a gap has its reason", f"{self.name} knows all of {sorted(needless)}"
            )
        for room in rooms:
            self.world.record.gaps.add((self.name, room))
            self._shown.discard(room)
            view = self.views.get(room)
            if view is not None or room in self._kept:
                self.views.pop(room, None)
                after = self.follow(room)
                after.since = float("inf")
                if view is not None:
                    after.present, after.whole = view.present, view.whole

    def unknown(self, frame: Any) -> None:
        """It was told as well which positions of its cursor are of no room that it follows."""
        for place in self.world.places:
            if str(place.id) in frame.get("unknown", ()):
                self.world.record.gaps.add((self.name, place.uuid))

    def unfollow(self, room: str) -> None:
        """From now on it does not."""
        self.views.pop(room, None)

    def saw(self, room: str, text: str) -> None:
        """A message of a room."""
        name = text.partition(" ")[0]
        self.learned(room, name)
        if name in self.requests:
            self.world.record.acknowledge(name)
            if not self.keyed:
                self.answered(name)

    def learned(self, room: str, what: str) -> None:
        """An event of a room."""
        view = self.views.get(room)
        if view is None:  # followed by the server's own doing: since when is not known
            view = self.follow(room)
            view.since = float("inf")
        view.texts.append(what)

    def sent(self, key: str) -> None:
        """The answer to a send with a key."""
        name = key.rpartition(" ")[2]
        if name not in self.outstanding:
            self.world.record.blame("one answer", f"{self.name} has two answers to {name}")
        self.world.record.acknowledge(name)
        self.answered(name)
        self._unsure.pop(name, None)

    def answered(self, request: str) -> None:
        """It has its answer."""
        for waiting in (self.requests, self.outstanding):
            if request in waiting:
                waiting.remove(request)

    def failed(self, *, refused: bool) -> None:
        """An error: of the first request that has no answer, since they come in order. refused:
        whether a message of which this is said is not stored.
        """
        if self.requests:
            request = self.requests[0]
            if request in self.outstanding:
                if refused:
                    self.refused(request)
                self._unsure.pop(request, None)
            self.answered(request)

    def refused(self, request: str) -> None:
        """A message is not stored, as its sender was told."""
        if self.is_first_try(request):
            self.world.record.refuse(request)
        elif not self.person.wanders:
            self.world.record.said[request].refused_again = True

    def came(self, room: str, user: str, *, here: bool) -> None:
        """An edge of presence: it must be one."""
        view = self.views.get(room)
        if view is None or self.visit is None:
            return
        known = view.present.get(user, False if view.whole else None)
        if known is here and not self.visit.troubled:
            word = "comes" if here else "goes"
            self.world.record.blame(
                "an edge per user", f"{self.name} hears twice that {user} {word}"
            )
        view.present[user] = here

"""Who listens to which room: a plain table beside the actors.

Changed synchronously by sessions, read by whoever delivers. Listening starts no actor: a user in
hundreds of rooms costs hundreds of entries here and nothing else.
"""

from collections.abc import Callable, Collection, KeysView

from attrs import define, field

from trichat.core.model import Room, User
from trichat.runtime.listener import Lane, Listener


@define
class _Presence:
    user: User
    since: int
    sockets: int = 0


class Group:
    """One room's listeners in one dialect, by their lanes."""

    __slots__ = ("_lanes", "_listeners")

    def __init__(self) -> None:
        self._listeners: dict[Lane, Listener] = {}
        self._lanes: tuple[Lane, ...] | None = None

    def __len__(self) -> int:
        return len(self._listeners)

    def __contains__(self, lane: Lane) -> bool:
        return lane in self._listeners

    def add(self, listener: Listener) -> None:
        self._listeners[listener.lane] = listener
        self._lanes = None

    def remove(self, listener: Listener) -> None:
        """Raises KeyError if it is not in."""
        del self._listeners[listener.lane]
        self._lanes = None

    def at(self, lane: Lane) -> Listener | None:
        """Whose it is; None if he has gone."""
        return self._listeners.get(lane)

    @property
    def listeners(self) -> Collection[Listener]:
        """In order of coming, as a live view."""
        return self._listeners.values()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The same tuple until somebody comes or goes."""
        if self._lanes is None:
            self._lanes = tuple(self._listeners)
        return self._lanes


@define(eq=False)
class Audience:
    """One room's listeners by dialect, and the users they make present."""

    room: Room
    by_dialect: dict[str, Group] = field(factory=dict)
    _present: dict[int, _Presence] = field(factory=dict)

    @property
    def present(self) -> tuple[tuple[User, int], ...]:
        """(user, since when in ms) in order of coming."""
        return tuple((presence.user, presence.since) for presence in self._present.values())

    @property
    def ids(self) -> KeysView[int]:
        """The ids of the users present, as a live view."""
        return self._present.keys()

    def attach(self, listener: Listener, now: int) -> bool:
        """Whether this is the user's first socket here."""
        self.by_dialect.setdefault(listener.dialect.name, Group()).add(listener)
        presence = self._present.get(listener.user.id)
        if presence is None:
            presence = self._present[listener.user.id] = _Presence(listener.user, now)
        presence.sockets += 1
        return presence.sockets == 1

    def changed(self, user: User) -> None:
        """Somebody present bears another name or role."""
        self._present[user.id].user = user

    def detach(self, listener: Listener) -> bool:
        """Whether this was the user's last socket here."""
        group = self.by_dialect[listener.dialect.name]
        group.remove(listener)
        if not group:
            del self.by_dialect[listener.dialect.name]
        presence = self._present[listener.user.id]
        presence.sockets -= 1
        if presence.sockets:
            return False
        del self._present[listener.user.id]
        return True


class Audiences:
    """The table of all rooms that anybody listens to. on_empty: called when the last one goes."""

    def __init__(self) -> None:
        self._rooms: dict[int, Audience] = {}
        self.on_empty: list[Callable[[Room], None]] = []

    def rooms(self) -> list[Room]:
        """Those that anybody is in."""
        return [audience.room for audience in self._rooms.values()]

    def of(self, room_id: int) -> Audience | None:
        """The room's audience, None when nobody listens."""
        return self._rooms.get(room_id)

    def ids(self, room_id: int) -> KeysView[int]:
        """The ids of the users present in a room."""
        audience = self._rooms.get(room_id)
        return audience.ids if audience else _NOBODY.keys()

    def present(self, room_id: int) -> tuple[tuple[User, int], ...]:
        """(user, since when in ms) in order of coming."""
        audience = self._rooms.get(room_id)
        return audience.present if audience else ()

    def listens(self, room_id: int, listener: Listener) -> bool:
        """Whether this very socket is in the room."""
        audience = self._rooms.get(room_id)
        return audience is not None and listener.lane in audience.by_dialect.get(
            listener.dialect.name, ()
        )

    def attach(self, room: Room, listener: Listener, now: int) -> bool:
        """Put a socket in; whether it is its user's first one there."""
        audience = self._rooms.get(room.id)
        if audience is None:
            audience = self._rooms[room.id] = Audience(room)
        return audience.attach(listener, now)

    def changed(self, room_id: int, user: User) -> None:
        """Somebody present in the room bears another name or role."""
        self._rooms[room_id].changed(user)

    def detach(self, room_id: int, listener: Listener) -> bool:
        """Take a socket out that is in; whether it was its user's last one there."""
        audience = self._rooms[room_id]
        last = audience.detach(listener)
        if not audience.by_dialect:
            del self._rooms[room_id]
            for emptied in self.on_empty:
                emptied(audience.room)
        return last


_NOBODY: dict[int, None] = {}

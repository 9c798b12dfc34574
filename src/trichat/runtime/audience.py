"""Who listens to which room: a plain table beside the actors.

Changed synchronously by sessions, read by whoever delivers. Listening starts no actor: a user in
hundreds of rooms costs hundreds of entries here and nothing else.
"""

from collections.abc import Callable, KeysView

from attrs import define, field

from trichat.core.model import Room, User
from trichat.runtime.listener import Listener


@define
class _Presence:
    user: User
    since: int
    sockets: int = 0


@define(eq=False)
class Audience:
    """One room's listeners by dialect, and the users they make present."""

    room: Room
    by_dialect: dict[str, dict[Listener, None]] = field(factory=dict)
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
        self.by_dialect.setdefault(listener.dialect.name, {})[listener] = None
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
        del group[listener]
        if not group:
            del self.by_dialect[listener.dialect.name]
        presence = self._present[listener.user.id]
        presence.sockets -= 1
        if presence.sockets:
            return False
        del self._present[listener.user.id]
        return True


class Audiences:
    """The table of all rooms that anybody listens to. on_empty is called when the last one goes."""

    def __init__(self) -> None:
        self._rooms: dict[int, Audience] = {}
        self.on_empty: Callable[[Room], None] = lambda room: None

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
        return audience is not None and listener in audience.by_dialect.get(
            listener.dialect.name, {}
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
            self.on_empty(audience.room)
        return last


_NOBODY: dict[int, None] = {}

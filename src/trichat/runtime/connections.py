"""Who is connected: every session by its user, and what is due to all of a user's sockets."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import trio

from trichat.core.edges import Edges
from trichat.core.model import Room, User
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.listener import Listener
from trichat.runtime.peraddress import ConnectionsPerAddress

_log = logging.getLogger(__name__)

_REMEMBERED = 1000  # who was barred last: nothing waits in an inbox for long

# Sessions that are ended at the same time.
ENDED_TOGETHER = 50


class Connections:
    """All open sessions. on_edge is called on a user's first and last socket; on_key with the
    number of an API key when a socket that it opened comes and when it goes.
    """

    def __init__(
        self,
        *,
        on_edge: Callable[[User, bool], None] = lambda user, online: None,
        on_key: Callable[[int], None] = lambda key_id: None,
    ) -> None:
        self._by_user: dict[int, dict[Listener, None]] = {}
        self._by_key: dict[int, dict[Listener, None]] = {}
        self._online: Edges[int] = Edges()
        self._revisions: dict[int, int] = {}
        self._arriving: Counter[int] = Counter()
        self.crowds = ConnectionsPerAddress()
        self._open = 0
        self._empty = trio.Event()
        self.ready = True  # whether anyone should be sent here
        self.draining = False
        self.revocations = 0
        self.suspended: dict[int, int] = {}
        self._on_edge = on_edge
        self._on_key = on_key

    def __len__(self) -> int:
        """Open connections, those included that are being closed."""
        return self._open

    @property
    def taken(self) -> int:
        """Connections that are open or being admitted (lobby-18)."""
        return self._open + self._arriving.total()

    def taken_by(self, user_id: int) -> int:
        """The same of one user."""
        return len(self._by_user.get(user_id, ())) + self._arriving[user_id]

    def arrives(self, user_id: int) -> None:
        """One is being admitted, and counts until arrived(): many at once are many."""
        self._arriving[user_id] += 1

    def arrived(self, user_id: int) -> None:
        """It is connected by now, or never will be."""
        self._arriving[user_id] -= 1
        if not self._arriving[user_id]:
            del self._arriving[user_id]

    def connect(self, listener: Listener) -> None:
        """A session is open from here on."""
        user = listener.user
        self._open += 1
        self._by_user.setdefault(user.id, {})[listener] = None
        key_id = listener.identity.key_id
        if key_id is not None:
            self._by_key.setdefault(key_id, {})[listener] = None
            self._on_key(key_id)
        if self._online.arrive(user.id):
            self._on_edge(user, True)
        if self.draining:  # it was admitted before
            listener.drain()

    def disconnect(self, listener: Listener) -> None:
        """It takes part in nothing any more; its connection is still to be closed."""
        user = listener.user
        sessions = self._by_user[user.id]
        del sessions[listener]
        if not sessions:
            del self._by_user[user.id]
            self._revisions.pop(user.id, None)
        key_id = listener.identity.key_id
        if key_id is not None:
            self._leave_key(key_id, listener)
        if self._online.depart(user.id):
            self._on_edge(user, False)

    def _leave_key(self, key_id: int, listener: Listener) -> None:
        sessions = self._by_key[key_id]
        del sessions[listener]
        if not sessions:
            del self._by_key[key_id]
        self._on_key(key_id)

    def keys_in_use(self) -> tuple[int, ...]:
        """The numbers of the API keys that have opened what is open."""
        return tuple(self._by_key)

    def closed(self) -> None:
        """The connection of a disconnected session is gone."""
        self._open -= 1
        if not self._open:
            self._empty.set()

    def online(self, user_id: int) -> bool:
        """Whether the user has any open socket."""
        return user_id in self._online

    def of(self, user_id: int) -> tuple[Listener, ...]:
        """The user's sessions."""
        return tuple(self._by_user.get(user_id, ()))

    def everyone(self) -> Iterable[Listener]:
        """All sessions, as they are now."""
        return [listener for sessions in self._by_user.values() for listener in sessions]

    # -- credentials: who is being admitted meanwhile compares `revocations` before and after, and
    # is identified anew when it has changed

    def suspend(self, user_id: int, reason: str = "", *, at: int = 0) -> None:
        """The user was suspended, banned or deleted: all their sockets are closed (all-17), and
        what they said that waits in a room's inbox is refused there. at: the time in their row.
        """
        self.revocations += 1
        self.suspended[user_id] = at
        if len(self.suspended) > _REMEMBERED:
            del self.suspended[next(iter(self.suspended))]
        for listener in self.of(user_id):
            listener.end(DisconnectReason.BARRED, reason)

    def changed(self, user: User) -> None:
        """The user bears another name, address, avatar or role from now on."""
        self.revocations += 1
        for listener in self.of(user.id):
            with _contained(listener):
                listener.changed(user)

    def revoke_key(self, key_id: int) -> None:
        """An API key opens nothing any more, and what it opened is closed (all-17)."""
        self.revocations += 1
        for listener in tuple(self._by_key.get(key_id, ())):
            listener.end(DisconnectReason.KEY_REVOKED)

    def revoke_keys_of(self, user_id: int) -> None:
        """The same of all API keys of a user."""
        self.revocations += 1
        for listener in self.of(user_id):
            if listener.identity.key_id is not None:
                listener.end(DisconnectReason.KEY_REVOKED)

    def end_login(self, user_id: int, login: str) -> None:
        """A login of the user has ended, and what it opened is closed (all-17)."""
        self.revocations += 1
        for listener in self.of(user_id):
            if listener.identity.login == login:
                listener.end(DisconnectReason.REVOKED)

    def end_logins(self, user_id: int, but: str | None = None) -> None:
        """All of the user's but perhaps this one; what API keys opened stays (all-17)."""
        self.revocations += 1
        for listener in self.of(user_id):
            login = listener.identity.login
            if login is not None and login != but:
                listener.end(DisconnectReason.REVOKED)

    async def end_everyone(self) -> None:
        """All logins have ended, and everybody is put out, some at a time (all-17). What an API key
        opened may come again.
        """
        self.revocations += 1
        for number, listener in enumerate(list(self.everyone()), start=1):
            listener.end(DisconnectReason.REVOKED)
            if not number % ENDED_TOGETHER:
                await trio.lowlevel.checkpoint()

    # -- memberships: a session that reads them from the store compares revisions before and
    # after, since a change delivered meanwhile may be missing in what it read

    def revision(self, user_id: int) -> int:
        """How often the connected user's memberships have changed."""
        return self._revisions.get(user_id, 0)

    def admitted(self, user_id: int, room: Room) -> None:
        """The user became a member: sessions of dialects that follow do so now."""
        for listener in self._changed(user_id):
            with _contained(listener):
                listener.admitted(room)

    def expelled(self, user_id: int, room: Room) -> None:
        """The user's membership ended: their sessions go out."""
        for listener in self._changed(user_id):
            with _contained(listener):
                listener.expelled(room)

    def _changed(self, user_id: int) -> tuple[Listener, ...]:
        listeners = self.of(user_id)
        if listeners:  # nobody else compares
            self._revisions[user_id] = self.revision(user_id) + 1
        return listeners

    # -- the end

    async def drain(self, deadline: float, spread: float = 0.0) -> None:
        """Tell every session to end with 1001, many of them over `spread` seconds, lest all come
        back at the same moment; after `deadline` seconds in all cut who has not ended.
        """
        self.ready, self.draining = False, True
        with trio.move_on_after(deadline):
            await self._drain_all(spread)
            while self._open:
                if self._empty.is_set():  # else another drain waits for it too
                    self._empty = trio.Event()
                await self._empty.wait()
            return
        for listener in self.everyone():
            listener.end(DisconnectReason.GOING_AWAY)

    async def _drain_all(self, spread: float) -> None:
        everyone = list(self.everyone())
        random.shuffle(everyone)  # whoever came first went first the last time, too
        batches = [
            everyone[begin : begin + ENDED_TOGETHER]
            for begin in range(0, len(everyone), ENDED_TOGETHER)
        ]
        began = trio.current_time()
        for number, batch in enumerate(batches):
            if number:
                moment = (number - random.random()) / (len(batches) - 1)  # noqa: S311 - no secret
                await trio.sleep_until(began + spread * moment)
            for listener in batch:
                listener.drain()


@contextmanager
def _contained(listener: Listener) -> Iterator[None]:
    """One session's fault over a change ends that session: it would follow the wrong rooms."""
    try:
        yield
    except Exception:
        _log.exception("a session of user %d could not follow a change", listener.user.id)
        listener.end(DisconnectReason.FAILED)

"""A connection's part in rooms: where it is, since when it hears them, and how that changes."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from trichat.core.events import Entered, Exited
from trichat.core.model import Kind, Room, User
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Dialect
from trichat.runtime.identity import Identity
from trichat.runtime.listener import Batch
from trichat.runtime.server import Runtime
from trichat.runtime.subscription import Gate, State, Step, Subscription
from trichat.wire.outbox import Outbox


class Participant(ABC):
    """To rooms it is a Listener.

    subscriptions: by room, those it is in. current_id: the room of a dialect that knows one at a
    time.
    """

    def __init__(
        self, runtime: Runtime, dialect: Dialect, identity: Identity, outbox: Outbox
    ) -> None:
        self.runtime = runtime
        self.dialect = dialect
        self.user: User = identity.user
        self.identity = identity
        self.outbox = outbox
        self.slot = outbox.slot
        self.put: Callable[[Batch], None] = outbox.put
        self.subscriptions: dict[int, Subscription] = {}
        self.elsewhere = Gate(outbox)  # what is of no room that it hears
        self.notify: Callable[[Batch], None] = self.elsewhere.offer
        self.current_id: int | None = None
        self.to_enter: dict[int, Room] | None = None  # rooms that are still to be followed
        self.following = False  # whether memberships are followed as they come and go

    @property
    def placed(self) -> bool:
        """Whether each frame of an event says where it stands in the log."""
        return False

    @property
    def current(self) -> Room | None:
        """The room of a dialect that knows one at a time, as it is now."""
        subscription = self.subscriptions.get(self.current_id or 0)
        return None if subscription is None else subscription.room

    @property
    def waiting(self) -> int:
        return self.outbox.waiting

    def put_rest(self, batch: Batch, taken: int) -> None:
        self.outbox.put_rest(batch, taken)

    def hold(self, size: int, *, ephemeral: bool) -> bool:
        return self.outbox.hold(size, ephemeral=ephemeral)

    def let_go(self, size: int) -> None:
        self.outbox.let_go(size)

    @abstractmethod
    def end(self, cause: DisconnectReason, reason: str = "") -> None:
        """End the connection now."""

    @abstractmethod
    def retimed(self) -> None: ...

    @abstractmethod
    def drain(self) -> None: ...

    # -- coming and going

    def begin(self) -> None:
        """It has been greeted: hear what is of no room."""
        if not self.greeted:  # nor has it ended meanwhile
            self.elsewhere.take(Step.CAUGHT_UP)

    @property
    def greeted(self) -> bool:
        """Whether what comes before the first live frame is out."""
        return self.elsewhere.state is not State.WAITING

    def enter(self, room: Room, *, asked: bool, waiting: bool = False) -> Entered:
        """Be in the room from now on. waiting: its frames wait until the subscription is given
        from where on it goes.
        """
        now, feed = self.runtime.clock(), self.runtime.feeds.open(room)
        subscription, event = feed.subscribe(
            self, now, waiting=waiting, placed=self.placed, asked=asked
        )
        self.subscriptions[room.id] = subscription
        return event

    def leave(self, room: Room, *, asked: bool) -> Exited:
        """Be in it no more."""
        subscription = self.subscriptions.pop(room.id)
        if self.current_id == room.id:
            self.current_id = None
        now, feed = self.runtime.clock(), self.runtime.feeds.open(room)
        return feed.leave(subscription, now, asked=asked)

    def hear_no_more(self) -> None:
        """Nothing that happens from now on; what waits is dropped."""
        self.outbox.end_pushes()
        self.elsewhere.take(Step.CLOSED)
        if self.outbox.held:
            for subscription in self.subscriptions.values():
                subscription.drop()

    # -- what happens to its user

    def changed(self, user: User) -> None:
        if user.updated_at < self.user.updated_at:
            return  # two changes at once: the later one came first
        self.user = user
        for room_id in self.subscriptions:
            self.runtime.audiences.changed(room_id, user)

    def admitted(self, room: Room) -> None:
        knows = room.kind in self.dialect.kinds
        if self.following and knows and room.id not in self.subscriptions:
            self.enter(room, asked=False, waiting=not self.greeted)

    def expelled(self, room: Room) -> None:
        self.runtime.typing.clear(self, room.id)
        if self.to_enter:
            self.to_enter.pop(room.id, None)
        if self.dialect.single and room.kind is Kind.PUBLIC:
            return  # a visit to a public room needs no membership
        if room.id in self.subscriptions:
            self.leave(room, asked=False)

    def put_out(self, room: Room) -> None:
        if self.elsewhere.closed:  # nothing comes behind its close frame
            return
        last = self.dialect.put_out(room, self.user, self.runtime.clock())
        if isinstance(last, DisconnectReason):
            self.end(last)
        elif last is not None:
            self.outbox.answer(last)

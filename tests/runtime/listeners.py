"""Listeners that keep what they are told, and a dialect whose frames can be read at a glance."""

from collections.abc import Callable, Iterable, Sequence

from trichat.core import events as e
from trichat.core.answers import Answer
from trichat.core.model import Room, User
from trichat.core.policy import EVERY_KIND
from trichat.core.refusals import Refusal
from trichat.core.requests import Request
from trichat.dialects.disconnects import DisconnectReason, codes
from trichat.dialects.port import Decoded, Dialect, Push, Reply
from trichat.runtime.feeds import Feeds
from trichat.runtime.identity import Identity
from trichat.runtime.listener import Batch, Slot
from trichat.runtime.subscription import Subscription

Encode = Callable[[e.Event], Iterable[Push]]


def plainly(event: e.Event) -> Iterable[Push]:
    """`said 3 hello`, `admitted 2 bob`, `entered bob`, `typed bob` …"""
    word = type(event).__name__.lower()
    match event:
        case e.Said(seq=seq, message=message) | e.Edited(seq=seq, message=message):
            yield _push(word, seq, message.text)
        case e.Admitted(seq=seq, user=user) | e.Left(seq=seq, user=user):
            yield _push(word, seq, user.username)
        case e.Numbered(seq=seq):
            yield _push(word, seq)
        case e.RoomOpened(room=room):
            yield _push(word, room.title)
        case e.Typed(user=user, on=on):
            yield Push(f"{word} {user.username} {on}".encode(), ephemeral=True)
        case e.StatusChanged(user=user, online=online):
            yield _push(word, user.username, online)
        case e.Entered(user=user) | e.Exited(user=user) | e.ReadUpTo(user=user):
            yield _push(word, user.username)
        case _:
            yield _push(word)


def _push(*words: object) -> Push:
    return Push(" ".join(map(str, words)).encode())


class Plain(Dialect):
    """A dialect of any name whose encoder the test may choose."""

    kinds = EVERY_KIND
    codes = codes()

    def __init__(self, name: str = "plain", encode: Encode = plainly) -> None:
        self.name = name
        self.encode = encode
        self.encoded = 0

    def push(self, event: e.Event) -> Sequence[Push]:
        if isinstance(event, e.Entered | e.Exited) and not event.asked:
            return ()  # as with most dialects
        self.encoded += 1
        return tuple(self.encode(event))

    def decode(self, data: str) -> Decoded:
        raise NotImplementedError

    def decode_binary(self, data: bytes) -> Decoded:
        raise NotImplementedError

    def greet(self, user: User, at: int) -> bytes | None:
        raise NotImplementedError

    def come_in(self, present: Sequence[User]) -> bytes | None:
        raise NotImplementedError

    def answer(self, request: Request, answer: Answer, me: User, at: int) -> Sequence[bytes]:
        raise NotImplementedError

    def refuse(self, request: Request | None, refusal: Refusal, at: int) -> Reply | None:
        raise NotImplementedError

    def error(self, payload: bytes) -> str | None:
        raise NotImplementedError

    def failed(self, request: Request | None, at: int) -> bytes:
        raise NotImplementedError

    def put_out(self, room: Room, user: User, at: int) -> bytes | DisconnectReason | None:
        raise NotImplementedError

    def part(self, cause: DisconnectReason, reason: str, at: int) -> bytes | None:
        raise NotImplementedError


class Recorder:
    """heard: the frames, in order. journal: shared by several, with who heard it. With feeds it can
    enter rooms, and follows memberships if it shall.
    """

    def __init__(
        self,
        user: User,
        dialect: Plain,
        *,
        feeds: Feeds | None = None,
        follows: bool = False,
        journal: list[str] | None = None,
        key_id: int | None = None,
        login: str | None = None,
    ) -> None:
        self.user = user
        self.slot = Slot()
        self.dialect = dialect
        self.identity = Identity(user, key_id=key_id, login=login)
        self.waiting = 0
        self.feeds = feeds
        self.follows = follows
        self.subscriptions: dict[int, Subscription] = {}
        self.held = 0
        self.journal = journal
        self.heard: list[str] = []
        self.batches: list[Batch] = []
        self.changes: list[str] = []
        self.causes: list[DisconnectReason] = []
        self.drained = 0
        self.on_drain: Callable[[], object] = lambda: None

    def put(self, batch: Batch) -> None:
        self.batches.append(batch)
        frames = [payload.decode() for payload in batch.joined.payloads]
        self.heard += frames
        if self.journal is not None:
            self.journal += [f"{self.user.username}: {frame}" for frame in frames]

    def put_rest(self, batch: Batch, taken: int) -> None:
        raise NotImplementedError  # its slot is never open

    def notify(self, batch: Batch) -> None:
        self.put(batch)

    def hold(self, size: int, *, ephemeral: bool) -> bool:
        self.held += size
        return True

    def let_go(self, size: int) -> None:
        self.held -= size

    def changed(self, user: User) -> None:
        self.user = user

    def enter(
        self, room: Room, *, waiting: bool = False, placed: bool = False, asked: bool = False
    ) -> Subscription:
        assert self.feeds is not None
        feed = self.feeds.open(room)
        subscription, _ = feed.subscribe(self, 0, waiting=waiting, placed=placed, asked=asked)
        self.subscriptions[room.id] = subscription
        return subscription

    def leave(self, room: Room) -> None:
        assert self.feeds is not None
        self.feeds.open(room).leave(self.subscriptions.pop(room.id), 0, asked=False)

    def admitted(self, room: Room) -> None:
        self.changes.append(f"admitted {room.title}")
        if self.follows and room.id not in self.subscriptions:
            self.enter(room)

    def expelled(self, room: Room) -> None:
        self.changes.append(f"expelled {room.title}")
        if self.follows and room.id in self.subscriptions:
            self.leave(room)

    def put_out(self, room: Room) -> None:
        self.changes.append(f"put out of {room.title}")

    def end(self, cause: DisconnectReason, reason: str = "") -> None:
        self.causes.append(cause)

    def retimed(self) -> None:
        """Its credential never ends."""

    def drain(self) -> None:
        self.drained += 1
        self.on_drain()

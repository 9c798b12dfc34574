"""Where rooms are found, and the actor of each that is at work."""

from collections import OrderedDict
from collections.abc import Callable
from contextvars import Context
from functools import partial

import trio

from trichat.core.answers import Done
from trichat.core.commands import RoomCommand
from trichat.core.ids import is_uuid
from trichat.core.model import Room, User
from trichat.core.refusals import NoSuchRoom, Refusal
from trichat.core.requests import RoomRef
from trichat.runtime.actor import Actor
from trichat.runtime.rooms import Envelope, RoomActor
from trichat.runtime.timerqueue import TimerQueue
from trichat.store.port import Store

# Rooms remembered by reference.
REMEMBERED = 10_000


class RoomDirectory:
    """make: builds what an actor of this room does. nursery: the owner of all actors' tasks.
    followed: whether anybody follows a room, or is about to.
    """

    def __init__(
        self,
        store: Store,
        nursery: trio.Nursery,
        make: Callable[[Room], RoomActor],
        timers: TimerQueue,
        *,
        inbox: int,
        idle: float,
        followed: Callable[[Room], bool] = lambda room: False,
    ) -> None:
        self._store = store
        self._nursery = nursery
        self._make = make
        self._timers = timers
        self._inbox = inbox
        self._idle = idle
        self._followed = followed
        self._actors: dict[int, Actor[Envelope]] = {}
        self._finished = False
        self._retired: set[int] = set()
        self._known: OrderedDict[str | int, Room] = OrderedDict()
        self._changes = 0

    @property
    def working(self) -> int:
        """How many rooms have an actor now."""
        return len(self._actors)

    # -- finding

    async def find(self, ref: RoomRef) -> Room | None:
        """The living room with this UUID or integer id."""
        if ref is None:
            return None
        known = self._known.get(ref)
        if known is not None:
            self._known.move_to_end(ref)
            return known
        changes = self._changes
        if isinstance(ref, str):
            room = await self._store.room_by_uuid(ref.lower()) if is_uuid(ref) else None
        else:
            room = await self._store.room(ref) if 0 < ref < 2**53 else None
        if room is None or room.id in self._retired:
            return None
        if changes == self._changes:  # else what was read may be what it was
            self._remember(room)
        return room

    def _remember(self, room: Room) -> None:
        self._known[room.uuid] = self._known[room.id] = room
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def changed(self, room: Room) -> None:
        """The room is another from now on, or has ended."""
        self._changes += 1
        if room.archived_at is not None:
            self.end(room)
        elif room.id in self._known:
            self._known[room.uuid] = self._known[room.id] = room

    def retire(self, room: Room) -> bool:
        """From now on the room is not found, so that nobody comes while it is archived. Not while
        anything is done in it, or somebody is about to follow it.
        """
        actor = self._actors.get(room.id)
        if self._followed(room) or (actor is not None and not actor.end_if_idle()):
            return False
        self.end(room)
        return True

    def end(self, room: Room) -> None:
        """From now on the room is not found; its actor, if it has one, knows by itself."""
        self._retired.add(room.id)
        self._known.pop(room.uuid, None)
        self._known.pop(room.id, None)

    def is_retired(self, room: Room) -> bool:
        """Whether it is not found any more, though the store may still say so."""
        return room.id in self._retired

    def reinstate(self, room: Room) -> None:
        """It was not archived."""
        self._retired.discard(room.id)

    # -- sending

    async def send(self, room: Room, envelope: Envelope) -> None:
        """To the room's actor, started if need be; waits when its inbox is full. A room that was
        retired meanwhile is none.
        """
        actor = self._actors.get(room.id)
        if actor is None:
            if room.id in self._retired:
                envelope.reply(NoSuchRoom())
                envelope.delivered()
                return
            actor = self._start(room)
        if not actor.offer(envelope):
            await actor.send(envelope)
        if self._finished:  # its actor was started since
            actor.finish()

    async def request(self, room: Room, command: RoomCommand, by: User) -> Done | Refusal:
        """Send, and wait for the outcome. Who gives up waiting does not undo the command."""
        done = trio.Event()
        answers: list[Done | Refusal] = []

        def reply(outcome: Done | Refusal) -> None:
            answers.append(outcome)
            done.set()

        await self.send(room, Envelope(command, by, reply))
        await done.wait()
        return answers[0]

    def _start(self, room: Room) -> Actor[Envelope]:
        doing = self._make(room)

        def unload() -> bool:
            if not doing.is_idle or self._actors.pop(room.id, None) is None:
                return False
            doing.unloaded()
            return True

        actor = Actor(
            doing.work,
            unload,
            self._timers,
            capacity=self._inbox,
            idle=self._idle,
        )
        # In a context of its own: it outlives who woke it, and must neither log under that
        # connection's name nor keep that request alive.
        Context().run(partial(self._nursery.start_soon, actor.run, name=f"room {room.id}"))
        self._actors[room.id] = actor
        return actor

    def finish(self) -> None:
        """Every actor works off its inbox and ends."""
        self._finished = True
        for actor in self._actors.values():
            actor.finish()

"""What comes before a connection's first request is read, by how its dialect begins."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice

from trichat.core import requests
from trichat.core.answers import Done
from trichat.core.commands import Visit
from trichat.core.model import Room, User
from trichat.core.refusals import (
    Failed,
    Invalid,
    NoSuchRoom,
    NotAdmitted,
    RateLimited,
    Refusal,
    RoomEnded,
    RoomFull,
    TooManyRooms,
)
from trichat.dialects.disconnects import DisconnectReason
from trichat.wire import paged
from trichat.wire.catching_up import begin
from trichat.wire.departure import ROOMS_AT_ONCE
from trichat.wire.history import write_history
from trichat.wire.replaying import chase
from trichat.wire.session import Session

# So often a room that was forgotten while somebody came is made anew.
TRIES = 3


async def plain(session: Session) -> None:
    """Nothing is followed until it is asked for (chats, lobby)."""
    session.begin()


async def follow(session: Session) -> None:
    """All rooms the user is admitted to, then the greeting, then live (channels, conversations).
    Whoever has the greeting hears all of their rooms: pushes wait until it is out.

    Memberships that changed while they were read are read again, so that none is missed and none
    is followed that has ended.
    """
    runtime, user = session.runtime, session.user
    while True:
        revision = runtime.connections.revision(user.id)
        admissions = await runtime.store.admissions(user.id)
        rooms = [each.room for each in admissions if each.room.kind in session.dialect.kinds]
        if session.resumption is not None:
            joined = {each.room.id: each.membership.joined_at for each in admissions}
            await session.resumption.prepare(rooms, joined)
        async with runtime.feeds.begun(rooms):
            if revision == runtime.connections.revision(user.id):
                session.following = True
                await _enter_all(session, rooms)
                break
    greeting = session.dialect.greet(user, runtime.clock())
    if greeting is not None:
        session.outbox.answer(greeting)
    session.begin()
    await begin(session, rooms)


async def _enter_all(session: Session, rooms: Sequence[Room]) -> None:
    """Some at a time, in turn with others; who leaves one of them meanwhile does not enter it."""
    waiting = session.to_enter = {room.id: room for room in rooms}
    while waiting:
        for room_id in tuple(islice(waiting, ROOMS_AT_ONCE)):
            session.admitted(waiting.pop(room_id))
        if waiting:
            await session.runtime.turns.take()
    session.to_enter = None


async def come_in(session: Session, *, name: str) -> None:
    """Into the one room of this connection: who is there, history, then live (room-7).

    Its frames wait from the moment of entering: what the history does not cover is replayed from
    the log, until nothing is between that and what is live.
    """
    runtime = session.runtime
    present: list[User] = []
    for _ in range(TRIES):
        room = await runtime.room_factory.room_named(name, session.user)
        if isinstance(room, Refusal):
            session.end(_NO_ROOM.get(type(room), DisconnectReason.NO_ROOM))
            return
        await session.command_with(room, Visit(), partial(_seated, session, room, present))
        await session.drained()
        if session.ended:
            return
        if session.current_id == room.id:
            break
    else:
        session.end(DisconnectReason.NO_ROOM)
        return
    subscription = session.subscriptions[room.id]
    await paged.write(session, partial(_present, session), paged.cut(present))
    if session.resumption is not None:
        head = await session.resumption.come_in(subscription)
    else:
        head = await write_history(session, room)
    session.begin()
    await chase(session, subscription, head)


def _seated(session: Session, room: Room, present: list[User], outcome: Done | Refusal) -> None:
    """present: takes who is in the room as this session comes in."""
    if isinstance(outcome, Refusal):
        _turn_away(session, outcome)
        return
    session.current_id = room.id
    session.enter(room, asked=True, waiting=True)
    present += [user for user, _ in session.runtime.audiences.present(room.id)]


def _present(session: Session, some: Sequence[User]) -> bytes:
    return session.dialect.come_in(some) or b"[]"


def _turn_away(session: Session, refusal: Refusal) -> None:
    if isinstance(refusal, RoomFull):
        reply = session.dialect.refuse(requests.Enter(None), refusal, session.runtime.clock())
        if reply is not None:
            session.outbox.answer(reply.payload)
        session.end(DisconnectReason.FULL)
    elif isinstance(refusal, NotAdmitted):
        session.end(DisconnectReason.NOT_ADMITTED)
    elif not isinstance(refusal, NoSuchRoom):  # it was forgotten just now, and can be made anew
        session.end(
            DisconnectReason.FAILED if isinstance(refusal, Failed) else DisconnectReason.NO_ROOM
        )


# Why there is no such room, and none could be made (room-4).
_NO_ROOM: Mapping[type[Refusal], DisconnectReason] = {
    Invalid: DisconnectReason.NAME_INVALID,
    RoomEnded: DisconnectReason.ROOM_ENDED,
    TooManyRooms: DisconnectReason.TOO_MANY_ROOMS,
    RateLimited: DisconnectReason.TOO_MANY_ROOMS,
    Failed: DisconnectReason.NOT_STORED,
}

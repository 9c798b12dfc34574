"""Carrying out what a peer asks: one function per ask, found by its class.

Commands go to the room's actor, whose answer comes in its own step. What a session answers itself
waits until nothing is in flight, so that answers keep the order of requests (all-11).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve

from trichat.core import answers as a
from trichat.core import asks
from trichat.core import refusals as r
from trichat.core.commands import MarkDelivered, Say, Visit
from trichat.core.events import TypedTo
from trichat.core.ids import is_uuid
from trichat.core.model import Kind, Room
from trichat.core.policy import may_visit
from trichat.core.text import is_blank, is_clean
from trichat.wire import lists, paged
from trichat.wire.catching_up import begin
from trichat.wire.history import History
from trichat.wire.session import Session


async def carry_out(session: Session, ask: asks.Ask) -> None:
    """Do it, and answer in the session's dialect."""
    await _HANDLERS[type(ask)](session, ask)


async def _find(session: Session, ref: asks.RoomRef) -> Room | None:
    """A room as this dialect knows them: direct ones are not there for some (all-8)."""
    room = await session.runtime.directory.find(ref)
    return room if room is not None and room.kind in session.dialect.kinds else None


async def _answer(session: Session, ask: asks.Ask, answer: a.Outcome) -> None:
    await session.settled()
    session.answer(ask, answer)


# -- rooms


async def _to_room(session: Session, ask: asks.ToRoom) -> None:
    room = session.current if ask.room is None else await _find(session, ask.room)
    if room is None:
        await _answer(session, ask, r.NoSuchRoom())
    elif ask.here and room.id not in session.subscriptions:
        await _answer(session, ask, r.NotHere())
    elif isinstance(ask.command, Say):
        await _say(session, ask, room, ask.command)
    else:
        await session.tell(room, ask.command, ask)


async def _say(session: Session, ask: asks.ToRoom, room: Room, say: Say) -> None:
    """Within the user's allowance; only what is accepted counts (lobby-13)."""
    if say.system:  # it may be refused where what was sent before is not: after its pushes
        await session.settled()
    registry = session.runtime.registry
    quota = session.dialect.has_quota
    limited = registry.may_send(session.user, say.text, quota=quota)
    if limited is not None:  # what is under way may still be refused, and then it does not count
        await session.settled()
        limited = registry.may_send(session.user, say.text, quota=quota)
    if limited is not None and say.flaw is None:
        say = evolve(say, flaw=limited)  # for the room to say, behind who has no access (chats-9)
    counted = say.text if limited is None else None
    await session.tell_with(room, say, partial(_said, session, ask, counted, quota))


def _said(
    session: Session,
    ask: asks.ToRoom,
    counted: str | None,
    quota: bool,
    outcome: a.Done | r.Refusal,
) -> None:
    """counted: the text, if it was taken from the allowance."""
    if counted is not None and (isinstance(outcome, r.Refusal) or outcome.again):
        session.runtime.registry.not_sent(session.user, counted, quota=quota)
    session.answer(ask, outcome)


async def _subscribe(session: Session, ask: asks.Subscribe) -> None:
    await session.settled()
    runtime = session.runtime
    wanted = [ref.lower() for ref in ask.rooms if isinstance(ref, str) and is_uuid(ref)]
    while True:
        revision = runtime.connections.revision(session.user.id)
        admitted = await runtime.store.admitted(session.user.id, wanted)
        if session.resumption is not None:
            await session.resumption.prepare(admitted.values())
        async with runtime.feeds.begun(admitted.values()):
            if revision == runtime.connections.revision(session.user.id):
                fresh = _follow(session, ask, admitted)
                break
    await begin(session, fresh)


def _follow(session: Session, ask: asks.Subscribe, admitted: Mapping[str, Room]) -> Sequence[Room]:
    """The answer and the following are one step. Those that were not followed before."""
    space = session.runtime.settings.limits.subscriptions - len(session.subscriptions)
    fresh = [room for room in admitted.values() if room.id not in session.subscriptions]
    del fresh[max(0, space) :]
    followed = {*session.subscriptions, *(room.id for room in fresh)}
    results = []
    for ref in ask.rooms:
        room = admitted.get(ref.lower()) if isinstance(ref, str) else None
        results.append((ref, room is not None and room.id in followed))
    session.answer(ask, a.Subscribed(tuple(results)))
    for room in fresh:
        session.enter(room, asked=True, waiting=session.placed)
    return fresh


async def _enter(session: Session, ask: asks.Enter) -> None:
    """A seat first; then, in the actor's step, in (and out of the room before, lobby-9)."""
    await session.settled()
    room = await _find(session, ask.room)
    if room is None:
        session.answer(ask, r.NoSuchRoom())
        return
    if _follows_enough(session) and room.id not in session.subscriptions:
        session.answer(ask, r.TooManyRooms())
        return
    if session.resumption is not None:
        await session.resumption.prepare([room])
    await session.tell_with(room, Visit(), partial(_seated, session, ask, room))
    await session.settled()
    if session.resumption is not None:
        await session.resumption.catch_up()


def _follows_enough(session: Session) -> bool:
    most = session.runtime.settings.limits.subscriptions
    return not session.dialect.single and len(session.subscriptions) >= most


def _seated(session: Session, ask: asks.Enter, room: Room, outcome: a.Done | r.Refusal) -> None:
    if isinstance(outcome, r.Refusal) and not isinstance(outcome, r.RoomFull):
        session.answer(ask, outcome)
    elif room.id in session.subscriptions:
        session.answer(ask, r.AlreadyHere())
    elif isinstance(outcome, r.Refusal):
        session.answer(ask, outcome)
    else:
        before, resumption = session.current, session.resumption
        event = session.enter(room, asked=True, waiting=resumption is not None)
        if resumption is not None:
            resumption.entered([room])
        session.answer(ask, a.CameIn(event))
        if session.dialect.single:
            if before is not None:
                _go_out(session, asks.Exit(None), before)
            session.current_id = room.id


async def _exit(session: Session, ask: asks.Exit) -> None:
    await session.settled()
    room = session.current if ask.room is None else await _find(session, ask.room)
    if room is not None:  # who may be in it may type, in it or not
        session.runtime.typing.clear(session, room.id)
    if room is None or room.id not in session.subscriptions:
        session.answer(ask, r.NotHere())
    else:
        _go_out(session, ask, room)


def _go_out(session: Session, ask: asks.Exit, room: Room) -> None:
    session.answer(ask, a.WentOut(session.leave(room, asked=True)))


async def _open_room(session: Session, ask: asks.OpenRoom) -> None:
    await session.settled()
    opened = await session.runtime.registry.open_lobby_room(
        session.user, ask.title, ask.kind, ask.max_users, ask.invite
    )
    answer = opened if isinstance(opened, r.Refusal) else a.Opened(a.RoomView(opened, ()))
    session.answer(ask, answer)


async def _list_rooms(session: Session, ask: asks.ListRooms) -> None:
    await session.settled()
    views = lists.views(session, lists.open_rooms(session, ask.kind))
    await paged.answer(session, ask, lambda page: a.Rooms(tuple(page)), views)


# -- typing and presence


async def _accessible(session: Session, ref: asks.RoomRef) -> Room | r.Refusal:
    """A room that this user may be in."""
    room = await _find(session, ref)
    if room is None:
        return r.NoSuchRoom()
    if room.id in session.subscriptions:
        return room
    membership = await session.runtime.store.membership(room.id, session.user.id)
    return room if may_visit(room, membership) else r.NotAdmitted()


async def _type(session: Session, ask: asks.Type) -> None:
    await session.settled()
    room = await _accessible(session, ask.room)
    if isinstance(room, r.Refusal):
        session.answer(ask, room)
    else:
        session.runtime.typing.set(room, session, on=ask.on)


async def _type_to(session: Session, ask: asks.TypeTo) -> None:
    """Only between users who share a conversation; who is unknown and who shares none answer
    alike. A socket of whom only direct rooms are conversations hears it of those alone.
    """
    await session.settled()
    runtime, me = session.runtime, session.user
    known = 0 < ask.user_id < 2**53 and ask.user_id != me.id
    direct = known and await runtime.store.share_a_direct_room(me.id, ask.user_id)
    every = Kind.PUBLIC in session.dialect.kinds
    if not direct and not (
        known and every and await runtime.store.share_a_room(me.id, ask.user_id)
    ):
        session.answer(ask, r.NoSuchUser())
        return
    hearers = runtime.connections.of(ask.user_id)
    runtime.notices.notify(
        TypedTo(me, ask.user_id, ask.on),
        [each for each in hearers if direct or Kind.PUBLIC in each.dialect.kinds],
    )


async def _who_is_online(session: Session, ask: asks.WhoIsOnline) -> None:
    """Online members and present visitors (all-14)."""
    await session.settled()
    room = await _accessible(session, ask.room)
    if isinstance(room, r.Refusal):
        session.answer(ask, room)
        return
    users = await lists.online(session, room)
    await paged.answer(session, ask, lambda some: a.Online(room, tuple(some)), paged.cut(users))


async def _echo(session: Session, ask: asks.Echo) -> None:
    await _answer(session, ask, a.Done())


# -- conversations


async def _search_users(session: Session, ask: asks.SearchUsers) -> None:
    await session.settled()
    names = is_clean(ask.keyword) and not is_blank(ask.keyword)
    users = await lists.found(session, ask.keyword) if names else ()
    session.answer(ask, a.Found(tuple(users)))


async def _open_direct(session: Session, ask: asks.OpenDirect) -> None:
    await session.settled()
    session.answer(ask, await session.runtime.registry.open_direct(session.user, ask.user_id))


async def _list_conversations(session: Session, ask: asks.ListConversations) -> None:
    await session.settled()
    pages = lists.conversations(session, ask.members)
    await paged.answer(session, ask, lambda page: a.Conversations(tuple(page)), pages)


async def _read_history(session: Session, ask: asks.ReadHistory) -> None:
    """For members."""
    await session.settled()
    runtime = session.runtime
    room = await _find(session, ask.room)
    if room is None or await runtime.store.membership(room.id, session.user.id) is None:
        session.answer(ask, r.NotAdmitted())
        return
    longest = runtime.settings.conversations.max_history
    before = None if ask.before_id is None else min(max(ask.before_id, 0), 2**53)  # all-6
    newest = min(ask.limit or longest, longest)
    history = await History.of(runtime, session.user.id, room.id, newest, before)
    await paged.answer(session, ask, lambda page: a.History(tuple(page)), history.pages())


async def _acknowledge(session: Session, ask: asks.Acknowledge) -> None:
    await session.settled()  # as in _say: one's own message is refused
    known = 0 < ask.message_id < 2**53
    message = await session.runtime.store.message_by_id(ask.message_id) if known else None
    if message is None or message.room.kind not in session.dialect.kinds:
        await _answer(session, ask, r.NoSuchMessage())
    else:
        await session.tell(message.room, MarkDelivered(message.id), ask)


_HANDLERS: dict[type, Callable[[Session, Any], Awaitable[None]]] = {
    asks.ToRoom: _to_room,
    asks.Subscribe: _subscribe,
    asks.Enter: _enter,
    asks.Exit: _exit,
    asks.OpenRoom: _open_room,
    asks.ListRooms: _list_rooms,
    asks.Type: _type,
    asks.TypeTo: _type_to,
    asks.WhoIsOnline: _who_is_online,
    asks.Echo: _echo,
    asks.SearchUsers: _search_users,
    asks.OpenDirect: _open_direct,
    asks.ListConversations: _list_conversations,
    asks.ReadHistory: _read_history,
    asks.Acknowledge: _acknowledge,
}

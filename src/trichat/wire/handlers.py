"""Carrying out what a peer asks: one function per ask, found by its class.

Commands go to the room's actor, whose answer comes in its own step. What a session answers itself
waits until nothing is in flight, so that answers keep the order of requests (all-11).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.core import requests
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


async def carry_out(session: Session, request: requests.Request) -> None:
    """Do it, and answer in the session's dialect."""
    await _HANDLERS[type(request)](session, request)


async def _find(session: Session, ref: requests.RoomRef) -> Room | None:
    """A room as this dialect knows them: direct ones are not there for some (all-8)."""
    room = await session.runtime.directory.find(ref)
    return room if room is not None and room.kind in session.dialect.kinds else None


async def _answer(session: Session, request: requests.Request, answer: a.Outcome) -> None:
    await session.drained()
    session.answer(request, answer)


# -- rooms


async def _to_room(session: Session, request: requests.ToRoom) -> None:
    room = session.current if request.room is None else await _find(session, request.room)
    if room is None:
        await _answer(session, request, r.NoSuchRoom())
    elif request.here and room.id not in session.subscriptions:
        await _answer(session, request, r.NotHere())
    elif isinstance(request.command, Say):
        await _say(session, request, room, request.command)
    else:
        await session.command(room, request.command, request)


async def _say(session: Session, request: requests.ToRoom, room: Room, say: Say) -> None:
    """Within the user's allowance; only what is accepted counts (lobby-13)."""
    if say.system:  # it may be refused where what was sent before is not: after its pushes
        await session.drained()
    room_factory = session.runtime.room_factory
    quota = session.dialect.has_quota
    limited = room_factory.may_send(session.user, say.text, quota=quota)
    if limited is not None:  # what is under way may still be refused, and then it does not count
        await session.drained()
        limited = room_factory.may_send(session.user, say.text, quota=quota)
    if limited is not None and say.flaw is None:
        say = evolve(say, flaw=limited)  # for the room to say, behind who has no access (chats-9)
    counted = say.text if limited is None else None
    await session.command_with(room, say, partial(_said, session, request, counted, quota))


def _said(
    session: Session,
    request: requests.ToRoom,
    counted: str | None,
    quota: bool,
    outcome: a.Done | r.Refusal,
) -> None:
    """counted: the text, if it was taken from the allowance."""
    if counted is not None and (isinstance(outcome, r.Refusal) or outcome.again):
        session.runtime.room_factory.not_sent(session.user, counted, quota=quota)
    session.answer(request, outcome)


async def _subscribe(session: Session, request: requests.Subscribe) -> None:
    await session.drained()
    runtime = session.runtime
    wanted = [ref.lower() for ref in request.rooms if isinstance(ref, str) and is_uuid(ref)]
    while True:
        revision = runtime.connections.revision(session.user.id)
        admitted = await runtime.store.admitted(session.user.id, wanted)
        if session.resumption is not None:
            await session.resumption.prepare(admitted.values())
        async with runtime.feeds.begun(admitted.values()):
            if revision == runtime.connections.revision(session.user.id):
                fresh = _follow(session, request, admitted)
                break
    await begin(session, fresh)


def _follow(
    session: Session, request: requests.Subscribe, admitted: Mapping[str, Room]
) -> Sequence[Room]:
    """The answer and the following are one step. Those that were not followed before."""
    space = session.runtime.settings.limits.subscriptions - len(session.subscriptions)
    fresh = [room for room in admitted.values() if room.id not in session.subscriptions]
    del fresh[max(0, space) :]
    followed = {*session.subscriptions, *(room.id for room in fresh)}
    results = []
    for ref in request.rooms:
        room = admitted.get(ref.lower()) if isinstance(ref, str) else None
        results.append((ref, room is not None and room.id in followed))
    session.answer(request, a.Subscribed(tuple(results)))
    for room in fresh:
        session.enter(room, asked=True, waiting=session.placed)
    return fresh


async def _enter(session: Session, request: requests.Enter) -> None:
    """A seat first; then, in the actor's step, in (and out of the room before, lobby-9)."""
    await session.drained()
    room = await _find(session, request.room)
    if room is None:
        session.answer(request, r.NoSuchRoom())
        return
    if _follows_enough(session) and room.id not in session.subscriptions:
        session.answer(request, r.TooManyRooms())
        return
    if session.resumption is not None:
        await session.resumption.prepare([room])
    await session.command_with(room, Visit(), partial(_seated, session, request, room))
    await session.drained()
    if session.resumption is not None:
        await session.resumption.catch_up()


def _follows_enough(session: Session) -> bool:
    most = session.runtime.settings.limits.subscriptions
    return not session.dialect.single and len(session.subscriptions) >= most


def _seated(
    session: Session, request: requests.Enter, room: Room, outcome: a.Done | r.Refusal
) -> None:
    if isinstance(outcome, r.Refusal) and not isinstance(outcome, r.RoomFull):
        session.answer(request, outcome)
    elif room.id in session.subscriptions:
        session.answer(request, r.AlreadyHere())
    elif isinstance(outcome, r.Refusal):
        session.answer(request, outcome)
    else:
        before, resumption = session.current, session.resumption
        event = session.enter(room, asked=True, waiting=resumption is not None)
        if resumption is not None:
            resumption.entered([room])
        session.answer(request, a.CameIn(event))
        if session.dialect.single:
            if before is not None:
                _go_out(session, requests.Exit(None), before)
            session.current_id = room.id


async def _exit(session: Session, request: requests.Exit) -> None:
    await session.drained()
    room = session.current if request.room is None else await _find(session, request.room)
    if room is not None:  # who may be in it may type, in it or not
        session.runtime.typing.clear(session, room.id)
    if room is None or room.id not in session.subscriptions:
        session.answer(request, r.NotHere())
    else:
        _go_out(session, request, room)


def _go_out(session: Session, request: requests.Exit, room: Room) -> None:
    session.answer(request, a.WentOut(session.leave(room, asked=True)))


async def _open_room(session: Session, request: requests.OpenRoom) -> None:
    await session.drained()
    opened = await session.runtime.room_factory.open_lobby_room(
        session.user, request.title, request.kind, request.max_users, request.invite
    )
    answer = opened if isinstance(opened, r.Refusal) else a.Opened(a.RoomView(opened, ()))
    session.answer(request, answer)


async def _list_rooms(session: Session, request: requests.ListRooms) -> None:
    await session.drained()
    views = lists.views(session, lists.open_rooms(session, request.kind))
    await paged.answer(session, request, lambda page: a.Rooms(tuple(page)), views)


# -- typing and presence


async def _accessible(session: Session, ref: requests.RoomRef) -> Room | r.Refusal:
    """A room that this user may be in."""
    room = await _find(session, ref)
    if room is None:
        return r.NoSuchRoom()
    if room.id in session.subscriptions:
        return room
    membership = await session.runtime.store.membership(room.id, session.user.id)
    return room if may_visit(room, membership) else r.NotAdmitted()


async def _type(session: Session, request: requests.Type) -> None:
    await session.drained()
    room = await _accessible(session, request.room)
    if isinstance(room, r.Refusal):
        session.answer(request, room)
    else:
        session.runtime.typing.set(room, session, on=request.on)


async def _type_to(session: Session, request: requests.TypeTo) -> None:
    """Only between users who share a conversation; who is unknown and who shares none answer
    alike. A socket of whom only direct rooms are conversations hears it of those alone.
    """
    await session.drained()
    runtime, me = session.runtime, session.user
    known = 0 < request.user_id < 2**53 and request.user_id != me.id
    direct = known and await runtime.store.share_a_direct_room(me.id, request.user_id)
    every = Kind.PUBLIC in session.dialect.kinds
    if not direct and not (
        known and every and await runtime.store.share_a_room(me.id, request.user_id)
    ):
        session.answer(request, r.NoSuchUser())
        return
    hearers = runtime.connections.of(request.user_id)
    runtime.notices.notify(
        TypedTo(me, request.user_id, request.on),
        [each for each in hearers if direct or Kind.PUBLIC in each.dialect.kinds],
    )


async def _who_is_online(session: Session, request: requests.WhoIsOnline) -> None:
    """Online members and present visitors (all-14)."""
    await session.drained()
    room = await _accessible(session, request.room)
    if isinstance(room, r.Refusal):
        session.answer(request, room)
        return
    users = await lists.online(session, room)
    await paged.answer(session, request, lambda some: a.Online(room, tuple(some)), paged.cut(users))


async def _echo(session: Session, request: requests.Echo) -> None:
    await _answer(session, request, a.Done())


# -- conversations


async def _search_users(session: Session, request: requests.SearchUsers) -> None:
    await session.drained()
    names = is_clean(request.keyword) and not is_blank(request.keyword)
    users = await lists.found(session, request.keyword) if names else ()
    session.answer(request, a.Found(tuple(users)))


async def _open_direct(session: Session, request: requests.OpenDirect) -> None:
    await session.drained()
    session.answer(
        request, await session.runtime.room_factory.open_direct(session.user, request.user_id)
    )


async def _list_conversations(session: Session, request: requests.ListConversations) -> None:
    await session.drained()
    pages = lists.conversations(session, request.members)
    await paged.answer(session, request, lambda page: a.Conversations(tuple(page)), pages)


async def _read_history(session: Session, request: requests.ReadHistory) -> None:
    """For members."""
    await session.drained()
    runtime = session.runtime
    room = await _find(session, request.room)
    if room is None or await runtime.store.membership(room.id, session.user.id) is None:
        session.answer(request, r.NotAdmitted())
        return
    longest = runtime.settings.conversations.max_history
    before = None if request.before_id is None else min(max(request.before_id, 0), 2**53)  # all-6
    newest = min(request.limit or longest, longest)
    history = await History.of(runtime, session.user.id, room.id, newest, before)
    await paged.answer(session, request, lambda page: a.History(tuple(page)), history.pages())


async def _acknowledge(session: Session, request: requests.Acknowledge) -> None:
    await session.drained()  # as in _say: one's own message is refused
    known = 0 < request.message_id < 2**53
    message = await session.runtime.store.message_by_id(request.message_id) if known else None
    if message is None or message.room.kind not in session.dialect.kinds:
        await _answer(session, request, r.NoSuchMessage())
    else:
        await session.command(message.room, MarkDelivered(message.id), request)


_HANDLERS: dict[type, Callable[[Session, Any], Awaitable[None]]] = {
    requests.ToRoom: _to_room,
    requests.Subscribe: _subscribe,
    requests.Enter: _enter,
    requests.Exit: _exit,
    requests.OpenRoom: _open_room,
    requests.ListRooms: _list_rooms,
    requests.Type: _type,
    requests.TypeTo: _type_to,
    requests.WhoIsOnline: _who_is_online,
    requests.Echo: _echo,
    requests.SearchUsers: _search_users,
    requests.OpenDirect: _open_direct,
    requests.ListConversations: _list_conversations,
    requests.ReadHistory: _read_history,
    requests.Acknowledge: _acknowledge,
}

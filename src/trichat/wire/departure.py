"""The way out of every room, and out: thousands may go in one moment."""

from itertools import islice

import trio

from trichat.wire.participant import Participant

# Rooms that are left in one turn, and seconds for which who has ended waits for their turns.
ROOMS_AT_ONCE, MAX_WAIT = 50, 30.0


async def depart(session: Participant, *, in_turn: bool) -> None:
    """Some rooms at a time, in turn with others. in_turn: the first turn has come already."""
    session.outbox.seal()  # what rooms say meanwhile is not for who has ended
    session.following = False
    runtime = session.runtime
    with trio.CancelScope(shield=True, deadline=trio.current_time() + MAX_WAIT):
        if not in_turn:
            await runtime.turns.take()
        for room_id in runtime.typing.rooms(session)[:-1]:
            runtime.typing.clear(session, room_id)
            await runtime.turns.take()
        while len(session.subscriptions) > ROOMS_AT_ONCE:
            _leave_some(session)
            await runtime.turns.take()
    for room_id in runtime.typing.rooms(session):
        runtime.typing.clear(session, room_id)
    while session.subscriptions:
        _leave_some(session)
    runtime.connections.disconnect(session)


async def write_out(session: Participant, patience: float) -> None:
    """What was put before the end still goes out, if the peer takes it within `patience` seconds.
    Who does not goes on in turn: those who were ended together all come here at the same time.
    """
    session.outbox.seal()
    with trio.CancelScope(shield=True, deadline=trio.current_time() + patience) as scope:
        await session.outbox.flush()
    if scope.cancelled_caught:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + MAX_WAIT):
            await session.runtime.turns.take()


def _leave_some(session: Participant) -> None:
    for each in tuple(islice(session.subscriptions.values(), ROOMS_AT_ONCE)):
        session.leave(each.room, asked=False)

"""What the long lists hold, read page by page; of what one user asks one page is made at a time."""

from collections.abc import Sequence

from trichat.core.model import Kind, Overview, Room, User
from trichat.wire.paged import Pages
from trichat.wire.session import Session

# Of rooms in one read: some ten thousand of these rows are made in a second, beside the event loop.
PAGE = 100


async def open_rooms(session: Session, kind: Kind | None) -> Pages[Room]:
    """The newest `limits.rooms_listed` that the user may come into, oldest first (lobby-7)."""
    runtime, user_id = session.runtime, session.user.id
    newest = runtime.settings.limits.rooms_listed
    async with runtime.shares.turn(user_id):
        after = await runtime.store.open_rooms_before(kind=kind, user_id=user_id, newest=newest)
    while True:
        async with runtime.shares.turn(user_id):
            page = await runtime.store.open_rooms(
                kind=kind, user_id=user_id, after=after, limit=PAGE
            )
        yield page
        if len(page) < PAGE:
            return
        after = page[-1].id


async def conversations(session: Session, members: int) -> Pages[Overview]:
    """The user's latest `limits.rooms_listed` rooms, newest activity first."""
    runtime, user_id = session.runtime, session.user.id
    latest = runtime.settings.limits.rooms_listed
    async with runtime.shares.turn(user_id):
        rooms = await runtime.store.active_rooms(user_id, limit=latest, kinds=session.dialect.kinds)
    for begin in range(0, len(rooms), PAGE):
        async with runtime.shares.turn(user_id):
            page = await runtime.store.overviews(
                user_id, rooms[begin : begin + PAGE], members=members
            )
        yield page


async def online(session: Session, room: Room) -> Sequence[User]:
    """Online members and present visitors (all-14): no more than there are connections."""
    runtime = session.runtime
    online = {listener.user.id: listener.user for listener in runtime.connections.everyone()}
    async with runtime.shares.turn(session.user.id):
        members = await runtime.store.members_among(room.id, online)
    users = {id_: user for id_, user in online.items() if id_ in members}
    users |= {user.id: user for user, _ in runtime.audiences.present(room.id)}
    return tuple(users.values())

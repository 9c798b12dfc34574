"""What the long lists hold, read page by page; of what one user asks one page is made at a time."""

from collections.abc import Sequence
from contextlib import aclosing

import trio

from trichat.core.answers import RoomView
from trichat.core.model import Kind, Overview, Room, User
from trichat.wire.paged import Pages
from trichat.wire.session import Session

# Of rooms in one read: some ten thousand of these rows are made in a second, beside the event loop.
PAGE = 100

# People of rooms that are shown in one go: a few milliseconds' work.
PEOPLE = 1000


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


async def views(session: Session, pages: Pages[Room]) -> Pages[RoomView]:
    """The rooms with who is in them, fewer at a time where these are many."""
    present = session.runtime.audiences.present
    async with aclosing(pages):
        async for page in pages:
            some: list[RoomView] = []
            people = 0
            for room in page:
                some.append(RoomView(room, present(room.id)))
                people += len(some[-1].present)
                if people >= PEOPLE:
                    yield some
                    some, people = [], 0
                    await trio.lowlevel.checkpoint()
            yield some


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


async def found(session: Session, keyword: str) -> Sequence[User]:
    """Other users whose names contain it (conversations-8): it may take a look at all names."""
    runtime, user_id = session.runtime, session.user.id
    async with runtime.shares.turn(user_id):
        return await runtime.store.search_names(
            keyword, limit=runtime.settings.conversations.search_results, without=user_id
        )


async def online(session: Session, room: Room) -> Sequence[User]:
    """Online members and present visitors (all-14): no more than there are connections."""
    runtime = session.runtime
    online = {listener.user.id: listener.user for listener in runtime.connections.everyone()}
    async with runtime.shares.turn(session.user.id):
        members = await runtime.store.members_among(room.id, online)
    users = {id_: user for id_, user in online.items() if id_ in members}
    users |= {user.id: user for user, _ in runtime.audiences.present(room.id)}
    return tuple(users.values())

"""Channels are rooms that are not direct: /api/v1/channels (channels-rest 5)."""

from collections.abc import Sequence
from contextlib import aclosing

from attrs import field, frozen

from trichat.core.commands import Add, Join, Leave
from trichat.core.model import Kind, Room, User
from trichat.core.refusals import (
    AlreadyMember,
    NoSuchRoom,
    NoSuchUser,
    NotMember,
    RateLimited,
    Refusal,
    RoomFull,
    Taken,
    TooManyRooms,
)
from trichat.dialects.codec import Uuid
from trichat.dialects.objects import (
    ChannelObject,
    ChannelWithMembers,
    UserObject,
    channel_object,
    channel_with_members,
    user_object,
)
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.bodies import name, ruled, text
from trichat.web.rest.errors import RequestError
from trichat.web.rest.pages import (
    NAMED,
    PAGED,
    SLICE,
    Page,
    Slices,
    by_id,
    by_name,
    named_place,
    page,
    place,
)
from trichat.web.rest.routes import Route, Said

MAX_DESCRIPTION = 2000

# Members that a channel shows (all-23), and that all channels of a list show together: as many as
# LEAST_SHOWN of each in any case.
MEMBERS_SHOWN, MEMBERS_OF_A_LIST, LEAST_SHOWN = 200, 5000, 3
CHANNELS_PER_READ = 20  # channels whose members are read in one go

# A channel, some of its members, and how many there are.
_Shown = tuple[Room, Sequence[User], int]


@frozen
class NewChannel:
    """A channel to make. If `is_private` is true, it is for members alone."""

    name: str = field(metadata=ruled(name))
    description: str | None = field(default=None, metadata=ruled(text(most=MAX_DESCRIPTION)))
    is_private: bool = False


@frozen
class WhichChannel:
    """A channel to join."""

    channel_id: Uuid


@frozen
class WhichUser:
    """The user to add. Without one the refusal is a plain text."""

    user_id: Uuid | None = field(default=None, metadata={"required": True, **ruled(text())})


class Channels:
    """What the caller may know and do."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._store = runtime.store
        self._ask = runtime.directory.request

    async def all(self, me: User, limit: int, after: str | None) -> Page[ChannelObject]:
        """List the public channels and those of the caller, oldest first."""

        async def read(behind: int, count: int) -> list[Room]:
            return await self._store.open_rooms(kind=None, user_id=me.id, after=behind, limit=count)

        return await page(by_id(read, place(after)[0]), channel_object, limit)

    async def mine(self, me: User, limit: int, after: str | None) -> Page[ChannelWithMembers]:
        """List the channels that the caller is a member of, in order of joining (channels-22).

        Each shows its first members, 200 at most and fewer where the caller has many channels, and
        the caller among them. `member_count` is exact; `/channels/{channel_id}/members` has all.
        """
        slices = self._mine(me, place(after), limit)
        return await page(slices, lambda shown: channel_with_members(*shown), limit)

    async def _mine(self, me: User, after: tuple[int, int], limit: int) -> Slices[_Shown]:
        admissions = await self._store.admissions(me.id, direct=False, after=after, limit=limit + 1)
        most = max(LEAST_SHOWN, min(MEMBERS_SHOWN, MEMBERS_OF_A_LIST // max(1, len(admissions))))
        for begin in range(0, len(admissions), CHANNELS_PER_READ):
            some = admissions[begin : begin + CHANNELS_PER_READ]
            members = await self._store.shown_members(
                [each.room.id for each in some], limit=most, among=me.id
            )
            yield [
                ((each.room, *members[each.room.id]), f"{each.membership.joined_at}-{each.room.id}")
                for each in some
                if each.room.id in members
            ]

    async def one(self, me: User, channel_id: str) -> ChannelWithMembers | Refusal:
        """Show a channel to its members, with the first 200 of them, the caller included."""
        room = await finding.channel(self._runtime, channel_id)
        if room is None:
            return NoSuchRoom()
        if not await finding.is_member(self._runtime, me, room):
            return NotMember() if room.kind is Kind.PUBLIC else NoSuchRoom()
        shown = await self._store.shown_members([room.id], limit=MEMBERS_SHOWN, among=me.id)
        return channel_with_members(room, *shown.get(room.id, ([], 0)))

    async def members(
        self, me: User, channel_id: str, limit: int, after: str | None
    ) -> Page[UserObject] | Refusal:
        """List all members of a channel for its members, in order of joining."""
        room = await finding.channel(self._runtime, channel_id)
        if room is None:
            return NoSuchRoom()
        if not await finding.is_member(self._runtime, me, room):
            return NotMember() if room.kind is Kind.PUBLIC else NoSuchRoom()
        return await page(self._members(room, place(after)), user_object, limit)

    async def _members(self, room: Room, after: tuple[int, int]) -> Slices[User]:
        while True:
            some = await self._store.members_page(room.id, after, SLICE)
            yield [(user, f"{joined_at}-{user.id}") for user, joined_at in some]
            if len(some) < SLICE:
                return
            user, joined_at = some[-1]
            after = joined_at, user.id

    async def create(self, me: User, body: NewChannel) -> ChannelObject | Refusal:
        """Make a channel; the caller is its first member."""
        room = await self._runtime.room_factory.open_channel(
            me, body.name, body.description, private=body.is_private
        )
        return room if isinstance(room, Refusal) else channel_object(room)

    async def join(self, me: User, body: WhichChannel) -> Said | Refusal:
        """Join a public channel: the caller becomes a member."""
        room = await finding.channel(self._runtime, body.channel_id)
        outcome = await self._ask(room, Join(), me) if room else NoSuchRoom()
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Successfully joined channel"}

    async def leave(self, me: User, channel_id: str) -> Said | Refusal:
        """Leave a channel: the caller's membership ends."""
        room = await finding.channel(self._runtime, channel_id)
        outcome = await self._ask(room, Leave(), me) if room else NotMember()
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Successfully left channel"}

    async def add_user(self, me: User, channel_id: str, body: WhichUser) -> Said | Refusal:
        """Add another user to a channel that is public or the caller's."""
        if not body.user_id:
            raise RequestError(*_WHICH_USER)
        room = await finding.visible_channel(self._runtime, me, channel_id)
        if isinstance(room, Refusal):
            return room
        user = await finding.user(self._runtime, body.user_id)
        if isinstance(user, Refusal):
            return user
        outcome = await self._ask(room, Add(user), me)
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": f"Successfully added {user.username} to channel"}

    async def available_users(self, me: User, limit: int, after: str | None) -> Page[UserObject]:
        """List the users who might be added to a channel: all but the caller."""
        now = self._runtime.clock()

        async def read(behind: tuple[str, int], count: int) -> list[User]:
            return await self._store.active_users(now=now, after=behind, limit=count)

        async def others() -> Slices[User]:
            async with aclosing(by_name(read, named_place(after))) as slices:
                async for some in slices:
                    yield [entry for entry in some if entry[0].id != me.id]

        return await page(others(), lambda user: user_object(user.as_of(now)), limit)


_WHICH_USER = (422, "user_id is required")
_NOT_A_MEMBER = (400, "Not a member of this channel")


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/channels"""
    channels = Channels(runtime)
    at = "/api/v1/channels"
    return (
        Route(
            "GET", f"{at}/", channels.all,
            summary="List channels",
            description=(
                "Returns the public channels, and of the private ones those that the caller is a"
                " member of, oldest first and page by page: the `Link` header has the address of"
                " the next page."
            ),
            query=PAGED, large=True,
        ),
        Route(
            "POST", f"{at}/", channels.create,
            summary="Create a channel",
            description=(
                "Makes a channel, with the caller as its first member. If `is_private` is true,"
                " only its members see it, and others become members when one of these adds"
                " them. Fails with 400 if another channel has the name, and with 429 if the"
                " caller has made as many channels as a user may, or too many in a short time."
            ),
            body=NewChannel,
            words={
                Taken: (400, "Channel name already exists"),
                TooManyRooms: (429, "You have made as many channels as you may"),
                RateLimited: (429, "Too many channels, try again later"),
            },
        ),
        Route(
            "GET", f"{at}/my", channels.mine,
            summary="List your channels",
            description=(
                "Returns the channels that the caller is a member of, in the order of joining"
                " and page by page: the `Link` header has the address of the next page. Each has"
                " some of its members, the caller among them: 200 at most, and fewer where the"
                " caller is in many channels. `member_count` is exact, and"
                " `/channels/{channel_id}/members` lists everybody."
            ),
            query=PAGED, large=True,
        ),
        Route(
            "GET", f"{at}/users/available", channels.available_users,
            summary="List users for a channel",
            description=(
                "Returns the users who might be added to some channel, in the order of their"
                " names and page by page: the `Link` header has the address of the next page."
                " These are all but the caller and those who are suspended or banned, whether"
                " they are members of a channel already or not."
            ),
            query=NAMED, large=True,
        ),
        Route(
            "POST", f"{at}/join", channels.join,
            summary="Join a channel",
            description=(
                "Makes the caller a member of a public channel, who then gets its messages."
                " Fails with 400 if they are a member already or the channel is full, and with"
                " 404 if it does not exist or is private."
            ),
            body=WhichChannel, words={AlreadyMember: (400, "Already a member of this channel")},
            refuses=(NoSuchRoom, RoomFull),
        ),
        Route(
            "GET", f"{at}/<channel_id>", channels.one,
            summary="Show a channel",
            description=(
                "Returns the channel with this id and up to 200 of its members, the caller among"
                " them. Only its members may see this. For others a public channel fails with"
                " 403, and a private one with 404, as if it did not exist."
            ),
            refuses=(NoSuchRoom, NotMember), large=True,
        ),
        Route(
            "GET", f"{at}/<channel_id>/members", channels.members,
            summary="List the members of a channel",
            description=(
                "Returns all members of a channel, in the order of joining and page by page: the"
                " `Link` header has the address of the next page. Only its members may see this."
                " For others a public channel fails with 403, and a private one with 404, as if"
                " it did not exist."
            ),
            query=PAGED, refuses=(NoSuchRoom, NotMember), large=True,
        ),
        Route(
            "DELETE", f"{at}/<channel_id>/leave", channels.leave,
            summary="Leave a channel",
            description=(
                "Ends the membership of the caller; what they wrote stays. A private channel"
                " ends when its last member leaves. Fails with 400 if the caller is no member,"
                " whether there is such a channel or not."
            ),
            words={NotMember: _NOT_A_MEMBER, NoSuchRoom: _NOT_A_MEMBER},
        ),
        Route(
            "POST", f"{at}/<channel_id>/add-user", channels.add_user,
            summary="Add a user to a channel",
            description=(
                "Makes another user a member of a channel. Everybody may add users to a public"
                " channel, only members to a private one. Fails with 400 if the user is a member"
                " already or the channel is full, and with 404 if there is no such user, or no"
                " such channel that the caller may see."
            ),
            body=WhichUser,
            words={AlreadyMember: (400, "User is already a member of this channel")},
            refuses=(NoSuchRoom, NoSuchUser, RoomFull, _WHICH_USER),
        ),
    )  # fmt: skip

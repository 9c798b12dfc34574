"""Channels, which are rooms that are not direct: /api/v1/channels (channels-rest 5)."""

from attrs import field, frozen

from trichat.core.commands import Add, Join, Leave
from trichat.core.model import Kind, User
from trichat.core.refusals import (
    AlreadyMember,
    NoSuchRoom,
    NoSuchUser,
    NotMember,
    Refusal,
    RoomFull,
    Taken,
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
from trichat.web.rest.routes import Route, Said

MAX_DESCRIPTION = 2000


@frozen
class NewChannel:
    """POST /. is_private: for members alone (channels-19)."""

    name: str = field(metadata=ruled(name))
    description: str | None = field(default=None, metadata=ruled(text(most=MAX_DESCRIPTION)))
    is_private: bool = False


@frozen
class WhichChannel:
    """POST /join"""

    channel_id: Uuid


@frozen
class WhichUser:
    """POST /{channel_id}/add-user. Without a user the answer is a plain text."""

    user_id: Uuid | None = field(default=None, metadata={"required": True, **ruled(text())})


class Channels:
    """What the caller may know and do."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._store = runtime.store
        self._ask = runtime.directory.ask

    async def all(self, me: User) -> list[ChannelObject]:
        """Public ones and those he is admitted to, oldest first."""
        rooms = await self._store.open_rooms(kind=None, user_id=me.id)
        return [channel_object(room) for room in rooms]

    async def mine(self, me: User) -> list[ChannelWithMembers]:
        """Those he is a member of, in order of joining (channels-22)."""
        admissions = await self._store.admissions(me.id)
        rooms = [a.room for a in admissions if a.room.kind is not Kind.DIRECT]
        members = await self._store.members_of_rooms(room.id for room in rooms)
        return [channel_with_members(room, members.get(room.id, [])) for room in rooms]

    async def one(self, me: User, channel_id: str) -> ChannelWithMembers | Refusal:
        """For its members."""
        room = await finding.channel(self._runtime, channel_id)
        if room is None:
            return NoSuchRoom()
        members = await self._store.members(room.id)
        if all(member.id != me.id for member in members):
            return NotMember() if room.kind is Kind.PUBLIC else NoSuchRoom()
        return channel_with_members(room, members)

    async def create(self, me: User, body: NewChannel) -> ChannelObject | Refusal:
        """Its maker is a member at once."""
        room = await self._runtime.registry.open_channel(
            me, body.name, body.description, private=body.is_private
        )
        return room if isinstance(room, Refusal) else channel_object(room)

    async def join(self, me: User, body: WhichChannel) -> Said | Refusal:
        """The caller becomes a member of a public one."""
        room = await finding.channel(self._runtime, body.channel_id)
        outcome = await self._ask(room, Join(), me) if room else NoSuchRoom()
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Successfully joined channel"}

    async def leave(self, me: User, channel_id: str) -> Said | Refusal:
        """The caller's membership ends."""
        room = await finding.channel(self._runtime, channel_id)
        outcome = await self._ask(room, Leave(), me) if room else NotMember()
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Successfully left channel"}

    async def add_user(self, me: User, channel_id: str, body: WhichUser) -> Said | Refusal:
        """Another becomes a member."""
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

    async def available_users(self, me: User) -> list[UserObject]:
        """Who might be added: everyone who may come in, but the caller."""
        now = self._runtime.clock()
        users = await self._store.active_users(now=now)
        return [user_object(user.judged(now)) for user in users if user.id != me.id]


_WHICH_USER = (422, "user_id is required")
_NOT_A_MEMBER = (400, "Not a member of this channel")


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/channels"""
    channels = Channels(runtime)
    at = "/api/v1/channels"
    return (
        Route("GET", f"{at}/", channels.all),
        Route(
            "POST", f"{at}/", channels.create,
            body=NewChannel, words={Taken: (400, "Channel name already exists")},
        ),
        Route("GET", f"{at}/my", channels.mine),
        Route("GET", f"{at}/users/available", channels.available_users),
        Route(
            "POST", f"{at}/join", channels.join,
            body=WhichChannel, words={AlreadyMember: (400, "Already a member of this channel")},
            refuses=(NoSuchRoom, RoomFull),
        ),
        Route("GET", f"{at}/<channel_id>", channels.one, refuses=(NoSuchRoom, NotMember)),
        Route(
            "DELETE", f"{at}/<channel_id>/leave", channels.leave,
            words={NotMember: _NOT_A_MEMBER, NoSuchRoom: _NOT_A_MEMBER},
        ),
        Route(
            "POST", f"{at}/<channel_id>/add-user", channels.add_user,
            body=WhichUser,
            words={AlreadyMember: (400, "User is already a member of this channel")},
            refuses=(NoSuchRoom, NoSuchUser, RoomFull, _WHICH_USER),
        ),
    )  # fmt: skip

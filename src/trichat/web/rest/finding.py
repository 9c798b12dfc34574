"""Callers cannot tell what they may not see from what does not exist (channels-19).

Direct rooms are unknown to this API, to their members too (all-8).
"""

from trichat.core.ids import is_uuid
from trichat.core.model import Kind, Message, Room, User
from trichat.core.refusals import NoSuchMessage, NoSuchRoom, NoSuchUser
from trichat.runtime.server import Runtime


async def channel(runtime: Runtime, channel_id: str) -> Room | None:
    """Return the room with this UUID, private ones too: whether the caller may see it is yet to be
    asked.
    """
    room = await runtime.directory.find(channel_id)
    return None if room is None or room.kind is Kind.DIRECT else room


async def visible_channel(runtime: Runtime, me: User, channel_id: str) -> Room | NoSuchRoom:
    """Return a channel that is public or that the caller is a member of."""
    room = await channel(runtime, channel_id)
    if room is None:
        return NoSuchRoom()
    if room.kind is Kind.PRIVATE and not await is_member(runtime, me, room):
        return NoSuchRoom()
    return room


async def visible_message(
    runtime: Runtime, me: User, message_id: str, *, with_reactions: bool = False
) -> Message | NoSuchMessage:
    """Return a message of such a channel."""
    message = await anyones_message(runtime, message_id, with_reactions=with_reactions)
    if message is None or message.room.kind is Kind.DIRECT:
        return NoSuchMessage()
    if message.room.kind is Kind.PRIVATE and not await is_member(runtime, me, message.room):
        return NoSuchMessage()
    return message


async def anyones_message(
    runtime: Runtime, message_id: str, *, with_reactions: bool = False
) -> Message | None:
    """Return the message with this UUID, of whatever room.

    Whether the caller may know of it is yet to be asked.
    """
    if not is_uuid(message_id):
        return None
    return await runtime.store.message(message_id.lower(), with_reactions=with_reactions)


async def user(runtime: Runtime, user_id: str) -> User | NoSuchUser:
    """Return the account with this UUID."""
    found = await runtime.store.user_by_uuid(user_id.lower()) if is_uuid(user_id) else None
    return found or NoSuchUser()


async def is_member(runtime: Runtime, me: User, room: Room) -> bool:
    """Return whether the user is a member of the room."""
    return await runtime.store.membership(room.id, me.id) is not None

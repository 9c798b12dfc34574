"""Administrators see all channels at /api/v1/admin/channels, private and archived ones too."""

from trichat.core.authority import Permission
from trichat.core.model import User
from trichat.dialects.codec import Moment, millis
from trichat.dialects.objects import ChannelObject, channel_object
from trichat.runtime.server import Runtime
from trichat.store.audit import Channel
from trichat.web.rest.admin.acts import act
from trichat.web.rest.queries import Count, Text
from trichat.web.rest.routes import Route


class ListedChannel(ChannelObject):
    """A channel as administrators see it. `archived_at` is when it ended; null while it lives."""

    member_count: int
    archived_at: Moment | None


def listed(channel: Channel) -> ListedChannel:
    """Return a channel with what became of it."""
    at = None if channel.archived_at is None else millis(channel.archived_at)
    return {
        **channel_object(channel.room),
        "member_count": channel.members,
        "archived_at": at,
    }


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/channels"""

    async def channels(
        me: User, page: int, limit: int, archived: str | None, search: str | None
    ) -> list[ListedChannel]:
        """List channels, newest first; `search` is a part of the name."""
        found = await runtime.store.channels(
            limit=limit,
            offset=(page - 1) * limit,
            archived=None if archived is None else archived == "true",
            part=search or "",
        )
        return [listed(channel) for channel in found]

    return (
        act(
            "GET", "/channels", channels, Permission.ARCHIVE_CHANNELS,
            summary="List all channels",
            description=(
                "Returns every channel there is, private ones and archived ones too, newest"
                " first. `archived` picks those that have ended, or those that have not, and"
                " `search` those whose name contains the text. `page` counts from 1."
            ),
            query={
                "page": Count(1, least=1),
                "limit": Count(50, least=1, most=100),
                "archived": Text(choices=("true", "false")),
                "search": Text(most=100),
            },
        ),
    )  # fmt: skip

"""The channels dialect in words and examples, for the document of the frames."""

from typing import Final

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.dialects import samples as s
from trichat.dialects.channels import frames, requests
from trichat.dialects.description import Exchange, Operation, Speech, shapes

SPEECH: Final = Speech(
    about="Messages, reactions and memberships are sent over REST (/openapi.json), delivered here.",
    requests=shapes(requests.REQUESTS),
    operations={
        "join_channel": Operation(
            "Enter a channel",
            "From now on this connection receives what happens in the channel. Nobody becomes a"
            " member by this: for that there is the HTTP API. It is refused for a channel that the"
            " user may not see.",
        ),
        "leave_channel": Operation(
            "Leave a channel",
            "From now on this connection receives nothing of the channel. Membership stays as it"
            " is.",
        ),
        "typing_indicator": Operation(
            "Tell whether the user is typing",
            "The others in the channel receive that the user has begun or stopped typing. Nothing"
            " is stored.",
        ),
        "get_online_users": Operation(
            "List who is online",
            "Returns the ids of members of the channel who are online, and of others who have"
            " entered it, each once.",
        ),
        "ping": Operation(
            "Check the connection",
            "The server responds with a pong, after the responses to earlier requests.",
        ),
    },
    exchanges={
        "join_channel": (
            Exchange(
                {"type": "join_channel", "channel_id": s.TEA.uuid},
                (a.CameIn(s.ENTERED), r.NotAdmitted(), r.Failed()),
            ),
        ),
        "leave_channel": (
            Exchange(
                {"type": "leave_channel", "channel_id": s.TEA.uuid},
                (a.WentOut(s.EXITED), r.Failed()),
            ),
        ),
        "typing_indicator": (
            Exchange(
                {"type": "typing_indicator", "channel_id": s.TEA.uuid, "is_typing": True},
                (r.NotAdmitted(), r.Failed()),
            ),
        ),
        "get_online_users": (
            Exchange(
                {"type": "get_online_users", "channel_id": s.TEA.uuid},
                (a.Online(s.TEA, (s.ADA, s.BEN)), r.NotAdmitted(), r.Failed()),
            ),
        ),
        "ping": (Exchange({"type": "ping"}, (a.Done(),)),),
    },
    frames=frames.ALL,
    broken=("{", '{"type": "dance"}', '{"type": "join_channel"}'),
)

"""A client of the channels dialect sends these requests."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import AttrsInstance

from trichat.core import requests
from trichat.core.value import value


@value
class JoinChannel:
    """This socket comes into the channel; nobody becomes a member by it."""

    channel_id: str


@value
class LeaveChannel:
    """This socket goes out of the channel; membership stays."""

    channel_id: str


@value
class TypingIndicator:
    """Typing in the channel begins or stops."""

    channel_id: str
    is_typing: bool


@value
class GetOnlineUsers:
    """Who of the channel is online."""

    channel_id: str


@value
class Ping:
    """Are you there?"""


REQUESTS: Mapping[str, tuple[type[AttrsInstance], Callable[[Any], requests.Request]]] = {
    "join_channel": (JoinChannel, lambda said: requests.Enter(said.channel_id)),
    "leave_channel": (LeaveChannel, lambda said: requests.Exit(said.channel_id)),
    "typing_indicator": (
        TypingIndicator,
        lambda said: requests.Type(said.channel_id, said.is_typing),
    ),
    "get_online_users": (GetOnlineUsers, lambda said: requests.WhoIsOnline(said.channel_id)),
    "ping": (Ping, lambda said: requests.Echo()),
}

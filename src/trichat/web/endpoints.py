"""Each path is one dialect's, and says where a credential is looked for (all-1, all-5)."""

from collections.abc import Mapping
from enum import Enum
from functools import partial
from types import MappingProxyType
from urllib.parse import unquote

from attrs import field, frozen

from trichat.auth.bearer import bearer_token
from trichat.core.value import value
from trichat.dialects import channels, chats, conversations, lobby, room
from trichat.dialects.description import Speech
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Dialect
from trichat.settings import Settings
from trichat.wire import greetings
from trichat.wire.direct import LinkLimits
from trichat.wire.heartbeat import Pace
from trichat.wire.session import Greet

ROOMS = "/ws/chat/"
_ANY_ROOM = f"{ROOMS}{{room_name}}/"


class Means(Enum):
    """How a peer says who they are. Keys are for dialects that take them."""

    TOKEN = "an access token"  # noqa: S105 - a word for it
    KEY = "an API key"
    TICKET = "a ticket"


@value
class Credential:
    """What a peer shows."""

    text: str = field(repr=False)
    means: Means = Means.TOKEN


@frozen(eq=False)
class Endpoint:
    """One dialect's endpoint.

    resuming: the dialect for a peer that asks to resume. speech: what its document says of it.
    headers: whether Authorization counts,
    keys: whether x-api-key does. early: whether a refusal is an HTTP answer instead of a close code
    (all-2). all_rooms: the endpoint for a peer that asks for all rooms.
    """

    dialect: Dialect
    resuming: Dialect
    speech: Speech
    pace: Pace
    limits: LinkLimits
    greet: Greet
    headers: bool = False
    keys: bool = False
    early: bool = False
    all_rooms: "Endpoint | None" = None

    def asked(self, query: Mapping[str, str]) -> "Endpoint":
        """Return the endpoint as the query asks for it: `rooms=all` makes every room a
        conversation.
        """
        return self.all_rooms if self.all_rooms and query.get("rooms") == "all" else self

    def words(self, cause: DisconnectReason) -> str:
        """Return the words of a close frame. Who shows no credential learns where one is looked
        for.
        """
        if cause is not DisconnectReason.TOKEN_MISSING:
            return cause.reason
        ways = ["an Authorization: Bearer header"] * self.headers
        ways += ["an x-api-key header"] * self.keys
        return f"{cause.reason}: expected {', '.join([*ways, '?token='])} or ?ticket="

    def credential(self, query: Mapping[str, str], headers: Mapping[str, str]) -> Credential | None:
        """Return the first credential that is present, which decides: nothing falls back (all-5).

        An Authorization of another scheme than Bearer is none.
        """
        if self.headers and "authorization" in headers:
            token = bearer_token([headers["authorization"]])
            if token is not None:
                return Credential(token)
        if self.keys and "x-api-key" in headers:
            return Credential(headers["x-api-key"].strip(), Means.KEY)
        if "token" in query:
            return Credential(query["token"])
        if "ticket" in query:
            return Credential(query["ticket"], Means.TICKET)
        return None


def _link_limits(settings: Settings, patience: float) -> LinkLimits:
    limits = settings.limits
    return LinkLimits(
        limits.frame_bytes,
        limits.frames_per_second,
        patience,
        deflate=settings.server.deflate,
    )


def _conversations(settings: Settings, pace: Pace, limits: LinkLimits) -> Endpoint:
    text = settings.limits.text

    def one(*, every: bool, other: Endpoint | None = None) -> Endpoint:
        return Endpoint(
            conversations.Conversations(text, every=every),
            conversations.Conversations(text, every=every, keyed=True),
            conversations.SPEECH,
            pace,
            limits,
            greetings.follow,
            all_rooms=other,
        )

    every = one(every=True)
    return every if settings.conversations.rooms == "all" else one(every=False, other=every)


class Endpoints:
    """The five endpoints of one server.

    text: the longest message in code points, where no document says less. described: all of them,
    by path, that of a room with a variable in it. fixed: those whose path has none.
    """

    def __init__(self, settings: Settings) -> None:
        self.text = text = settings.limits.text
        beat, own = settings.heartbeat, settings.lobby
        pace = Pace(beat.ping_period, min(beat.pong_wait, beat.read_timeout))
        limits = _link_limits(settings, beat.write_timeout)
        self._room = partial(
            Endpoint,
            room.RoomDialect(text),
            room.RoomDialect(text, keyed=True),
            room.SPEECH,
            pace,
            limits,
            headers=True,
        )
        table = (
            (
                "/chats/ws",
                Endpoint(
                    chats.Chats(text),
                    chats.Chats(text, keyed=True),
                    chats.SPEECH,
                    pace,
                    limits,
                    greetings.plain,
                ),
            ),
            (_ANY_ROOM, self.room("")),
            (
                own.websocket_path,
                Endpoint(
                    lobby.Lobby(),
                    lobby.Lobby(keyed=True),
                    lobby.SPEECH,
                    Pace(own.ping_period, min(own.pong_wait, own.read_timeout)),
                    _link_limits(settings, own.write_timeout),
                    greetings.plain,
                    headers=True,
                    keys=True,
                    early=True,
                ),
            ),
            (
                "/ws",
                Endpoint(
                    channels.Channels(),
                    channels.Channels(),
                    channels.SPEECH,
                    pace,
                    limits,
                    greetings.follow,
                ),
            ),
            (ROOMS, _conversations(settings, pace, limits)),
        )
        self.described: Mapping[str, Endpoint] = MappingProxyType(dict(table))
        self.fixed: Mapping[str, Endpoint] = MappingProxyType(
            {path: endpoint for path, endpoint in table if path != _ANY_ROOM}
        )

    @property
    def dialects(self) -> list[Dialect]:
        """The dialect of each."""
        return [endpoint.dialect for endpoint in self.described.values()]

    def room(self, name: str) -> Endpoint:
        """Return the endpoint of one room."""
        return self._room(greet=partial(greetings.come_in, name=name))

    def at(self, path: str) -> Endpoint | None:
        """Return the endpoint at this path, percent-encoded as the request has it.

        An encoded slash is one within a name. Paths differ by a slash and match exactly.
        """
        found = self.fixed.get(path)
        if found is None and path.startswith(ROOMS):
            name = path.removeprefix(ROOMS).removesuffix("/")
            if name and "/" not in name:
                return self.room(unquote(name, errors="surrogateescape"))  # no name has those
        return found

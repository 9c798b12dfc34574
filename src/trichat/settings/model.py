"""Every setting stands here: its name, type, default and meaning.

Durations are seconds, sizes bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import attrs
import typed_settings
from attrs import AttrsInstance, frozen
from typed_settings import Secret

from trichat.settings.hosts import Host, Mode
from trichat.settings.kinds import (
    NO_SECRET,
    Address,
    Directory,
    Duration,
    Flag,
    Hidden,
    Kind,
    Line,
    Names,
    Networks,
    OneOf,
    Origins,
    SomeOf,
    Whole,
)

T = TypeVar("T")

NAME: Final = Line("one line of text, not blank", r".*\S.*")
ENDPOINT: Final = Line("a path such as /ws/chat", r"(/(?!\.+(/|$))[A-Za-z0-9._~-]+)+/?")
DEFAULT_PORT: Final = 8000
LEVELS: Final = ("debug", "info", "warning", "error", "critical")


def setting(default: T, kind: Kind[T], help: str) -> T:  # noqa: A002
    """Declare a field that is checked by its kind, wherever its value comes from."""
    return typed_settings.option(default=default, converter=kind, help=help)


@frozen
class Server:
    """The process and its sockets."""

    host: str = setting(
        "127.0.0.1", Host(), 'address or name to listen on, or "unix:" and the path of a socket'
    )
    port: int = setting(DEFAULT_PORT, Whole(0, 65535), "port to listen on; 0 takes a free one")
    socket_mode: str = setting("660", Mode(), "permissions of that Unix socket, in octal digits")
    data: Path = setting(  # noqa: RUF009 - a field like the others
        Path("trichat-data"), Directory(), "directory of the database and the key"
    )
    certfile: str = setting("", Line(), "PEM file of the TLS certificate; empty for no TLS")
    keyfile: str = setting("", Line(), "PEM file of its private key")
    drain_notice: float = setting(
        0.0, Duration(zero=True), "time for which /readyz says 503 before anything else ends"
    )
    drain_spread: float = setting(
        2.0, Duration(zero=True), "time over which sockets are ended, where they are many"
    )
    drain_deadline: float = setting(5.0, Duration(zero=True), "time to answer what is in flight")
    graceful_timeout: float = setting(10.0, Duration(zero=True), "time for a whole shutdown")
    keep_alive: float = setting(
        75.0, Duration(), "time for which an HTTP connection waits for its next request"
    )
    deflate: bool = setting(False, Flag(), "whether messages are compressed for who offers it")
    backlog: int = setting(1024, Whole(1, 65535), "connections the kernel holds before accepting")
    trusted_proxies: tuple[str, ...] = setting(
        (), Networks(), 'proxies whose X-Forwarded-For counts; "unix:" for all of Unix sockets'
    )


@frozen
class Auth:
    """Tokens and passwords."""

    secret: Secret[str] = setting(  # noqa: RUF009 - a field like the others
        NO_SECRET, Hidden(), "secret that signs tokens; empty for the key file"
    )
    former_secret: Secret[str] = setting(  # noqa: RUF009 - a field like the others
        NO_SECRET, Hidden(), "secret of before, whose tokens count still; empty for none"
    )
    issuer: str = setting("", Line(), "iss of tokens; demanded when set")
    audience: str = setting("", Line(), "aud of tokens; demanded when set")
    token_lifetime: float = setting(1800.0, Duration(), "how long a token lives")
    leeway: float = setting(0.0, Duration(zero=True), "forgiven difference of clocks")
    refresh_lifetime: float = setting(
        2_592_000.0, Duration(), "how long a login can be refreshed, whatever its use"
    )
    refresh_idle: float = setting(604_800.0, Duration(), "how long a refresh token waits for use")
    refresh_grace: float = setting(
        30.0, Duration(zero=True), "how long a used refresh token is answered again"
    )
    logins_per_user: int = setting(64, Whole(1), "logins with refresh tokens of one user")
    ticket_lifetime: float = setting(30.0, Duration(), "how long a ticket waits for its connection")
    tickets_per_user: int = setting(64, Whole(1), "unused tickets of one user")
    api_keys_per_user: int = setting(20, Whole(1), "living API keys of one user")
    api_key_lifetime: float = setting(
        0.0, Duration(zero=True), "longest life of an API key, and its life unless asked; 0 for any"
    )
    close_on_expiry: bool = setting(True, Flag(), "whether a socket ends with its token or key")
    allow_registration: bool = setting(True, Flag(), "whether anyone may register over REST")
    hide_addresses: bool = setting(
        False, Flag(), "whether e-mail addresses are for their owners and administrators alone"
    )
    reserved_names: tuple[str, ...] = setting(
        (
            "everyone", "here", "channel", "all", "system", "admin", "administrator", "root",
            "support", "deleted user",
        ),
        Names(),
        "user names, and all that look alike, which only administrators and the operator give",
    )  # fmt: skip
    login_attempts: int = setting(
        10, Whole(1), "distinct passwords per user name, address and window"
    )
    login_attempts_per_address: int = setting(
        100, Whole(0), "wrong passwords per address and window; 0 for any number"
    )
    login_window: float = setting(300.0, Duration(), "window of those attempts")
    registrations_per_address: int = setting(
        100, Whole(0), "registrations tried per address and window; 0 for any number"
    )
    registration_window: float = setting(3600.0, Duration(), "window of those")
    password_length: int = setting(8, Whole(1, 256), "code points that a new password has at least")
    argon2_time: int = setting(3, Whole(1), "passes over the memory")
    argon2_memory: int = setting(65536, Whole(8), "memory of one hash in KiB")
    argon2_parallelism: int = setting(4, Whole(1, 255), "lanes of one hash")
    password_threads: int = setting(2, Whole(1), "hashes made at once")
    password_queue: int = setting(200, Whole(0), "hashes that wait; further ones get 503")
    password_queue_per_address: int = setting(
        20, Whole(0), "of these, those of one address; further ones get 429; 0 for no share"
    )


@frozen
class Identity:
    """An identity provider whose tokens count beside our own; none without algorithms."""

    algorithms: tuple[str, ...] = setting(
        (), SomeOf(("HS256", "RS256", "ES256")), "how its tokens are signed; HS256 stands alone"
    )
    secret_file: str = setting("", Line(), "file of the secret it shares with us, for HS256")
    keys_file: str = setting("", Line(), "PEM file of its public keys or certificates")
    jwks_url: str = setting("", Address(), "where it publishes its keys, in place of a file")
    jwks_refresh: float = setting(600.0, Duration(), "time between looks at that address")
    jwks_retry: float = setting(
        10.0, Duration(), "least time between looks because of a key that is not known"
    )
    jwks_timeout: float = setting(5.0, Duration(), "time for one look")
    jwks_bytes: int = setting(262_144, Whole(1), "bytes of what is found there")
    issuer: str = setting("", Line(), "iss of its tokens; demanded when set")
    audience: str = setting("", Line(), "aud of its tokens; demanded when set")
    leeway: float = setting(30.0, Duration(zero=True), "forgiven difference of clocks")
    subject_claim: str = setting("sub", NAME, "claim of its own id of a user, text or integer")
    username_claim: str = setting("preferred_username", NAME, "claim of a new user's name")
    email_claim: str = setting("email", NAME, "claim of a new user's address")
    create_users: bool = setting(False, Flag(), "whether users are made on first sight")


@frozen
class Limits:
    """Bounds over all dialects."""

    text: int = setting(10_000, Whole(1), "code points of a message, where no document says less")
    emojis_per_message: int = setting(50, Whole(1), "different reactions that one message may bear")
    reactions_per_user: int = setting(20, Whole(1), "reactions of one user on one message")
    frame_bytes: int = setting(131_072, Whole(1), "bytes of a WebSocket message")
    frames_per_second: int = setting(10_000, Whole(0), "frames of one socket; 0 for any number")
    bad_frames: int = setting(100, Whole(1), "refused frames in a row that end a socket")
    body_bytes: int = setting(262_144, Whole(1), "bytes of a request body")
    header_bytes: int = setting(16_384, Whole(1024), "bytes of a request's head")
    connections: int = setting(20_000, Whole(1), "open sockets of the server")
    connections_per_user: int = setting(64, Whole(1), "open sockets of one user")
    connections_per_address: int = setting(
        5000, Whole(0), "open connections of one address; 0 for any number"
    )
    messages_per_minute: int = setting(0, Whole(0), "messages of one user; 0 for any number")
    renames_per_day: int = setting(
        5, Whole(0), "how often a user takes another name in a day; 0 for any number"
    )
    bytes_per_hour: int = setting(
        0, Whole(0), "bytes of text one user may have stored in an hour; 0 for any number"
    )
    subscriptions: int = setting(1000, Whole(1), "rooms one socket follows")
    handshake: float = setting(
        10.0, Duration(), "time for a request's head to come, and to answer an upgrade"
    )
    body_deadline: float = setting(60.0, Duration(), "time for a request's body to come")
    admissions: int = setting(500, Whole(1), "handshakes let in per second; others wait")
    admission_wait: float = setting(5.0, Duration(), "longest such wait; who comes then gets 503")
    admission_share: int = setting(
        4, Whole(1, 100), "percent of those who wait that one address has before others go first"
    )
    pipeline: int = setting(64, Whole(1), "commands of one socket under way")
    replay: int = setting(2000, Whole(0), "events replayed to one socket that resumes")
    outbox_bytes: int = setting(1_048_576, Whole(1), "bytes waiting for one socket")
    rooms_listed: int = setting(
        10_000, Whole(1), "rooms or conversations of one list; the newest are kept"
    )
    history_bytes: int = setting(
        8_388_608, Whole(1), "bytes of texts in one answer of history; the newest are kept"
    )


@frozen
class Rooms:
    """Rooms of all dialects."""

    create_on_connect: bool = setting(True, Flag(), "whether /ws/chat/<name>/ makes a room")
    max_created: int = setting(
        100, Whole(0), "living rooms one user may have made, that way or over REST"
    )
    max_created_per_hour: int = setting(
        50, Whole(0), "rooms one user may make in an hour, likewise; 0 for any number"
    )
    empty_ttl: float = setting(
        3600.0,
        Duration(),
        "time until an empty room is forgotten that was made that way and nothing was said in",
    )
    history: int = setting(50, Whole(0), "messages shown on connecting to a room")
    idle_unload: float = setting(60.0, Duration(), "time until an idle room leaves memory")
    inbox: int = setting(1024, Whole(1), "commands waiting for one room")


@frozen
class Lobby:
    """The lobby dialect; its own variables are named CHAT_…, such as CHAT_PING_PERIOD."""

    max_rooms_per_user: int = setting(10, Whole(1), "living rooms one user may have made")
    max_messages_per_min: int = setting(30, Whole(1), "messages of one user in 60 seconds")
    default_max_users: int = setting(100, Whole(2, 1000), "seats of a room that names no number")
    websocket_path: str = setting("/ws/chat", ENDPOINT, "path of its endpoint")
    read_timeout: float = setting(
        60.0, Duration(), "silence that cuts a peer, where pong_wait is no shorter"
    )
    write_timeout: float = setting(10.0, Duration(), "time without taking a byte that cuts a peer")
    ping_period: float = setting(54.0, Duration(), "time between pings")
    pong_wait: float = setting(
        60.0, Duration(), "silence that cuts a peer, where read_timeout is no shorter"
    )
    empty_room_ttl: float = setting(86_400.0, Duration(), "time until an empty room is archived")


@frozen
class Heartbeat:
    """Pings and deadlines of the four other dialects."""

    read_timeout: float = setting(
        60.0, Duration(), "silence that cuts a peer, where pong_wait is no shorter"
    )
    write_timeout: float = setting(10.0, Duration(), "time without taking a byte that cuts a peer")
    ping_period: float = setting(25.0, Duration(), "time between pings")
    pong_wait: float = setting(
        60.0, Duration(), "silence that cuts a peer, where read_timeout is no shorter"
    )


@frozen
class Conversations:
    """The conversations dialect."""

    rooms: str = setting(
        "direct",
        OneOf(("direct", "all")),
        "rooms that are conversations, where a socket asks for none",
    )
    max_history: int = setting(10_000, Whole(1), "messages of one answer; the newest are kept")
    search_results: int = setting(50, Whole(1), "results of one search")


@frozen
class Presence:
    """Who is online."""

    tick: float = setting(0.1, Duration(), "time between two rounds of pushing")


@frozen
class Cors:
    """Web pages of other origins."""

    origins: tuple[str, ...] = setting(
        ("http://localhost:3000", "http://localhost:3001"),
        Origins(),
        'origins that may call, with credentials; "*" is any, without',
    )
    socket_origins: tuple[str, ...] = setting(
        ("*",), Origins(), "origins whose pages may open sockets; others get 403"
    )


@frozen
class Storage:
    """The database."""

    path: str = setting("trichat.db", NAME, "its file, in the data directory")
    memory: bool = setting(
        False, Flag(), "whether a copy in memory is used, and nothing is written back"
    )
    copy_before_migration: bool = setting(
        True, Flag(), "whether a copy is kept beside the database before it is migrated"
    )
    readers: int = setting(2, Whole(1, 64), "connections that read")
    batch: int = setting(512, Whole(1), "commands committed together")
    reserve: int = setting(
        268_435_456, Whole(0), "bytes of free disk below which no message is taken; 0 for none"
    )


@frozen
class Ops:
    """What operators look at."""

    metrics: bool = setting(True, Flag(), "whether /metrics is served")
    metrics_token: Secret[str] = setting(  # noqa: RUF009 - a field like the others
        NO_SECRET, Hidden(), "bearer token that /metrics demands; empty for none"
    )


@frozen
class Log:
    """What is written of what happens."""

    level: str = setting("info", OneOf(LEVELS), "the least grave that is shown")
    format: str = setting("console", OneOf(("console", "json")), "for eyes or for programs")
    file: str = setting(
        "", Line(), "where it is written; empty for standard error. SIGHUP opens it anew"
    )


@frozen
class Settings:
    """All settings. Built by hand, each value is checked, but not how they fit together."""

    server: Server = attrs.field(factory=Server)
    auth: Auth = attrs.field(factory=Auth)
    identity: Identity = attrs.field(factory=Identity)
    limits: Limits = attrs.field(factory=Limits)
    rooms: Rooms = attrs.field(factory=Rooms)
    lobby: Lobby = attrs.field(factory=Lobby)
    heartbeat: Heartbeat = attrs.field(factory=Heartbeat)
    conversations: Conversations = attrs.field(factory=Conversations)
    presence: Presence = attrs.field(factory=Presence)
    cors: Cors = attrs.field(factory=Cors)
    storage: Storage = attrs.field(factory=Storage)
    ops: Ops = attrs.field(factory=Ops)
    log: Log = attrs.field(factory=Log)

    @property
    def database(self) -> Path:
        """The path of the database's file."""
        return self.server.data / self.storage.path


# Each part of them by its name in a file.
SECTIONS: Final[Mapping[str, type[AttrsInstance]]] = {
    section.name: section.type for section in attrs.fields(Settings) if section.type is not None
}

"""Settings must fit together."""

from collections.abc import Iterator
from typing import Final

from trichat.settings.hosts import socket_path
from trichat.settings.model import DEFAULT_PORT, Heartbeat, Lobby, Settings

# What the web serves beside the lobby; it may not be taken away by CHAT_WEBSOCKET_PATH.
ENDPOINTS: Final = frozenset(
    {
        "/ws",
        "/chats/ws",
        "/health",
        "/healthz",
        "/readyz",
        "/metrics",
        "/favicon.ico",
        "/openapi.json",
        "/asyncapi.json",
    }
)
PREFIXES: Final = ("/api", "/ws/chat", "/swagger", "/asyncapi", "/docs", "/static")

# A code point beyond the BMP is two escapes of six bytes; the rest of the frame is the envelope.
ESCAPED_CODE_POINT: Final = 12
ENVELOPE: Final = 1024


def problems(settings: Settings) -> Iterator[str]:
    """Say what does not fit: each problem names its setting, its value and what was expected."""
    yield from _server(settings)
    yield from _identity(settings)
    yield from _limits(settings)
    yield from _lobby_path(settings.lobby)
    yield from _heartbeat("lobby", settings.lobby)
    yield from _heartbeat("heartbeat", settings.heartbeat)


def _server(settings: Settings) -> Iterator[str]:
    server, auth = settings.server, settings.auth
    if socket_path(server.host) is not None and server.port != DEFAULT_PORT:
        yield (
            f"server.port is {server.port}: expected none, since server.host is {server.host!r},"
            " and a Unix socket has no port"
        )
    if server.graceful_timeout < server.drain_deadline:
        yield (
            f"server.graceful_timeout is {server.graceful_timeout:g} s: expected no less than "
            f"server.drain_deadline, {server.drain_deadline:g} s"
        )
    if server.drain_deadline < server.drain_spread and server.drain_deadline:
        yield (
            f"server.drain_deadline is {server.drain_deadline:g} s: expected no less than "
            f"server.drain_spread, {server.drain_spread:g} s"
        )
    if bool(server.certfile) != bool(server.keyfile):
        given, missing = ("certfile", "keyfile") if server.certfile else ("keyfile", "certfile")
        yield f"server.{missing} is empty: expected a file, since server.{given} names one"
    if auth.former_secret.get_secret_value() and not auth.secret.get_secret_value():
        yield "auth.former_secret is set: expected auth.secret beside it, which signs"
    if auth.refresh_idle < auth.token_lifetime:
        yield (
            f"auth.refresh_idle is {auth.refresh_idle:g} s: expected no less than "
            f"auth.token_lifetime, {auth.token_lifetime:g} s"
        )
    if auth.argon2_memory < 8 * auth.argon2_parallelism:
        yield (
            f"auth.argon2_memory is {auth.argon2_memory} KiB: expected at least "
            f"{8 * auth.argon2_parallelism}, 8 for each lane of auth.argon2_parallelism"
        )


def _identity(settings: Settings) -> Iterator[str]:
    identity = settings.identity
    sources = {name: getattr(identity, name) for name in ("secret_file", "keys_file", "jwks_url")}
    given = [name for name, value in sources.items() if value]
    shown = ", ".join(identity.algorithms) or "empty"
    if not identity.algorithms:
        if given:
            yield f"identity.algorithms is empty: expected some, since identity.{given[0]} is set"
    elif "HS256" in identity.algorithms:
        # Beside public keys a secret invites to take the one for the other.
        if len(identity.algorithms) > 1:
            yield f"identity.algorithms is {shown}: expected HS256 alone, or not at all"
        elif given != ["secret_file"]:
            yield f"identity.algorithms is {shown}: expected identity.secret_file, and it alone"
    elif given not in (["keys_file"], ["jwks_url"]):
        yield (
            f"identity.algorithms is {shown}: expected one of identity.keys_file and "
            "identity.jwks_url, and no secret"
        )
    if identity.jwks_timeout >= settings.limits.handshake:
        yield (
            f"identity.jwks_timeout is {identity.jwks_timeout:g} s: expected less than "
            f"limits.handshake, {settings.limits.handshake:g} s"
        )


def _limits(settings: Settings) -> Iterator[str]:
    limits = settings.limits
    longest = ESCAPED_CODE_POINT * limits.text + ENVELOPE
    if limits.frame_bytes < longest:
        yield (
            f"limits.frame_bytes is {limits.frame_bytes}: expected at least {longest}, "
            f"so that {limits.text} code points (limits.text) fit fully escaped"
        )
    if limits.outbox_bytes < limits.frame_bytes:
        yield (
            f"limits.outbox_bytes is {limits.outbox_bytes}: expected at least "
            f"limits.frame_bytes, {limits.frame_bytes}"
        )
    if limits.admission_wait >= limits.handshake:
        yield (
            f"limits.admission_wait is {limits.admission_wait:g} s: expected less than "
            f"limits.handshake, {limits.handshake:g} s"
        )


def _lobby_path(lobby: Lobby) -> Iterator[str]:
    # Paths that differ by a slash are two endpoints, but not two that anyone should tell apart.
    path = lobby.websocket_path
    below = any(f"{path}/".startswith(f"{prefix}/") for prefix in PREFIXES)
    if path != "/ws/chat" and (below or path.rstrip("/") in ENDPOINTS):
        yield (
            f"lobby.websocket_path (CHAT_WEBSOCKET_PATH) is '{path}': expected a path that no "
            "other endpoint has"
        )


def _heartbeat(section: str, beat: Lobby | Heartbeat) -> Iterator[str]:
    # A peer is cut after the shorter of the two, so a later ping would never keep it alive.
    name, wait = min(
        ("pong_wait", beat.pong_wait), ("read_timeout", beat.read_timeout), key=lambda each: each[1]
    )
    if beat.ping_period >= wait:
        yield (
            f"{section}.ping_period is {beat.ping_period:g} s: expected less than "
            f"{section}.{name}, {wait:g} s"
        )

"""An upgrade request becomes a session: one handler serves the five endpoints.

Where the server lets a connection be taken, a wrapper around the Quart app hands it over before
Quart builds its context; elsewhere the same handler runs as ordinary Quart routes.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import trio
from quart import ResponseReturnValue, websocket
from quart_trio import QuartTrio
from structlog.contextvars import bind_contextvars

from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.accounts import (
    Accounts,
    NotIdentifiedError,
    UndecidedError,
    check_key,
    check_ticket,
)
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.settings.addresses import FORWARDING
from trichat.store.health import StoreError
from trichat.web.endpoints import ROOMS, Credential, Endpoint, Endpoints, Means
from trichat.web.quartlink import QuartHandshake
from trichat.web.refusals import TOO_MANY, refuse, too_busy, turn_away
from trichat.web.rest.errors import retry_after
from trichat.wire.direct import LinkLimits
from trichat.wire.handlers import carry_out
from trichat.wire.handshake import (
    TAKES,
    ScopeHandshake,
    Terminated,
    connection_of,
    terminated_of,
)
from trichat.wire.link import Handshake, Link
from trichat.wire.session import Session

_log = logging.getLogger(__name__)

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


async def serve(runtime: Runtime, endpoint: Endpoint, handshake: Handshake) -> None:
    """Accept the peer or turn them away, and have their session run.

    What is logged meanwhile, here or in the session's tasks, names the connection.
    """
    connection = secrets.token_hex(6)
    endpoint = endpoint.asked(handshake.query)
    # It is never unbound: the tasks that inherit it are this connection's own.
    bind_contextvars(connection=connection, dialect=endpoint.dialect.name)
    address = _address_of(runtime, handshake)
    session = None
    try:
        if runtime.connections.crowds.enter(
            address, runtime.settings.limits.connections_per_address
        ):
            session = await _receive(runtime, endpoint, handshake, address)
        else:
            runtime.metrics.dialect(endpoint.dialect.name).error("address")
            await refuse(handshake, TOO_MANY, "Too many connections")
    finally:
        if session is None:
            runtime.connections.crowds.leave(address)
    if session is not None:
        await handshake.run(partial(_take_part, session, connection, address))


def _address_of(runtime: Runtime, handshake: Handshake) -> str:
    headers = handshake.headers
    return runtime.addresses.of(
        handshake.peer,
        headers.get(FORWARDING[0], ""),
        unread=FORWARDING[1] in headers or FORWARDING[2] in headers,
    )


async def _take_part(session: Session, connection: str, address: str) -> None:
    bind_contextvars(connection=connection, dialect=session.dialect.name, user=session.user.id)
    _log.debug("connection open")
    try:
        await session.run()
    finally:
        session.runtime.connections.crowds.leave(address)


async def _receive(
    runtime: Runtime, endpoint: Endpoint, handshake: Handshake, address: str
) -> Session | None:
    """Return the session of a peer who is accepted: it is counted, and to be run."""
    limits, connections = runtime.settings.limits, runtime.connections
    if connections.taken >= limits.connections or runtime.admissions.closed:
        await too_busy(runtime, endpoint, handshake)
        return None
    allowed = runtime.settings.cors.socket_origins  # only browsers send an Origin
    origin = handshake.headers.get("origin")
    if "*" not in allowed and origin is not None and origin not in allowed:
        runtime.metrics.dialect(endpoint.dialect.name).error("origin")
        await refuse(handshake, 403, "Pages of this origin open no sockets here")
        return None
    try:
        await runtime.admissions.approach()
        shown = endpoint.credential(handshake.query, handshake.headers)
        identify, holder = await _check(runtime.accounts, shown)
        if not await runtime.admissions.enter(address, holder):
            await too_busy(runtime, endpoint, handshake)
            return None
        revocations = connections.revocations
        identity = await identify()
    except NotIdentifiedError as error:
        runtime.turned_away.info("turned away", error)
        await turn_away(runtime, endpoint, handshake, error.cause)
        return None
    except UndecidedError as error:
        runtime.turned_away.info("turned away", error)
        wait = retry_after(error.retry_after)
        await turn_away(runtime, endpoint, handshake, DisconnectReason.UNDECIDED, wait)
        return None
    except StoreError:
        _log.exception("the store cannot say who comes")
        await turn_away(runtime, endpoint, handshake, DisconnectReason.STORAGE_FAILED)
        return None
    if connections.taken_by(identity.user.id) >= limits.connections_per_user:
        await turn_away(runtime, endpoint, handshake, DisconnectReason.CROWDED)
        return None
    if connections.taken >= limits.connections:  # others came meanwhile
        await too_busy(runtime, endpoint, handshake)
        return None
    connections.arrives(identity.user.id)
    try:
        session = await _admit(runtime, endpoint, handshake, identity, revocations)
        if session is not None:
            session.open()
        return session
    finally:
        connections.arrived(identity.user.id)


async def _admit(
    runtime: Runtime,
    endpoint: Endpoint,
    handshake: Handshake,
    identity: Identity,
    revocations: int,
) -> Session | None:
    """Accept; return None when the credential was revoked since it was looked at."""
    connections = runtime.connections
    link = await handshake.accept()
    while connections.revocations != revocations:  # perhaps of this very credential
        revocations = connections.revocations
        try:
            identity = await runtime.accounts.again(identity)
        except (NotIdentifiedError, StoreError) as error:
            runtime.turned_away.info("turned away", error)
            ended = (
                error.cause
                if isinstance(error, NotIdentifiedError)
                else DisconnectReason.STORAGE_FAILED
            )
            await link.close(endpoint.dialect.codes[ended], ended.reason)
            return None
    return session_of(runtime, link, endpoint, identity, handshake.query.get("resume"))


def session_of(
    runtime: Runtime, link: Link, endpoint: Endpoint, identity: Identity, resume: str | None
) -> Session:
    """Return a session that is still to be run. resume: what the peer asks with, or None."""
    session = Session(
        runtime,
        link,
        endpoint.dialect if resume is None else endpoint.resuming,
        identity,
        endpoint.pace,
        carry_out=carry_out,
        greet=endpoint.greet,
    )
    if resume is not None:
        session.resume(resume)
    return session


async def _check(
    accounts: Accounts, shown: Credential | None
) -> tuple[Callable[[], Awaitable[Identity]], str | None]:
    """Return how to learn whose the credential is, and whom it names, if that is known.

    The first is for when it is the handshake's turn. What can be said of a credential without the
    store is looked at here: what is plainly bad takes no turn of others (all-25). Raises
    NotIdentifiedError or UndecidedError.
    """
    if shown is None:
        raise NotIdentifiedError("no credential", DisconnectReason.TOKEN_MISSING)
    match shown.means:
        case Means.TOKEN:
            verified = await accounts.verify(shown.text)
            return partial(accounts.identify_verified, verified), verified.holder
        case Means.KEY:
            check_key(shown.text)
            return partial(accounts.identify_key, shown.text), shown.text
        case Means.TICKET:
            check_ticket(shown.text)
            return partial(accounts.identify_ticket, shown.text), None


class Gateway:
    """The wrapper around Quart's ASGI callable. nursery: who waits for the server's shutdown."""

    def __init__(
        self, runtime: Runtime, endpoints: Endpoints, inner: AsgiApp, nursery: trio.Nursery
    ) -> None:
        self._runtime = runtime
        self._endpoints = endpoints
        self._inner = inner
        self._nursery = nursery
        self._watching = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            terminated = terminated_of(scope)
            if terminated is not None and not self._watching:
                self._watching = True
                self._nursery.start_soon(self._drain_after, terminated)
            if connection_of(scope) is not None:
                path = scope["raw_path"].partition(b"?")[0].decode("latin-1")
                await self._serve(self._endpoints.at(path), scope, send)
                return
        elif scope["type"] == "lifespan" and "state" in scope:
            scope["state"][TAKES] = True
        await self._inner(scope, receive, send)

    async def _serve(self, endpoint: Endpoint | None, scope: Any, send: Any) -> None:
        if endpoint is None:
            nowhere = ScopeHandshake(scope, send, LinkLimits())
            await refuse(nowhere, 404, "Not Found")
        else:
            await serve(self._runtime, endpoint, ScopeHandshake(scope, send, endpoint.limits))

    async def _drain_after(self, terminated: Terminated) -> None:
        """Drain when the server ends: under plain Hypercorn its own shutdown is the only word we
        get.
        """
        await terminated.wait()
        await self._runtime.drain()


def add_routes(app: QuartTrio, runtime: Runtime, endpoints: Endpoints) -> None:
    """Add the endpoints as routes of Quart, for servers whose connections cannot be taken."""

    async def at(endpoint: Endpoint) -> ResponseReturnValue | None:
        handshake = QuartHandshake(websocket, endpoint.limits)
        await serve(runtime, endpoint, handshake)
        return handshake.refusal

    def fixed(endpoint: Endpoint) -> Callable[[], Awaitable[ResponseReturnValue | None]]:
        async def route() -> ResponseReturnValue | None:
            return await at(endpoint)

        return route

    async def room(name: str) -> ResponseReturnValue | None:
        return await at(endpoints.room(name))

    for path, endpoint in endpoints.fixed.items():
        app.add_websocket(path, endpoint.dialect.name, fixed(endpoint))
    for path in (f"{ROOMS}<name>/", f"{ROOMS}<name>"):
        app.add_websocket(path, endpoints.room("").dialect.name, room)

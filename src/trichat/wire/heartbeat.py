"""A session's times: when it pings, when its peer is silent, when its credential ends.

They are kept by the runtime's pulse, which looks at each session at its time (ADR 5).
"""

import logging
from math import inf
from typing import Protocol

import trio
from attrs import frozen

from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Dialect
from trichat.runtime import frames
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.runtime.timerqueue import Timer
from trichat.wire.link import Link
from trichat.wire.outbox import Outbox

_log = logging.getLogger(__name__)


@frozen
class Pace:
    """A dialect's heartbeat, in seconds. patience: silence that ends the connection."""

    ping_period: float
    patience: float
    settle: float = 5.0  # to answer what is in flight when the peer closes or the server drains
    flush: float = 2.0  # to write what is queued before the close frame


class Timed(Protocol):
    """The session, as far as its times go."""

    runtime: Runtime
    dialect: Dialect
    identity: Identity
    outbox: Outbox

    @property
    def ended(self) -> bool: ...
    def end(self, cause: DisconnectReason, reason: str = "") -> None: ...


class Heartbeat:
    """Ends its session when the peer is silent or the credential has expired (all-17).

    pace: the times that its dialect has.
    """

    def __init__(self, session: Timed, link: Link, pace: Pace) -> None:
        self._session = session
        self._link = link
        self.pace = pace
        self._expires = _expiry(session.runtime, session.identity)
        self._ping_at = trio.current_time() + pace.ping_period
        self._heard = inf  # when, while it is the peer's turn
        self._beat: Timer | None = None

    def begin(self) -> None:
        """Keep its times from now on."""
        self._beat = self._session.runtime.timers.begin(self)

    def stop(self) -> None:
        """It has none any more."""
        if self._beat is not None:
            self._beat.stop()
            self._beat = None

    def retimed(self) -> None:
        """The wall clock was set, and with it the time at which the credential ends."""
        self._expires = _expiry(self._session.runtime, self._session.identity)
        if self._beat is not None:
            self._beat.stop()
            self.begin()

    def listen(self) -> None:
        """It is the peer's turn."""
        self._heard = trio.current_time()

    def heard(self) -> None:
        """It is ours: what we are slow over is not the peer's silence."""
        self._heard = inf

    def look(self, now: float) -> float:
        """Ping, and end what is silent or expired. When to look next."""
        try:
            return self._look(now)
        except Exception:
            _log.exception("a %s session failed", self._session.dialect.name)
            self._session.end(DisconnectReason.FAILED)
            return inf

    def _look(self, now: float) -> float:
        session = self._session
        silent_at = self._heard + self.pace.patience if self._link.pings else inf
        if now >= self._expires:
            by_key = session.identity.key_id is not None
            session.end(DisconnectReason.KEY_EXPIRED if by_key else DisconnectReason.TOKEN_EXPIRED)
        elif now >= silent_at:
            session.end(DisconnectReason.SILENT)
        elif now >= self._ping_at:
            session.outbox.answer_frame(frames.ping())
            self._ping_at = now + self.pace.ping_period
        return inf if session.ended else min(self._ping_at, silent_at, self._expires)


def _expiry(runtime: Runtime, identity: Identity) -> float:
    """When the credential ends, on Trio's clock."""
    if not runtime.settings.auth.close_on_expiry or identity.expires_at == inf:
        return inf
    return trio.current_time() + identity.expires_at - runtime.clock() / 1000

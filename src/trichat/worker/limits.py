"""The worker waits so long for a peer or a handler, and takes so much from one."""

from collections.abc import Callable

from attrs import field, frozen

from trichat.settings import Settings
from trichat.settings.addresses import Addresses


def _nothing(why: str) -> None:
    pass


def _nobody() -> None:
    pass


@frozen
class WorkerLimits:
    """Times are in seconds.

    write_timeout: for which a peer may take no byte of a response; also what is left to a handler
    whose peer is gone.
    admission_timeout: in which an upgrade request must be answered.
    linger: in which a peer may read our last bytes before its unread input resets the connection.
    head_timeout: from accepting a connection until the head of its first request is here, and from
    the first byte of a later one.
    keep_alive: from a response until the head of the next request is here.
    head_bytes: of a request's head.
    connections_per_address: open ones; 0 is any number.
    observe: called with why, in a word, when a connection is turned away here.
    on_terminated: called when listening has ended.
    """

    write_timeout: float = 10.0
    admission_timeout: float = 10.0
    linger: float = 1.0
    head_timeout: float = 10.0
    keep_alive: float = 75.0
    head_bytes: int = 16_384
    connections_per_address: int = 0
    addresses: Addresses = field(factory=Addresses, eq=False)
    observe: Callable[[str], None] = field(default=_nothing, eq=False)
    on_terminated: Callable[[], None] = field(default=_nobody, eq=False)

    @classmethod
    def of(
        cls,
        settings: Settings,
        observe: Callable[[str], None] = _nothing,
        on_terminated: Callable[[], None] = _nobody,
    ) -> "WorkerLimits":
        """Return what of our settings the worker has to keep."""
        limits = settings.limits
        return cls(
            admission_timeout=limits.handshake,
            head_timeout=limits.handshake,
            keep_alive=settings.server.keep_alive,
            head_bytes=limits.header_bytes,
            connections_per_address=limits.connections_per_address,
            addresses=Addresses(settings.server.trusted_proxies),
            observe=observe,
            on_terminated=on_terminated,
        )

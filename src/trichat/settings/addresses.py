"""A connection counts for an address, which bounds hold for.

A proxy that is trusted says from where its clients come, by X-Forwarded-For; what anybody else
writes there is not looked at. What an operator has to know of that is logged once.
"""

import logging
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_log = logging.getLogger(__name__)

# A connection over a local socket or from this machine itself comes by a proxy or a tool: who is
# behind it nobody knows, and a bound would hold for all of them together.
NOBODY: Final = ""
# The peer of a Unix socket, and the word in server.trusted_proxies that trusts it.
UNIX: Final = "unix:"
# Headers in which proxies name their clients; the first is the one that counts.
FORWARDING: Final = ("x-forwarded-for", "forwarded", "x-real-ip")
_LOCAL = frozenset({"127.0.0.1", "::1"})
_HOST_BITS = 64  # of IPv6: a customer has as many addresses as these make
_MAX_REPORTED = 16  # peers: whoever reaches the port can send these headers


class Addresses:
    """Tells whose a connection is.

    trusted: addresses and networks of proxies, and UNIX for those that come by a Unix socket.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        named = set(trusted)
        self._trusts_unix = UNIX in named
        self._trusted = tuple(ip_network(each, strict=False) for each in named - {UNIX})
        self._reported: set[str] = set()

    def of(self, peer: str, forwarded: str = "", *, unread: bool = False) -> str:
        """Return the address that bounds hold for: NOBODY for none; of IPv6 the first 64 bits.

        forwarded: X-Forwarded-For, the fields of several joined in order. unread: whether the
        request names its client in another header of FORWARDING.
        """
        peer, address, before = self._farthest(peer, forwarded)
        if (unread and not forwarded) or (forwarded and before == forwarded):
            self._log_once(peer, address)
        if address is None or self._trusts(peer, address):
            return NOBODY
        return _key(address)

    def client(self, peer: str, forwarded: str = "") -> str:
        """Return the whole address that `of` counts for, or the proxy's; "" for none.

        It is for the log.
        """
        _, address, _ = self._farthest(peer, forwarded)
        return "" if address is None else str(address)

    def _farthest(
        self, peer: str, forwarded: str
    ) -> tuple[str, IPv4Address | IPv6Address | None, str]:
        """Return who is behind the named proxies, and what is left of the header."""
        address = _parsed(peer)
        before = forwarded
        while before and self._trusts(peer, address):
            before, _, last = before.rpartition(",")
            hop = _parsed(last)
            if hop is None:
                break
            peer, address = last, hop
        return peer, address, before

    def trusts(self, peer: str) -> bool:
        """Return whether the peer is a named proxy."""
        return self._trusts(peer, _parsed(peer))

    def _trusts(self, peer: str, address: IPv4Address | IPv6Address | None) -> bool:
        if address is None:
            return self._trusts_unix and peer == UNIX
        return any(address in network for network in self._trusted)

    def _log_once(self, peer: str, address: IPv4Address | IPv6Address | None) -> None:
        """Log it once for each peer, and for this machine however many others there were."""
        if address is None and peer != UNIX:
            return  # nothing that could be named
        local = address is None or str(address) in _LOCAL
        shown = UNIX if address is None else str(address)
        if shown in self._reported or (not local and len(self._reported) >= _MAX_REPORTED):
            return
        self._reported.add(shown)
        if self._trusts(peer, address):
            _log.warning(_NO_FORWARDED_FOR, shown)
        elif local:
            _log.warning(_NO_LIMITS, shown, shown)
        else:
            _log.warning(_ONE_FOR_ALL, shown, shown)


_NO_LIMITS = (
    "%s names clients in its headers and is not in server.trusted_proxies, so limits of one address"
    " (connections, handshakes, logins, registrations) do not hold for whoever comes by it: set"
    ' server.trusted_proxies to ["%s"] if it is a proxy of yours'
)
_ONE_FOR_ALL = (
    "%s names clients in its headers and is not in server.trusted_proxies, so limits of one address"
    " (connections, handshakes, logins, registrations) hold for all who come by it together: set"
    ' server.trusted_proxies to ["%s"] if it is a proxy of yours'
)
_NO_FORWARDED_FOR = (
    "%s, which server.trusted_proxies names, sent a request without X-Forwarded-For, the only"
    " header that is read for a client's address, so limits of one address do not hold for it: have"
    " the proxy set X-Forwarded-For"
)


@lru_cache(1024)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address with or without a port, a zone or brackets, as proxies write it."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _key(address: IPv4Address | IPv6Address) -> str:
    if str(address) in _LOCAL:
        return NOBODY
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _HOST_BITS), strict=False))
    return str(address)

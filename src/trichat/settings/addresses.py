"""Whose a connection is, for the bounds of one address.

A proxy that is trusted says from where its clients come, by X-Forwarded-For; what anybody else
writes there is not looked at.
"""

import logging
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_log = logging.getLogger(__name__)

# A connection over a local socket or from this machine itself comes by a proxy or a tool: who is
# behind it nobody knows, and a bound would hold for all of them together.
NOBODY = ""
_LOCAL = frozenset({"127.0.0.1", "::1"})
_HOST_BITS = 64  # of IPv6: a customer has as many addresses as these make


class Addresses:
    """trusted: addresses and networks of proxies."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = tuple(ip_network(each, strict=False) for each in trusted)
        self._told = False

    def of(self, peer: str, forwarded: str = "") -> str:
        """The address that bounds hold for: NOBODY for none; of IPv6 the first 64 bits.

        forwarded: X-Forwarded-For, the fields of several joined in order.
        """
        address = _parsed(peer)
        if address is None:
            return NOBODY
        before = forwarded
        while before and self._is_trusted(address):
            before, _, last = before.rpartition(",")
            hop = _parsed(last)
            if hop is None:
                break
            address = hop
        if forwarded and before == forwarded:
            self._tell(peer)
        return NOBODY if self._is_trusted(address) else _key(address)

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)

    def _tell(self, peer: str) -> None:
        """Once: behind a proxy that is not named, all clients are one."""
        if not self._told:
            self._told = True
            _log.warning(
                "%s sends X-Forwarded-For and is not among server.trusted_proxies: who is behind it"
                " is not known, and limits of one address hold for all of them together",
                peer,
            )


@lru_cache(1024)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """With or without a port, a zone or brackets, as proxies write it."""
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

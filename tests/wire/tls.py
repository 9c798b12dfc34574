"""A certificate authority of the tests' own."""

import ssl
from functools import cache

import trustme


@cache
def authority() -> trustme.CA:
    """Who trusts it trusts its certificates."""
    return trustme.CA()


@cache
def identity() -> trustme.LeafCert:
    """The server's certificate, for localhost."""
    return authority().issue_cert("localhost")


def trusting() -> ssl.SSLContext:
    """A client's context that trusts it."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


def serving() -> ssl.SSLContext:
    """A server's context that shows it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    identity().configure_cert(context)
    return context

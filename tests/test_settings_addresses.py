"""Whose a connection is: proxies that are trusted, and what anybody can write into a header."""

import logging

import pytest

from trichat.settings.addresses import FORWARDING, NOBODY, UNIX, Addresses

PROXIES = Addresses(["10.0.0.0/8", "2001:db8:0:1::/64", "127.0.0.1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # they write it themselves
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # before it anyone may write
        ("10.1.2.3", "198.51.100.7, 10.9.9.9", "198.51.100.7"),  # two proxies of ours
        ("10.1.2.3", "198.51.100.7,10.9.9.9,192.0.2.5", "192.0.2.5"),
        ("10.1.2.3", "198.51.100.7:4711", "198.51.100.7"),
        ("10.1.2.3", "[2001:db8::1]:4711", "2001:db8::/64"),
        ("10.1.2.3", "2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:1::5", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:10.1.2.3", "::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "", "fe80::/64"),
        # nobody's: the proxy itself, this machine, a local socket
        ("10.1.2.3", "", NOBODY),
        ("10.1.2.3", "unknown", NOBODY),
        ("10.1.2.3", "198.51.100.7, unknown", NOBODY),
        ("10.1.2.3", "198.51.100.7,", NOBODY),
        ("", "198.51.100.7", NOBODY),
        ("/run/chat.sock", "198.51.100.7", NOBODY),
    ],
)
def test_the_last_hop_that_is_no_proxy_of_ours_counts(
    peer: str, forwarded: str, expected: str
) -> None:
    assert PROXIES.of(peer, forwarded) == expected


def test_this_machine_is_nobody_until_it_is_named() -> None:
    assert Addresses().of("127.0.0.1", "198.51.100.7") == NOBODY
    assert Addresses().of("::1", "198.51.100.7") == NOBODY
    assert Addresses().of("127.0.0.2") == "127.0.0.2"


def test_a_whole_customer_of_ipv6_is_one() -> None:
    of = Addresses().of
    assert of("2001:db8::1") == of("2001:db8::ffff:1") != of("2001:db8:0:1::1")


def test_proxies_over_unix_sockets_are_trusted_by_a_word_of_their_own() -> None:
    named = Addresses([UNIX, "10.0.0.1"])
    assert named.of(UNIX, "198.51.100.7") == "198.51.100.7"
    assert named.of(UNIX, "198.51.100.7, 10.0.0.1") == "198.51.100.7"
    assert named.of(UNIX) == named.of(UNIX, "unix:") == NOBODY
    assert named.of("", "198.51.100.7") == NOBODY  # whoever that is, it is no Unix socket
    assert PROXIES.of(UNIX, "198.51.100.7") == NOBODY


class Told:
    """What is in the log of proxies."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.WARNING)
        self._caplog = caplog

    def lines(self) -> list[str]:
        return [record.getMessage() for record in self._caplog.records]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    return Told(caplog)


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", UNIX, "::ffff:127.0.0.1"])
@pytest.mark.parametrize("header", FORWARDING)
def test_a_proxy_of_this_machine_that_is_not_named_is_told_of(
    told: Told, peer: str, header: str
) -> None:
    """At its first request; what does not hold and what to set, in one sentence."""
    addresses = Addresses(["10.0.0.1"])
    for number in range(3):
        client = f"198.51.100.{number}"
        if header == "x-forwarded-for":
            assert addresses.of(peer, client) == NOBODY
        else:
            assert addresses.of(peer, unread=True) == NOBODY
    shown = peer.removeprefix("::ffff:")
    assert told.lines() == [
        f"{shown} names clients in its headers and is not in server.trusted_proxies, so limits of"
        " one address (connections, handshakes, logins, registrations) do not hold for whoever"
        f' comes by it: set server.trusted_proxies to ["{shown}"] if it is a proxy of yours'
    ]


def test_a_proxy_elsewhere_that_is_not_named_is_told_of(told: Told) -> None:
    addresses = Addresses(["10.0.0.1"])
    for _ in range(3):
        assert addresses.of("10.0.0.2", "198.51.100.7") == "10.0.0.2"
    addresses.of("10.0.0.1", "198.51.100.7")
    assert told.lines() == [
        "10.0.0.2 names clients in its headers and is not in server.trusted_proxies, so limits of"
        " one address (connections, handshakes, logins, registrations) hold for all who come by it"
        ' together: set server.trusted_proxies to ["10.0.0.2"] if it is a proxy of yours'
    ]


def test_strangers_who_send_the_header_do_not_hide_a_proxy_of_this_machine(told: Told) -> None:
    addresses = Addresses()
    for number in range(200):
        addresses.of(f"192.0.2.{number}", "198.51.100.7")
    assert len(told.lines()) == 16
    addresses.of("127.0.0.1", "198.51.100.7")
    assert len(told.lines()) == 17
    assert '["127.0.0.1"]' in told.lines()[-1]


def test_a_proxy_that_is_named_and_says_the_client_in_a_header_that_is_not_read(told: Told) -> None:
    assert PROXIES.of("10.1.2.3", unread=True) == NOBODY
    assert told.lines() == [
        "10.1.2.3, which server.trusted_proxies names, sent a request without X-Forwarded-For, the"
        " only header that is read for a client's address, so limits of one address do not hold for"
        " it: have the proxy set X-Forwarded-For"
    ]


def test_who_names_no_client_is_not_told_of(told: Told) -> None:
    """Tools of this machine, probes of a proxy, clients elsewhere, a hop that tells nothing."""
    for peer in ("127.0.0.1", UNIX, "10.1.2.3", "192.0.2.1", ""):
        PROXIES.of(peer)
        Addresses().of(peer)
    PROXIES.of("10.1.2.3", "198.51.100.7", unread=True)
    PROXIES.of("10.1.2.3", "unknown")
    for peer in ("", "<local>", "/run/chat.sock"):  # as other servers have it
        PROXIES.of(peer, "198.51.100.7")
    assert not told.lines()

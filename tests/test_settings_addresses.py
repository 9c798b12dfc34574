"""Whose a connection is: proxies that are trusted, and what anybody can write into a header."""

import logging

import pytest

from trichat.settings.addresses import NOBODY, Addresses

PROXIES = Addresses(["10.0.0.0/8", "2001:db8:0:1::/64", "127.0.0.1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # he writes it himself
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


def test_a_proxy_that_is_not_named_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    addresses = Addresses(["10.0.0.1"])
    for _ in range(3):
        addresses.of("10.0.0.2", "198.51.100.7")
    addresses.of("10.0.0.1", "198.51.100.7")
    assert [record.args for record in caplog.records] == [("10.0.0.2",)]

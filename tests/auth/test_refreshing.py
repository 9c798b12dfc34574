"""The texts of refresh tokens and tickets."""

import pytest

from trichat.auth.apikeys import is_key
from trichat.auth.refreshing import (
    digest,
    is_ticket,
    new_refresh_token,
    new_ticket,
    read_refresh_token,
)
from trichat.auth.tokens import Tokens

ONE = Tokens(bytes(range(32)), lifetime=1)
OTHER = Tokens(bytes(range(1, 33)), lifetime=1)


def test_a_refresh_token_is_read_as_it_was_made() -> None:
    first = new_refresh_token()
    assert read_refresh_token(first.text) == first
    following = first.successor(ONE.keyed)
    assert read_refresh_token(following.text) == following


def test_all_of_a_family_share_one_half_and_no_other() -> None:
    first, other = new_refresh_token(), new_refresh_token()
    second = first.successor(ONE.keyed)
    third = second.successor(ONE.keyed)
    assert {token.family_digest for token in (first, second, third)} == {first.family_digest}
    assert len({token.secret_digest for token in (first, second, third, other)}) == 4
    assert other.family_digest != first.family_digest


def test_the_next_is_always_the_same_and_only_the_server_can_tell_it() -> None:
    first = new_refresh_token()
    assert first.successor(ONE.keyed) == first.successor(ONE.keyed)
    assert first.successor(ONE.keyed) != first.successor(OTHER.keyed)


def test_what_is_stored_opens_nothing() -> None:
    first = new_refresh_token()
    assert read_refresh_token(f"tcr_{first.family_digest}{first.secret_digest}") is None
    assert first.family not in first.family_digest
    assert repr(first) == "RefreshToken()"


@pytest.mark.parametrize("text", ["", "tcr_", "tcr_" + "a" * 64, "tcr_" + "a" * 66, "é" * 69])
def test_another_form_is_no_refresh_token(text: str) -> None:
    assert read_refresh_token(text) is None
    assert read_refresh_token(new_refresh_token().text + "\n") is None


def test_a_ticket_is_known_by_its_form() -> None:
    ticket, stored = new_ticket()
    assert is_ticket(ticket)
    assert stored == digest(ticket)
    assert not is_key(ticket)
    for other in ("", "tct_", ticket[:-1], ticket + "a", new_refresh_token().text):
        assert not is_ticket(other)

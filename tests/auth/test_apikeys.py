"""API keys: their form, and what is stored of them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trichat.auth.apikeys import digest, is_key, new_key

pytestmark = pytest.mark.promise("lobby-2")


def test_a_new_key_has_the_form_and_its_digest_is_what_is_stored() -> None:
    key, stored = new_key()
    assert key.startswith("tck_")
    assert len(key) == 47
    assert is_key(key)
    assert stored == digest(key) == hashlib.sha256(key.encode()).hexdigest()
    assert key not in stored


def test_no_two_keys_are_alike() -> None:
    assert len({new_key()[0] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tck_",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "tck_" + "a" * 42,
        "tck_" + "a" * 44,
        "TCK_" + "a" * 43,
        "tck_" + "a" * 42 + ".",
        "tck_" + "a" * 42 + "é",
        "tck_" + "a" * 43 + "\n",
        " tck_" + "a" * 43,
    ],
)
def test_what_has_not_the_form_is_no_key(text: str) -> None:
    assert not is_key(text)


@given(st.text())
def test_any_text_has_a_digest(text: str) -> None:
    assert len(digest(text)) == 64
    digest(text + "\ud800")

"""Which secrets are refused: what can be guessed, however long it is."""

import secrets

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.issuer import ec_key, pem, rsa_key
from trichat.auth.secret import WeakSecretError, check_secret

pytestmark = pytest.mark.promise("all-5")


def refusal(secret: bytes) -> str:
    with pytest.raises(WeakSecretError) as caught:
        check_secret(secret, "auth.secret")
    return str(caught.value)


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        (b"", "has 0 bytes: expected 32 or more"),
        (b"x" * 31, "has 31 bytes: expected 32 or more"),
        (b"abcdefg" * 5, "has 7 distinct bytes: expected random ones"),
        (b"q7Zk3vX9" * 4, "repeats 8 bytes: expected 32 or more that are random"),
        (b"q7Zk3vX9pL2mN8bT" * 3, "repeats 16 bytes: expected 32 or more that are random"),
        (b"correct horse " * 3, "repeats 14 bytes: expected 32 or more that are random"),
        (b"keyboard " * 3 + b"keybo", "repeats 9 bytes: expected 32 or more that are random"),
    ],
)  # fmt: skip
def test_a_short_or_monotonous_secret_is_refused(secret: bytes, text: str) -> None:
    assert refusal(secret) == f"auth.secret {text}"


@pytest.mark.parametrize(
    "secret",
    [
        "your-super-secret-jwt-key-change-in-production",
        "CHANGE_ME_CHANGE_ME_CHANGE_ME_0123456789",
        "django-insecure-$k2x!0b9w&v7mz^4t1j3q8r5",
        "a-string-secret-at-least-256-bits-long",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "this is a very secret key that nobody knows",
        "Password-of-the-chat-server-2026!",
        "abcdefghijklmnopqrstuvwxyz012345",
        "qwertyuiopasdfghjklzxcvbnm!#%&/()",
        "insert_your_jwt_key_here_for_the_chat",
    ],
)
def test_a_well_known_placeholder_is_refused(secret: str) -> None:
    told = refusal(secret.encode())
    assert told == "auth.secret is a well-known placeholder: expected random bytes"


@pytest.mark.parametrize(
    "key",
    [
        pem(rsa_key()),
        pem(ec_key()),
        b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDw4o6gJ ann@home",
    ],
    ids=["RSA", "EC", "SSH"],
)
def test_a_public_key_is_no_secret(key: bytes) -> None:
    assert refusal(key) == "auth.secret is a key of a pair: expected random bytes"


@given(st.binary(min_size=32, max_size=64).filter(lambda secret: len(set(secret)) >= 8))
def test_random_secrets_are_accepted(secret: bytes) -> None:
    half = len(secret) // 2
    assume(not any(secret[few:] == secret[:-few] for few in range(1, half + 1)))
    check_secret(secret)


def test_a_long_secret_that_is_repeated_is_as_good_as_once() -> None:
    check_secret(secrets.token_bytes(32) * 2)
    check_secret(secrets.token_urlsafe(32).encode() * 1000)

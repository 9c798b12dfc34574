"""Keys of an identity provider, as files and as JWK sets."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.issuer import ec_key, jwk, pem, rsa_key
from trichat.auth.keys import (
    LONGEST_FILE,
    MOST_KEYS,
    FixedKeys,
    Key,
    jwk_set,
    pem_file,
    secret_file,
)
from trichat.auth.providererrors import ProviderKeysError
from trichat.auth.secret import WeakSecretError

SECRET = b"q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"


def file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "keys"
    path.write_bytes(data)
    return path


def certificate(key: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "id.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def test_a_file_may_hold_keys_and_certificates_of_both_kinds(tmp_path: Path) -> None:
    text = b"rotated last year\n" + pem(rsa_key()) + certificate(rsa_key(1)) + pem(ec_key())
    keys = pem_file(file(tmp_path, text))
    assert [key.algorithm for key in keys] == ["RS256", "RS256", "ES256"]
    assert keys[1].material.public_numbers() == rsa_key(1).public_key().public_numbers()


def test_a_private_key_is_refused_and_not_told(tmp_path: Path) -> None:
    private = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ProviderKeysError, match="holds a private key") as caught:
        pem_file(file(tmp_path, private))
    assert private.splitlines()[1].decode() not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "holds no public key"),
        (b"ssh-rsa AAAA", "holds no public key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "cannot be read"),
        (b"x" * (LONGEST_FILE + 1), "too large"),
    ],
)
def test_a_file_without_good_keys_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(ProviderKeysError, match=why):
        pem_file(file(tmp_path, data))


def test_weak_and_other_keys_are_refused(tmp_path: Path) -> None:
    for key in (
        rsa_key(bits=1024),
        ec_key(curve=ec.SECP384R1),
        ed25519.Ed25519PrivateKey.generate(),
    ):
        with pytest.raises(ProviderKeysError, match="expected keys of RSA with 2048 bits"):
            pem_file(file(tmp_path, pem(key)))  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for read in (pem_file, secret_file):
        with pytest.raises(ProviderKeysError, match=r"absent: cannot be read: No such file"):
            read(tmp_path / "absent")


def test_a_secret_is_the_file_without_the_lines_end(tmp_path: Path) -> None:
    assert secret_file(file(tmp_path, SECRET + b"\r\n")) == SECRET
    with pytest.raises(WeakSecretError) as caught:
        secret_file(file(tmp_path, b"short\n"))
    assert str(caught.value) == f"{tmp_path / 'keys'} has 5 bytes: expected 32 or more"


# JWK sets


def read(*keys: Any, **more: Any) -> list[Key]:
    return jwk_set(json.dumps({"keys": list(keys), **more}).encode())


def test_a_set_is_its_keys_that_sign() -> None:
    keys = read(
        jwk(rsa_key(), "one", use="sig", alg="RS256"),
        jwk(ec_key(), "two"),
        jwk(rsa_key(1), key_ops=["verify"]),
    )
    assert [(key.algorithm, key.kid) for key in keys] == [
        ("RS256", "one"),
        ("ES256", "two"),
        ("RS256", None),
    ]


UNUSABLE: dict[str, Any] = {
    "of encryption": jwk(rsa_key(), use="enc"),
    "of other operations": jwk(rsa_key(), key_ops=["encrypt"]),
    "of another algorithm": jwk(rsa_key(), alg="RS512"),
    "symmetric": {
        "kty": "oct",
        "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
        "alg": "HS256",
    },
    "symmetric by its alg": jwk(rsa_key(), alg="HS256"),
    "short": jwk(rsa_key(bits=1024)),
    "of another curve": jwk(ec_key(curve=ec.SECP384R1)),
    "broken": {"kty": "RSA", "n": "!", "e": 7},
    "without numbers": {"kty": "RSA"},
    "no object": 7,
    "of an unknown type": {"kty": "XYZ"},
}


@pytest.mark.parametrize("key", UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_passed_over(key: Any) -> None:
    assert [good.kid for good in read(key, jwk(rsa_key(), "good"))] == ["good"]
    with pytest.raises(ProviderKeysError, match="holds no key that can be used"):
        read(key)


def test_a_private_key_in_a_set_is_passed_over() -> None:
    private = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key()))
    assert "d" in private
    with pytest.raises(ProviderKeysError, match="holds no key"):
        read(private)


def test_a_set_without_end_is_not_read_to_its_end() -> None:
    keys = read(*[jwk(rsa_key(), str(number)) for number in range(MOST_KEYS + 10)])
    assert len(keys) == MOST_KEYS


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"keys": {}}', b"\xff", b"[" * 10_000])
def test_what_is_no_set_is_refused(body: bytes) -> None:
    with pytest.raises(ProviderKeysError):
        jwk_set(body)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["keys", "kty", "n", "e", "x", "y", "crv", "kid"]), inner),
    max_leaves=12,
))  # fmt: skip
def test_no_json_raises_anything_else(value: Any) -> None:
    for body in (value, {"keys": value}, {"keys": [value]}):
        with suppress(ProviderKeysError):
            jwk_set(json.dumps(body).encode())


async def test_a_key_answers_to_its_algorithm_and_its_name_alone() -> None:
    named, nameless = Key("RS256", rsa_key(), "one"), Key("RS256", rsa_key(1))
    keys = FixedKeys([named, nameless])
    assert await keys.find("RS256", "one") == [named, nameless]
    assert await keys.find("RS256", "two") == [nameless]
    assert await keys.find("RS256", None) == [named, nameless]
    for algorithm in ("ES256", "HS256", "none"):
        assert await keys.find(algorithm, None) == []

"""An identity provider's tokens are verified by a shared secret, PEM files or JWK sets.

A key is of one algorithm from the moment it is read, and is never used for another: a public key
cannot become the secret of an HMAC, whatever a token's header asks for.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from jwt import PyJWTError
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from trichat.auth.providererrors import ProviderKeysError
from trichat.auth.secret import check_secret

SHORTEST_RSA: Final = 2048  # bits
MOST_KEYS: Final = 64  # of one JWK set
LONGEST_FILE: Final = 256 * 1024

_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)
_UNREADABLE = (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError)


@frozen
class Key:
    """One key, of one algorithm.

    kid: its name in the headers of tokens; None where it has none.
    """

    algorithm: str
    material: Any = field(repr=False)
    kid: str | None = None

    def answers(self, algorithm: str, kid: str | None) -> bool:
        """Return whether a token with this header may have been signed with this key."""
        return self.algorithm == algorithm and (kid is None or self.kid in (None, kid))


class Keys(Protocol):
    """A source of a provider's keys."""

    async def find(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """Return the keys that may have signed a token with this header.

        Raises KeysNotKnownError.
        """

    async def run(self) -> None:
        """Keep the keys fresh; return at once where there is nothing to do."""


class FixedKeys:
    """Keys from a file, which change only with a restart."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)

    async def find(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        return [key for key in self._keys if key.answers(algorithm, kid)]

    async def run(self) -> None:
        return


def secret_file(path: Path) -> bytes:
    """Return the secret in the file, without the end of its line.

    Raises ProviderKeysError or WeakSecretError.
    """
    secret = _read(path).rstrip(b"\r\n")
    check_secret(secret, str(path))
    return secret


def pem_file(path: Path) -> list[Key]:
    """Return the public keys, or those of certificates, in the file. Raises ProviderKeysError."""
    keys = []
    for found in _BLOCK.finditer(_read(path)):
        if b"PRIVATE" in found[1]:
            raise ProviderKeysError(f"{path}: holds a private key: expected public ones alone")
        try:
            if found[1] == b"CERTIFICATE":
                public: object = load_pem_x509_certificate(found[0]).public_key()
            else:
                public = load_pem_public_key(found[0])
        except _UNREADABLE as error:
            raise ProviderKeysError(f"{path}: a key cannot be read: {error}") from None
        key = _public(public)
        if key is None:
            raise ProviderKeysError(
                f"{path}: expected keys of RSA with {SHORTEST_RSA} bits or more, or of P-256"
            )
        keys.append(key)
    if not keys:
        raise ProviderKeysError(f"{path}: holds no public key in PEM form")
    return keys


def jwk_set(body: bytes) -> list[Key]:
    """Return the keys of a JWK set that sign and that we know, and pass over the others.

    Raises ProviderKeysError when there is none.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProviderKeysError("is no JSON") from None
    entries = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise ProviderKeysError("is no JWK set")
    keys = [key for entry in entries[:MOST_KEYS] if (key := _jwk(entry)) is not None]
    if not keys:
        raise ProviderKeysError("holds no key that can be used")
    return keys


def _jwk(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        match entry.get("kty"):
            case "RSA":
                public: object = RSAAlgorithm.from_jwk(entry)
            case "EC":
                public = ECAlgorithm.from_jwk(entry)
            case _:  # a symmetric key that everyone can fetch is no secret
                return None
    except _UNREADABLE:
        return None
    kid = entry.get("kid")
    key = _public(public, kid if isinstance(kid, str) else None)
    return key if key is not None and entry.get("alg", key.algorithm) == key.algorithm else None


def _public(key: object, kid: str | None = None) -> Key | None:
    if isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_RSA:
        return Key("RS256", key, kid)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return Key("ES256", key, kid)
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        raise ProviderKeysError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > LONGEST_FILE:
        raise ProviderKeysError(f"{path}: is too large for keys")
    return data

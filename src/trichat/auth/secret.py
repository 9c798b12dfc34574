"""Secrets that can be guessed are refused before they sign anything."""

from typing import Final

from jwt.utils import is_pem_format, is_ssh_key

SHORTEST_SECRET: Final = 32  # bytes: the output of SHA-256
FEWEST_DISTINCT_BYTES: Final = 8

# What people forget to replace, without case, blanks, dashes and underscores.
_PLACEHOLDERS = (
    "0123456789",
    "1234567890",
    "abcdefghijkl",
    "atleast256bits",
    "changeinproduction",
    "changeme",
    "changethis",
    "djangoinsecure",
    "donotuse",
    "examplekey",
    "examplesecret",
    "jwtkey",
    "jwtsecret",
    "mysecret",
    "password",
    "placeholder",
    "qwertyui",
    "replaceme",
    "secretkey",
    "secretsecret",
    "supersecret",
    "yoursecret",
    # The key of a widely copied framework tutorial.
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
)


class WeakSecretError(ValueError):
    """The secret can be guessed. The text names it and never holds it."""


def check_secret(secret: bytes, name: str = "the signing secret") -> None:
    """Raise WeakSecretError for a secret that can be guessed.

    That is one which is short, monotonous, a known placeholder, or a key in a form of asymmetric
    ones, which may be public. name: of the setting or file that holds it, for the operator.
    """
    if len(secret) < SHORTEST_SECRET:
        raise WeakSecretError(f"{name} has {len(secret)} bytes: expected {SHORTEST_SECRET} or more")
    if is_pem_format(secret) or is_ssh_key(secret):
        raise WeakSecretError(f"{name} is a key of a pair: expected random bytes")
    distinct = len(set(secret))
    if distinct < FEWEST_DISTINCT_BYTES:
        raise WeakSecretError(f"{name} has {distinct} distinct bytes: expected random ones")
    repeated = _repeated(secret)
    if repeated is not None:
        raise WeakSecretError(
            f"{name} repeats {repeated} bytes: expected {SHORTEST_SECRET} or more that are random"
        )
    plain = secret.lower().translate(None, b" -_")
    if any(placeholder.encode() in plain for placeholder in _PLACEHOLDERS):
        raise WeakSecretError(f"{name} is a well-known placeholder: expected random bytes")


def _repeated(secret: bytes) -> int | None:
    """Return how many bytes, too few for a secret, are repeated throughout.

    The last repetition may be cut short.
    """
    most = min(SHORTEST_SECRET - 1, len(secret) // 2)
    return next((few for few in range(1, most + 1) if secret[few:] == secret[:-few]), None)

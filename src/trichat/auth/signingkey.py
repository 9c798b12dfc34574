"""The secret that signs tokens: the one that is set, or a key file made at the first start."""

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from trichat.auth.secret import WeakSecretError, check_secret
from trichat.datadir import hand_over

FILE_NAME: Final = "signing.key"
_LONGEST: Final = 64 * 1024  # nobody's key is longer; a wrong file may be


class SigningKeyError(Exception):
    """The key file cannot be used. The text says how to mend it and never holds the key."""


def signing_secret(configured: str, data: Path) -> bytes:
    """The configured secret, or the key file's when none is.

    Raises WeakSecretError for a configured secret, SigningKeyError for a file.
    """
    if not configured:
        return load_or_create(data)
    secret = configured.encode()
    check_secret(secret, "auth.secret")
    return secret


def load_or_create(data: Path) -> bytes:
    """The key in the data directory, made and synced to disk if there is none yet.

    Raises SigningKeyError.
    """
    path = data / FILE_NAME
    try:
        with contextlib.suppress(FileExistsError):
            _create(path)
        return _load(path)
    except OSError as error:
        raise SigningKeyError(f"{path}: cannot be used: {error.strerror}") from error


def _create(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(file, "wb") as key:
            hand_over(file, path.parent)
            key.write(secrets.token_urlsafe(48).encode() + b"\n")
            key.flush()
            os.fsync(key.fileno())
    except OSError:
        path.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _load(path: Path) -> bytes:
    with path.open("rb") as key:
        mode = os.fstat(key.fileno()).st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SigningKeyError(
                f"{path}: others than its owner have access (mode {stat.S_IMODE(mode):04o}); "
                f"run: chmod 600 '{path}'"
            )
        secret = key.read(_LONGEST + 1).strip()
    if not secret:
        raise SigningKeyError(
            f"{path}: is empty, perhaps since a crash; remove it and a new key is made"
        )
    if len(secret) > _LONGEST:
        raise SigningKeyError(f"{path}: is too large for a key")
    try:
        check_secret(secret, str(path))
    except WeakSecretError as error:
        raise SigningKeyError(
            f"{error}; remove it and a new key is made, which ends all sessions"
        ) from None
    return secret

"""The keys that sign tokens are kept in the settings, or in a file of the data directory.

The file has the secret in its first line. Below it stand the keys of before, one a line, with the
time until which their tokens count: `former <secret in base64> until <UNIX seconds>`.
"""

import base64
import binascii
import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Final

from trichat.auth.secret import WeakSecretError, check_secret
from trichat.auth.signing import SigningKey, SigningKeys, new_key
from trichat.datadir import hand_over, sync_directory

FILE_NAME: Final = "signing.key"
_LONGEST: Final = 64 * 1024  # nobody's key is longer; a wrong file may be
_FORMER: Final = re.compile(rb"former ([A-Za-z0-9_=-]+) until ([0-9]{1,12})")
_BEGIN: Final = b"\nformer "


class SigningKeyError(Exception):
    """The key file cannot be used. The text says how to mend it and never holds the key."""


def configured_keys(secret: str, former: str) -> SigningKeys | None:
    """Return the keys of auth.secret and auth.former_secret; None where no secret is set.

    Raises WeakSecretError.
    """
    if not secret:
        return None
    check_secret(secret.encode(), "auth.secret")
    current = SigningKey(secret.encode())
    if not former:
        return SigningKeys(current)
    check_secret(former.encode(), "auth.former_secret")
    return SigningKeys(current, (SigningKey(former.encode()),))


def load(data: Path) -> SigningKeys | None:
    """Return the keys in the data directory; None where there is no file.

    Raises SigningKeyError.
    """
    path = data / FILE_NAME
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LONGEST + 1).strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SigningKeyError(
            f"{path}: others than its owner have access (mode {stat.S_IMODE(mode):04o}); "
            f"run: chmod 600 '{path}'"
        )
    return _read(path, text)


def create(data: Path) -> SigningKeys:
    """Make a key in the data directory, which has none: whole, synced, its owner's alone.

    Raises SigningKeyError.
    """
    path = data / FILE_NAME
    keys = SigningKeys(new_key())
    try:
        part = _written(path, keys)
        try:
            os.link(part, path)
        finally:
            part.unlink()
        sync_directory(data)
    except OSError as error:
        raise _unusable(path, error) from error
    return keys


def rotate(data: Path, *, life: float) -> SigningKeys | None:
    """Make a new key that signs from now on; the one before it counts for `life` seconds more.

    Keys whose time is over are forgotten. Returns None where there is no file. Raises
    SigningKeyError.
    """
    path = data / FILE_NAME
    try:
        with _locked(path):
            keys = load(data)
            if keys is None:
                return None
            now = time.time()
            _, *former = keys.living(now)
            last = SigningKey(keys.current.secret, ceil(now + life))
            keys = SigningKeys(new_key(), (last, *former))
            _written(path, keys).replace(path)
            sync_directory(data)
            return keys
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error


def _read(path: Path, text: bytes) -> SigningKeys:
    if not text:
        raise SigningKeyError(
            f"{path}: is empty, perhaps since a crash; remove it and a new key is made"
        )
    if len(text) > _LONGEST:
        raise SigningKeyError(f"{path}: is too large for a key")
    secret, begin, rest = text.partition(_BEGIN)
    secret = secret.strip()
    try:
        check_secret(secret, str(path))
    except WeakSecretError as error:
        raise SigningKeyError(
            f"{error}; remove it and a new key is made, which ends all sessions"
        ) from None
    lines = (begin.lstrip() + rest).splitlines()
    return SigningKeys(SigningKey(secret), tuple(_former(path, line) for line in lines))


def _former(path: Path, line: bytes) -> SigningKey:
    found = _FORMER.fullmatch(line.strip())
    try:
        if found is not None:
            return SigningKey(base64.urlsafe_b64decode(found[1]), float(found[2]))
    except binascii.Error:
        pass
    raise SigningKeyError(f"{path}: a line of a former key is not as it was written; remove it")


def _written(path: Path, keys: SigningKeys) -> Path:
    """Write the text into a file beside the key file, and sync it.

    What a crash left there is written over.
    """
    part = path.with_name(f"{FILE_NAME}.part")
    lines = [keys.current.secret]
    for key in keys.former:
        lines.append(b"former %b until %d" % (base64.urlsafe_b64encode(key.secret), key.until))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    file = os.open(part, flags, 0o600)
    with open(file, "wb") as out:
        os.fchmod(file, 0o600)
        hand_over(file, path.parent)
        out.write(b"\n".join(lines) + b"\n")
        out.flush()
        os.fsync(file)
    return part


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Open the file that bears the name, while no other process changes it. Raises OSError."""
    while True:
        file = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file), os.stat(path)):  # else another has its place now
                yield
                return
        finally:
            os.close(file)


def _unusable(path: Path, error: OSError) -> SigningKeyError:
    return SigningKeyError(f"{path}: cannot be used: {error.strerror}")

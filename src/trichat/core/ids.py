"""What the world names by a UUID the store names by an integer, beside that."""

import os
import re

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def nonce() -> bytes:
    """Return fresh random bytes, which make a UUID another than all others."""
    return os.urandom(10)


def uuid_at(at: int, nonce: bytes) -> str:
    """Return the UUID of version 7 for something that came to be at this time, in milliseconds.
    These are in order of time, so that an index on them grows at one end.
    """
    time, random = f"{at:012x}", nonce.hex()
    variant = "89ab"[nonce[2] >> 4 & 3]
    return f"{time[:8]}-{time[8:]}-7{random[1:4]}-{variant}{random[5:8]}-{random[8:]}"


def is_uuid(text: str) -> bool:
    """Return whether the text has the form of a UUID, in either case."""
    return _UUID.fullmatch(text) is not None

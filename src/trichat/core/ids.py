"""Identities: a UUID for the world, beside the integer that the store assigns."""

import os
import re
import time

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_uuid() -> str:
    """A fresh UUID of version 7: in order of time, so that an index on it grows at one end."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def is_uuid(text: str) -> bool:
    """Whether the text has the form of a UUID, in either case."""
    return _UUID.fullmatch(text) is not None

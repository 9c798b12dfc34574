"""Durations are written as Go writes them: "1m30s", "500ms", "54s"."""

import re
from decimal import Decimal

_UNITS = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "μs": Decimal("1e-6"),
    "ns": Decimal("1e-9"),
}
_PART = r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(f"({_PART})+")


def parse_duration(text: str) -> float:
    """Return the duration in seconds. Raises ValueError.

    A number without a unit is no duration, except 0.
    """
    if text == "0":
        return 0.0
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no duration")
    parts = re.findall(_PART, text)
    return float(sum(Decimal(number) * _UNITS[unit] for number, unit in parts))


def format_duration(seconds: float) -> str:
    """Return the shortest text of whole numbers that parse_duration reads as these seconds."""
    rest = round(seconds * 1_000_000_000)
    if rest == 0:
        return "0s"
    text = ""
    for unit in ("h", "m", "s", "ms", "us", "ns"):
        count, rest = divmod(rest, int(_UNITS[unit] * 1_000_000_000))
        if count:
            text += f"{count}{unit}"
    return text

"""Shared libraries of Debian's programs that were unpacked rather than installed."""

from collections.abc import Mapping

from bench.peer import Place


def libraries(place: Place) -> Mapping[str, str]:
    """For a command's environment; without effect where the program is installed."""
    return {"LD_LIBRARY_PATH": ":".join(map(str, place.debian.glob("usr/lib/*-linux-gnu*")))}

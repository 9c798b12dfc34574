"""The `trichat` command."""

from trichat.cli import patient  # isort: skip - before what takes a moment
from trichat.garbage import importing

with importing():
    from trichat.cli.program import main

__all__ = ["main", "patient"]

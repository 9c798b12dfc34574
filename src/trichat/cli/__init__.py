"""The `trichat` command."""

from trichat.cli import patient  # isort: skip - before what takes a moment
from trichat.cli import everyone, keeping
from trichat.cli.commands import main

__all__ = ["everyone", "keeping", "main", "patient"]

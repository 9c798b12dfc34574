"""The `trichat` command."""

from trichat.cli import keeping
from trichat.cli.commands import main

__all__ = ["keeping", "main"]

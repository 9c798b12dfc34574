"""The `trichat` command."""

from trichat.cli.commands import main

__all__ = ["main"]

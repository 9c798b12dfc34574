"""`trichat signing-key`, `trichat logout`: what concerns everybody's logins."""

from datetime import UTC, datetime
from pathlib import Path

import click
import trio

from trichat.cli import accounts
from trichat.cli.commands import explained, load, main, settings_options
from trichat.cli.words import say


@main.group("signing-key")
def signing_key() -> None:
    """The key that signs tokens."""


@signing_key.command("rotate")
@settings_options
def rotate(config: Path | None, data: Path | None) -> None:
    """Sign with a new key from now on.

    What the key before it signed counts for as long as such a token lives, and a running server
    takes the new one up within a second. Nobody is logged out: `trichat logout --all` does that.
    """
    settings = load(config, data=data)
    with explained():
        done = trio.run(accounts.rotate_key, settings)
    until = datetime.fromtimestamp(done.until, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    say(f"key {done.kid} signs now; tokens of key {done.former} count until {until}")


@main.command()
@settings_options
@click.option("--all", "everybody", is_flag=True, help="Everybody: there is no other choice.")
@click.option("--keys", is_flag=True, help="Revoke all API keys too.")
def logout(config: Path | None, data: Path | None, everybody: bool, keys: bool) -> None:
    """End every login, token and ticket, and close every socket, beside a running server too."""
    if not everybody:
        raise click.UsageError("say --all: everybody is logged out")
    settings = load(config, data=data)
    with explained():
        ended = trio.run(accounts.end_everything, settings, keys)
    say(f"{ended} logins have ended" + (", and all API keys" if keys else ""))

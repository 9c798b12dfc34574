"""`trichat signing-key` and `trichat logout` concern everybody's logins."""

from datetime import UTC, datetime
from pathlib import Path

import click

from trichat.auth import signingkey
from trichat.cli import signing
from trichat.cli.admin_context import open_admin_context
from trichat.cli.mendable import run
from trichat.cli.options import load, settings_options
from trichat.cli.words import say
from trichat.runtime.clock import wall_clock
from trichat.settings import Settings
from trichat.store.signing import EndEverything, UseSigningKey


@click.group("signing-key")
def signing_key() -> None:
    """The key that signs tokens."""


@signing_key.command("rotate")
@settings_options
def rotate(config: Path | None, data: Path | None) -> None:
    """Sign with a new key from now on.

    What the key before it signed counts for as long as such a token lives, and a running server
    takes the new one up within a second. Nobody is logged out: `trichat logout --all` does that.
    """
    done = run(_rotate, load(config, data=data))
    until = datetime.fromtimestamp(done.until, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    say(f"key {done.kid} signs now; tokens of key {done.former} count until {until}")


@click.command()
@settings_options
@click.option("--all", "everybody", is_flag=True, help="Everybody: there is no other choice.")
@click.option("--keys", is_flag=True, help="Revoke all API keys too.")
def logout(config: Path | None, data: Path | None, everybody: bool, keys: bool) -> None:
    """End every login, token and ticket, and close every socket, beside a running server too."""
    if not everybody:
        raise click.UsageError("say --all: everybody is logged out")
    ended = run(_end_everything, load(config, data=data), keys)
    say(f"{ended} logins have ended" + (", and all API keys" if keys else ""))


async def _rotate(settings: Settings) -> signing.Rotated:
    """Make a new key that signs; by the database, logins of the one before count on."""
    async with open_admin_context(settings) as context:
        stored = (await context.store.signing()).kid
        before = signingkey.load(settings.server.data)
        rotated = await signing.rotate(settings)
        if before is not None and stored in before.kids:
            await context.submit(UseSigningKey(rotated.kid, wall_clock(), ends=False), bool)
        return rotated


async def _end_everything(settings: Settings, keys: bool) -> int:
    """End every login and return how many there were. keys: every API key ends too."""
    async with open_admin_context(settings) as context:
        now = wall_clock()
        living = await context.store.count_logins(now)
        await context.submit(EndEverything(now, keys), bool)
        return living

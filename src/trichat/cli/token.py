"""`trichat token` prints an access token, for whoever operates the server."""

from pathlib import Path

import click

from trichat.cli import signing
from trichat.cli.admin_context import open_admin_context
from trichat.cli.mendable import run
from trichat.cli.options import load, settings_options
from trichat.cli.words import say
from trichat.composition.tokens import make_tokens
from trichat.logevents import LogEvent, log_event
from trichat.settings import Settings


@click.command()
@settings_options
@click.argument("username")
def token(config: Path | None, data: Path | None, username: str) -> None:
    """Print an access token of a user."""
    say(run(_token, load(config, data=data), username))


async def _token(settings: Settings, username: str) -> str:
    """Return the token. Raises RefusedError where the key that signs is missing beside a server."""
    async with open_admin_context(settings) as context:
        user = await context.user(username)
        tokens = make_tokens(settings, await signing.keys_to_sign(settings, context.store))
        log_event(LogEvent.TOKEN_MADE, user=user.id)
        return tokens.issue(user.uuid, user.id, user.username)

"""`trichat key` makes, lists and revokes API keys."""

from datetime import UTC, datetime
from pathlib import Path

import click

from trichat.auth import apikeys
from trichat.auth.wording import why_no_label
from trichat.cli.admin_context import done, open_admin_context
from trichat.cli.mendable import run
from trichat.cli.migrating import RefusedError
from trichat.cli.options import load, settings_options
from trichat.cli.words import say
from trichat.core.refusals import TooManyKeys
from trichat.runtime.clock import wall_clock
from trichat.settings import Settings
from trichat.settings.kinds import Duration
from trichat.store.apikeys import AddApiKey, ApiKey, RevokeApiKey


@click.group()
def key() -> None:
    """API keys; each acts as its user. A name that begins with a dash comes last, after --."""


class _Span(click.ParamType[float]):
    """A duration, as settings have it."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        kind = Duration()
        try:
            return kind.read(str(value))
        except ValueError:
            self.fail(f"{value!r}: expected {kind.expected}", param, ctx)


@key.command("add")
@settings_options
@click.argument("username")
@click.option("--label", default="", help="What it is for.")
@click.option("--expires-in", type=_Span(), help='After that it opens nothing: "720h", or seconds.')
def add(
    config: Path | None, data: Path | None, username: str, label: str, expires_in: float | None
) -> None:
    """Make a key and print it, this once."""
    settings = load(config, data=data)
    number, text = run(_add, settings, username, label, expires_in)
    say(text)
    say(f"This is key {number}; it is not shown again.", err=True)


@key.command("list")
@settings_options
@click.argument("username")
def list_(config: Path | None, data: Path | None, username: str) -> None:
    """List a user's keys: number, state, when made, when it ends, when last used, label."""
    now = wall_clock()
    for entry in run(_list, load(config, data=data), username):
        over = entry.expires_at is not None and entry.expires_at <= now
        state = "revoked" if entry.revoked_at else "expired" if over else "living"
        times = [_date(at) for at in (entry.created_at, entry.expires_at, entry.used_at)]
        say(entry.id, state, *times, entry.label)


def _date(at: int | None) -> str:
    return "-" if at is None else str(datetime.fromtimestamp(at / 1000, UTC).date())


@key.command("revoke")
@settings_options
@click.argument("number", type=int)
def revoke(config: Path | None, data: Path | None, number: int) -> None:
    """Revoke a key by its number."""
    run(_revoke, load(config, data=data), number)
    say(f"key {number} is revoked")


async def _add(
    settings: Settings, username: str, label: str, life: float | None
) -> tuple[int, str]:
    """Make an API key; return its number and itself, which is shown this once.

    life: seconds, None for as long as the settings say.
    """
    why = why_no_label(label) if label else None
    if why is not None:
        raise RefusedError(f"no key was added: the label {why[0].lower()}{why[1:]}")
    auth = settings.auth
    longest = auth.api_key_lifetime
    if life is not None and longest and life > longest:
        raise RefusedError(f"auth.api_key_lifetime is {longest:g} s: a key lives no longer")
    life = life or longest
    now = wall_clock()
    expires_at = now + round(life * 1000) if life else None
    async with open_admin_context(settings) as context:
        user = await context.user(username)
        key, digest = apikeys.new_key()
        outcome = await context.storage.submit(
            AddApiKey(user.id, digest, label, now, expires_at, auth.api_keys_per_user)
        )
        if isinstance(outcome, TooManyKeys):
            raise RefusedError(
                f"user {username!r} has {auth.api_keys_per_user} API keys"
                " (auth.api_keys_per_user): revoke one first"
            )
        return done(outcome, int), key


async def _list(settings: Settings, username: str) -> list[ApiKey]:
    """Return the user's keys, never themselves."""
    async with open_admin_context(settings) as context:
        user = await context.user(username)
        return await context.store.api_keys(user.id)


async def _revoke(settings: Settings, number: int) -> None:
    """Revoke a key, which opens nothing any more."""
    async with open_admin_context(settings) as context:
        if await context.storage.submit(RevokeApiKey(number, wall_clock())) is not True:
            raise RefusedError(f"there is no living key {number}")

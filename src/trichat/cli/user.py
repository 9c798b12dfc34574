"""`trichat user` adds accounts and changes their roles and passwords."""

import sys
from functools import partial
from pathlib import Path

import click
import trio

from trichat.auth.mailaddress import why_no_address
from trichat.auth.passwords import PasswordRefusedError
from trichat.auth.signing import SigningKeys, new_key
from trichat.auth.wording import NAME_WORDS
from trichat.cli.admin_context import AdminContext, done, open_admin_context
from trichat.cli.mendable import explained, run
from trichat.cli.migrating import RefusedError
from trichat.cli.options import load, settings_options
from trichat.cli.words import say
from trichat.composition.passwords import make_passwords
from trichat.composition.tokens import make_tokens
from trichat.core.model import Role, User
from trichat.core.names import check_username
from trichat.core.refusals import Taken
from trichat.runtime.accounts import Accounts
from trichat.runtime.clock import wall_clock
from trichat.settings import Settings
from trichat.store.roles import SetRole
from trichat.store.users import Registered


@click.group()
def user() -> None:
    """Accounts. A name that begins with a dash comes last, after --."""


@user.command("add")
@settings_options
@click.argument("username")
@click.option("--email", help="An e-mail address.")
@click.option("--password", help="Asked for, or read from standard input, when not given.")
def add(
    config: Path | None, data: Path | None, username: str, email: str | None, password: str | None
) -> None:
    """Add a user."""
    settings = load(config, data=data)
    with explained(PasswordRefusedError):
        added = trio.run(add_user, settings, username, email, _password(password))
    say(f"{added.username} has id {added.id} and UUID {added.uuid}")


@user.command("role")
@settings_options
@click.argument("username")
@click.argument("role", type=click.Choice([role.value for role in Role], case_sensitive=False))
def role(config: Path | None, data: Path | None, username: str, role: str) -> None:
    """Give a user a role on this server."""
    run(set_role, load(config, data=data), username, Role(role.upper()))
    say(f"{username} is {role.upper()}")


@user.command("password")
@settings_options
@click.argument("username")
@click.option("--password", help="Asked for, or read from standard input, when not given.")
@click.option("--keep-keys", is_flag=True, help="The user's API keys go on opening.")
def password(
    config: Path | None, data: Path | None, username: str, password: str | None, keep_keys: bool
) -> None:
    """Set a user's password, which ends their logins and API keys."""
    settings = load(config, data=data)
    work = partial(_set_password, keep_keys=keep_keys)
    with explained(PasswordRefusedError):
        trio.run(work, settings, username, _password(password))
    say(f"{username} has a new password")


def _password(given: str | None) -> str:
    """Return the password from the option, from a pipe, or as it was typed; it is never shown."""
    if given is None:
        if sys.stdin.isatty():
            given = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
        else:
            given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise click.ClickException("no password given")
    return given


def _accounts(settings: Settings, context: AdminContext) -> Accounts:
    tokens = make_tokens(settings, SigningKeys(new_key()))  # for its clock: nothing is signed
    return Accounts(context.store, context.storage, make_passwords(settings), tokens, wall_clock)


async def add_user(settings: Settings, username: str, email: str | None, password: str) -> User:
    """Add an account, with the names and addresses that REST takes."""
    refusal = check_username(username)
    if refusal is not None:
        raise RefusedError(f"user {username!r} was not added: {NAME_WORDS[refusal.why]}")
    why = None if email is None else why_no_address(email)
    if why is not None:
        raise RefusedError(f"no user was added: the address {why[0].lower()}{why[1:]}")
    async with open_admin_context(settings, anew=True) as context:
        outcome = await _accounts(settings, context).register(username, email, password)
        if isinstance(outcome, Taken):
            what = "address" if outcome.field == "email" else "name"
            raise RefusedError(f"user {username!r} was not added: the {what} is taken")
        if not isinstance(outcome, Registered):
            raise RefusedError(f"user {username!r} was not added: {outcome}")
        return outcome.user


async def set_role(settings: Settings, username: str, role: Role) -> None:
    """Give a user a role: the first administrator is made this way."""
    async with open_admin_context(settings) as context:
        user = await context.user(username)
        await context.submit(SetRole(user.id, role, wall_clock()), User)


async def _set_password(
    settings: Settings, username: str, password: str, *, keep_keys: bool
) -> None:
    """Set a new password, which ends the user's logins and, unless they are kept, API keys."""
    async with open_admin_context(settings) as context:
        user = await context.user(username)
        accounts = _accounts(settings, context)
        done(await accounts.set_password(user, password, keep_keys=keep_keys), User)

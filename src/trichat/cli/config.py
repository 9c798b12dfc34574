"""The command `trichat config` prints what is set."""

from pathlib import Path

import click

from trichat.auth.secret import WeakSecretError
from trichat.cli.options import read, serving_options
from trichat.composition.start_errors import start_error
from trichat.composition.tokens import keys_of_settings
from trichat.settings import in_force


@click.command()
@serving_options
def config(config: Path | None, **override: object) -> None:
    """Print every setting in force and where it came from, secrets masked."""
    settings, places = read(config, **override)
    try:
        keys_of_settings(settings)
    except WeakSecretError as error:
        raise click.ClickException(start_error(error, settings, places)) from None
    for line in in_force(settings, places):
        click.echo(line)

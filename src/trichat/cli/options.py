"""Options say where the settings are, and the settings come of them."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from trichat.cli.mendable import explained
from trichat.cli.words import Lines
from trichat.commandlog import noting
from trichat.composition.start_errors import start_error
from trichat.settings import Settings, SettingsError, load_sources, origins, sources
from trichat.telemetry import configure_logging


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options --config and --data."""
    for option in (
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            envvar="TRICHAT_CONFIG",
            help="A TOML file of settings; else the one that TRICHAT_CONFIG names.",
        ),
        click.option("--data", type=click.Path(path_type=Path), help="The data directory."),
    ):
        command = option(command)
    return command


def serving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the server listens."""
    for option in (
        click.option("--host", help="The address to listen on, or unix:/path for a Unix socket."),
        click.option("--port", type=int, help="The port to listen on; 0 takes a free one."),
        click.option("--certfile", help="A PEM file with the TLS certificate."),
        click.option("--keyfile", help="A PEM file with its private key."),
    ):
        command = option(command)
    return settings_options(command)


def read(config: Path | None, **override: object) -> tuple[Settings, Mapping[str, str]]:
    """Return the settings, and where they came from."""
    given = {f"server.{name}": value for name, value in override.items() if value is not None}
    try:
        found = sources(config, override=given)
        return load_sources(found), origins(found)
    except SettingsError as error:
        raise Lines(str(error)) from None


def load(config: Path | None, **override: object) -> Settings:
    """Return the settings in force, and log as they say; what the command does is noted."""
    settings, places = read(config, **override)
    with explained(words=partial(start_error, settings=settings, places=places)):
        configure_logging(settings.log)
    context = click.get_current_context()
    context.with_resource(noting(settings.server.data, context.command_path))
    return settings

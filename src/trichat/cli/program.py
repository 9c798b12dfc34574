"""`trichat` itself knows its commands, and in which file each is.

A command's file is imported when the command is called, so that a command that only looks into the
database does not wait for what other commands need.
"""

from importlib import import_module
from typing import Any, Final

import click

from trichat.cli.words import Commands
from trichat.garbage import importing
from trichat.telemetry import begin

# Where each command is: the module, and its name in there.
COMMANDS: Final = {
    "backup": "trichat.cli.maintenance:backup",
    "check": "trichat.cli.maintenance:check",
    "config": "trichat.cli.config:config",
    "export": "trichat.cli.maintenance:export",
    "import": "trichat.cli.maintenance:import_",
    "key": "trichat.cli.key:key",
    "logout": "trichat.cli.everyone:logout",
    "restore": "trichat.cli.maintenance:restore",
    "serve": "trichat.cli.serve:serve",
    "signing-key": "trichat.cli.everyone:signing_key",
    "token": "trichat.cli.token:token",
    "user": "trichat.cli.user:user",
}


class _Program(Commands):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        with importing():
            command: Any = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trichat", prog_name="trichat")
@click.pass_context
def main(context: click.Context) -> None:
    """One chat server that speaks five chat WebSocket APIs."""
    if context.invoked_subcommand == "serve":
        begin()  # before anything is said, of a wrong option for one

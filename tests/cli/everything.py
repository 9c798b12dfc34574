"""Every command of `trichat`, with words that make it do something."""

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner, Result

from trichat.cli import main

PASSWORD = "Correct-horse-7"

# Each as it is called: {user} stands for a user's name, {out} for a directory to write into. A
# command that is new comes here, and is then tried by every test of this folder.
COMMANDS: dict[str, tuple[str, ...]] = {
    "user add": ("--password", PASSWORD, "--", "{user}"),
    "user role": ("--", "{user}", "ADMIN"),
    "user password": ("--password", PASSWORD, "--", "{user}"),
    "token": ("--", "{user}"),
    "key add": ("--label", "a bot", "--", "{user}"),
    "key list": ("--", "{user}"),
    "key revoke": ("1",),
    "backup": ("{out}/b.db",),
    "restore": ("{out}/b.db",),
    "export": ("--with-secrets", "{out}/e.jsonl"),
    "import": ("{out}/e.jsonl",),
    "check": (),
    "logout": ("--all", "--keys"),
    "signing-key rotate": (),
}
# Those that work on no data, or for as long as a server lives.
OTHERS = {"serve", "config"}
# Those that begin what a server's data is.
BEGIN = {"user add", "restore", "import"}


def names(command: click.Command = main, *path: str) -> Iterator[str]:
    """Of all commands that there are."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            each = command.get_command(context, name)
            assert each is not None
            yield from names(each, *path, name)
    else:
        yield " ".join(path)


def run(name: str, data: Path, *, user: str = "ann", out: Path | None = None) -> Result:
    """Call it for a data directory."""
    place = out or data.parent
    words = [word.replace("{user}", user).replace("{out}", str(place)) for word in COMMANDS[name]]
    return CliRunner().invoke(main, [*name.split(), "--data", str(data), *words])

"""What README.md has somebody type, typed as it stands there."""

import os
import re
import shlex
import signal
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT

import click
import pytest
import trio

from tests.e2e.launching import BIN, PATIENCE, environment, launched, serve
from tests.e2e.programs import EXAMPLES, ROOT
from tests.e2e.users import PASSWORD
from trichat.cli import main

README = (ROOT / "README.md").read_text()


def block(first: str) -> str:
    """The lines of code that begin with this one."""
    (found,) = re.findall(rf"^    {re.escape(first)}.*\n(?:(?:    .*)?\n)*", README, re.MULTILINE)
    return "\n".join(line.removeprefix("    ") for line in str(found).rstrip().split("\n"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As after `make run` and `make examples`."""
    (tmp_path / ".venv").symlink_to(BIN.parent)
    (tmp_path / "examples").symlink_to(EXAMPLES)
    return tmp_path


async def until(process: trio.Process, text: str) -> str:
    """What the process prints, up to this."""
    said = ""
    assert process.stdout is not None
    async for data in process.stdout:
        said += data.decode()
        if text in said:
            break
    return said


async def test_two_users_are_registered_and_talk_in_two_dialects(checkout: Path) -> None:
    script = block("register() {")
    assert "\nmake examples " in script  # what it installs: tests/test_makefile.py
    script = re.sub(r"^make examples .*$", "", script, flags=re.MULTILINE)
    async with launched(serve(checkout / "trichat-data")) as server:
        address = server.address.removeprefix("http://")
        script = re.sub(r"(?:localhost|127\.0\.0\.1):8000", address, script)
        process = await trio.lowlevel.open_process(
            ["bash", "-c", script], cwd=checkout, stdin=PIPE, stdout=PIPE, stderr=STDOUT,
            env=environment(), start_new_session=True,
        )  # fmt: skip
        try:
            assert process.stdin is not None
            with trio.fail_after(PATIENCE):
                await process.stdin.send_all(b"Is anybody here?\n")
                said = await until(process, "bob: Is anybody here?")
            assert "bob: Is anybody here?" in said, said
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def test_the_commands_of_an_operator_do_what_they_are_there_for(checkout: Path) -> None:
    lines = [
        line.partition("  #")[0].strip() for line in block(".venv/bin/trichat serve").split("\n")
    ]
    own = [line for line in lines if re.match(r"\S+ (token|key|logout|backup) ", line)]
    assert len(own) == 4
    for line in (f".venv/bin/trichat user add NAME --password {PASSWORD}", *own):
        done = await trio.run_process(
            ["sh", "-c", line], cwd=checkout, env=environment(), check=False, stdin=DEVNULL,
            capture_stdout=True, stderr=STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stdout)
    assert (checkout / "FILE").read_bytes().startswith(b"SQLite")


def test_the_options_of_the_server_are_options_of_the_server() -> None:
    text = block(".venv/bin/trichat serve").partition("\n.venv/bin/trichat user")[0]
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None
    known = {option for each in serve.params for option in each.opts}
    options = [word for word in shlex.split(text) if word.startswith("--")]
    assert len(options) == 6
    assert set(options) <= known

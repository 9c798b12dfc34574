"""The command line takes the names and addresses that REST takes, and no others (all-20)."""

from pathlib import Path

import pytest
import trio
from click.testing import CliRunner

from tests.cli.everything import PASSWORD
from tests.server import ChatServer
from tests.store.archive.test_round_trip import everything
from trichat.cli import main

NAMES = [
    "ann", "Ünï", "茶", "-bob", "--data", "a b", "x" * 100, "a.b+c", "o'neil", "50%", r"back\slash",
    "", " ", " ann", "ann ", "x" * 101, "x" * 300, "a\nb", "a\x1b[31mb", "a\u200bb",
    "\u202eann", "a\u2028b", "0197f0e5-6a40-7000-8000-000000000001", "\ufb01sh", "ann\u3164",
]  # fmt: skip
ADDRESSES = ["a@example.com", "a", "", "a@b", "a b@example.com", "a@example.com\n", "x" * 400]


async def taken_over_rest(server: ChatServer, **body: str) -> bool:
    whole = {"username": "zed", "email": "zed@example.org", "password": PASSWORD} | body
    status, _ = await server.rest(None, "POST", "/auth/register", whole)
    assert status in (200, 400, 422)
    return status == 200


async def taken_here(data: Path, user: str, *options: str) -> bool:
    words = ["user", "add", "--data", str(data), "--password", PASSWORD, *options, "--", user]
    done = await trio.to_thread.run_sync(CliRunner().invoke, main, words)
    assert done.exit_code in (0, 1), done
    assert done.output.count("\n") == 1, done.output
    return done.exit_code == 0


@pytest.mark.promise("all-20")
async def test_all_20_a_name_is_taken_here_as_over_rest(server: ChatServer, tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        data = tmp_path / str(number)
        email = f"m{number}@example.com"
        over_rest = await taken_over_rest(server, username=name, email=email)
        assert await taken_here(data, name) is over_rest, name
        assert made(data) is over_rest
        if over_rest:
            assert name in users(data)


async def test_an_address_is_taken_here_as_over_rest(server: ChatServer, tmp_path: Path) -> None:
    for number, email in enumerate(ADDRESSES):
        over_rest = await taken_over_rest(server, username=f"user{number}", email=email)
        data = tmp_path / str(number)
        assert await taken_here(data, "ann", "--email", email) is over_rest, email


def made(data: Path) -> bool:
    return data.exists()


def users(data: Path) -> list[str]:
    return [row[2] for row in everything(data / "trichat.db")["users"]]


@pytest.mark.parametrize("label", ["a\nb", "\x1b[31m", "x" * 101, "a\tb"])
async def test_a_label_is_one_line_here_as_over_rest(
    server: ChatServer, tmp_path: Path, label: str
) -> None:
    ann = await server.person("ann")
    body = {"label": label, "current_password": PASSWORD}
    assert (await server.rest(ann, "POST", "/auth/keys", body))[0] == 422
    assert await taken_here(tmp_path / "own", "ann")
    words = ["key", "add", "--data", str(tmp_path / "own"), "--label", label, "ann"]
    done = await trio.to_thread.run_sync(CliRunner().invoke, main, words)
    assert done.exit_code == 1
    assert done.output.startswith("Error: no key was added: the label must ")

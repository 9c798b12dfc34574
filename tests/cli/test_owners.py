"""What root makes in a server's directory is the server's, which could not open it otherwise."""

import os
from pathlib import Path

import pytest

from tests.cli.everything import run
from tests.needs import needs

pytestmark = needs(os.geteuid() == 0, "files are given away by root alone: this is another user")

SERVER = (12345, 23456)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """As a service manager makes it."""
    path = tmp_path / "var"
    path.mkdir(mode=0o700)
    os.chown(path, *SERVER)
    return path


def owners(place: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_uid, path.stat().st_gid) for path in place.iterdir()}


@pytest.mark.parametrize("name", ["restore", "import"])
def test_what_is_put_there(name: str, data: Path, place: Path) -> None:
    assert run("backup", data).exit_code == 0
    assert run("export", data).exit_code == 0
    done = run(name, place)
    assert done.exit_code == 0, done.output
    assert owners(place) == dict.fromkeys(["lock", "trichat.db"], SERVER)


def test_the_first_account_and_its_token(place: Path) -> None:
    """The second makes the key, where there is no server yet."""
    assert run("user add", place).exit_code == 0
    assert run("token", place).exit_code == 0
    found = owners(place)
    assert {"signing.key", "trichat.db"} <= set(found)
    assert set(found.values()) == {SERVER}


def test_what_is_written_elsewhere_stays_root_s(data: Path, tmp_path: Path) -> None:
    """A server that somebody took over does not write to the backups of its administrator."""
    os.chown(data, *SERVER)
    assert run("backup", data).exit_code == 0
    assert run("export", data).exit_code == 0
    assert owners(tmp_path)["b.db"] == owners(tmp_path)["e.jsonl"] == (0, os.getegid())

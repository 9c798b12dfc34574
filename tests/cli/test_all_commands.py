"""What holds for every command: where it works, what it makes, what it prints."""

import re
from pathlib import Path

import apsw
import pytest

from tests.cli.everything import BEGIN, COMMANDS, OTHERS, names, run
from tests.store.test_eras import MADE, NEWEST, as_left
from trichat.datadir import DataDirectory

# A name, an address, a label, a title … of somebody who thinks of the operator's terminal.
HOSTILE = "x\x1b]0;owned\x07\x1b[2J\x9b31m\n999\tliving\r\u202egnp\u200b\u2028"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

OLD = max(made for made in MADE if made < NEWEST)  # a schema that is not today's


def test_every_command_is_tried() -> None:
    assert set(names()) == set(COMMANDS) | OTHERS


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - BEGIN))
def test_a_wrong_directory_is_named_and_nothing_is_made(name: str, tmp_path: Path) -> None:
    done = run(name, tmp_path / "no" / "typo", out=tmp_path)
    assert done.exit_code == 1
    assert str(tmp_path / "no" / "typo") in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - BEGIN))
def test_an_empty_directory_stays_empty(name: str, tmp_path: Path) -> None:
    """As one that was mounted too late."""
    (tmp_path / "data").mkdir()
    done = run(name, tmp_path / "data")
    assert done.exit_code == 1
    assert str(tmp_path / "data") in done.stderr
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("name", ["restore", "import"])
def test_what_cannot_be_read_makes_no_directory(name: str, tmp_path: Path) -> None:
    done = run(name, tmp_path / "data")
    assert done.exit_code == 1
    assert str(tmp_path) in done.stderr
    assert list(tmp_path.iterdir()) == []


def schema(database: Path) -> int:
    db = apsw.Connection(str(database))
    try:
        return int(db.pragma("user_version"))
    finally:
        db.close()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_migrates_what_a_server_holds(name: str, tmp_path: Path) -> None:
    """The server of an older version has it open, and would store nothing any more."""
    data = tmp_path / "data"
    database = as_left(data / "trichat.db", OLD, OLD)
    with DataDirectory(data):
        server = apsw.Connection(str(database))
        server.execute("UPDATE users SET avatar = 'a.png'")
        before = server.execute("SELECT count(*) FROM users").fetchall()
        done = run(name, data)
        assert schema(database) == OLD
        server.execute("UPDATE users SET avatar = 'b.png'")
        assert server.execute("SELECT count(*) FROM users").fetchall() == before
        server.close()
    assert not list(data.glob("*.schema-*"))
    if name in ("backup", "export", "check"):
        assert done.exit_code == 0, done.output
    else:
        assert done.exit_code == 1
        assert done.stderr.count("\n") == 1
    if name not in ("backup", "export", "check", "restore", "import"):
        assert f"has schema {OLD}: this trichat works on {NEWEST}" in done.stderr


def test_where_no_server_is_a_command_migrates_and_keeps_a_copy(tmp_path: Path) -> None:
    data = tmp_path / "data"
    database = as_left(data / "trichat.db", OLD, OLD)
    done = run("user role", data)
    assert (done.exit_code, done.output) == (0, "ann is ADMIN\n")
    assert schema(database) == NEWEST
    assert schema(data / f"trichat.db.schema-{OLD}") == OLD
    with DataDirectory(data):  # let go again
        assert run("user role", data).exit_code == 0


def hostile(database: Path) -> None:
    """Every text that users choose, as none may be any more, but may have been."""
    db = apsw.Connection(str(database))
    db.execute("UPDATE users SET username = ?, folded = ?, avatar = ?", [HOSTILE] * 3)
    db.execute("UPDATE users SET email = ?1, folded_email = ?1", [HOSTILE])
    db.execute("UPDATE rooms SET title = ?, handle = NULL, description = ?", [HOSTILE] * 2)
    db.execute("UPDATE api_keys SET label = ?", [HOSTILE])
    db.execute("UPDATE messages SET text = ?", [HOSTILE])
    db.execute("UPDATE acts SET reason = ?, metadata = json_object('x', ?)", [HOSTILE] * 2)
    db.close()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_what_users_chose_is_printed_escaped(name: str, data: Path, tmp_path: Path) -> None:
    assert run("key add", data).exit_code == 0
    hostile(data / "trichat.db")
    if name in ("restore", "import"):
        assert run("backup", data).exit_code == 0
        assert run("export", data).exit_code == 0
        data = tmp_path / "other"
    done = run(name, data, user=HOSTILE)
    assert not OBEYED.search(done.output.replace("\n", "")), done.output
    assert done.output.count("\n") <= 2, done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_who_is_not_there_is_named_escaped(name: str, data: Path) -> None:
    done = run(name, data, user=f"nobody {HOSTILE}")
    assert not OBEYED.search(done.output.replace("\n", "")), done.output
    assert done.output.count("\n") <= 2, done.output

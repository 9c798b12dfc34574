"""What a command may write over, and what may lie where a database is put."""

import os
import pty
import subprocess
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cli.everything import PASSWORD, run
from tests.e2e.launching import TRICHAT, environment
from tests.store.archive.test_round_trip import everything
from trichat.cli import main
from trichat.datadir import DataDirectory
from trichat.store.sqlite.connecting import connect
from trichat.store.sqlite.migrate import migrate


def invoke(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize(
    "name",
    ["lock", "last-backup", "signing.key", "signing.key.part", "trichat.db", "trichat.db-wal",
     "trichat.db.part", "trichat.db.replaced-1", "trichat.db.schema-7"],
)  # fmt: skip
@pytest.mark.parametrize("command", ["backup", "export"])
def test_what_a_data_directory_is_made_of_is_not_written_over(
    data: Path, command: str, name: str
) -> None:
    assert run("token", data).exit_code == 0
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    done = invoke(command, "--replace", "--data", data, data / name)
    assert done.exit_code == 1
    assert done.stderr == f"Error: {data / name} is the database itself, or what belongs to it\n"
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_a_directory_is_not_written_over(data: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    done = invoke("backup", "--replace", "--data", data, tmp_path / "there")
    assert (done.exit_code, done.stderr) == (
        1, f"Error: {tmp_path / 'there'} is a directory: name a file in it\n",
    )  # fmt: skip


def test_a_backup_may_lie_in_the_directory_itself(data: Path) -> None:
    """And is restored from there when the database is gone."""
    assert invoke("backup", "--data", data, data / "mine.db").exit_code == 0
    os.unlink(data / "trichat.db")
    (data / "lost+found").mkdir()
    done = invoke("restore", "--data", data, data / "mine.db")
    assert done.exit_code == 0, done.output
    assert len(everything(data / "trichat.db")["users"]) == 1


def test_what_earlier_tries_left_is_in_nobody_s_way(data: Path, tmp_path: Path) -> None:
    """Of this version or of one before."""
    assert invoke("backup", "--data", data, tmp_path / "b.db").exit_code == 0
    new = tmp_path / "new"
    new.mkdir()
    for ending in ("", "-journal", "-wal", "-shm"):
        (new / f"trichat.db.part{ending}").write_text("half of something")
    assert invoke("restore", "--data", new, tmp_path / "b.db").exit_code == 0
    assert sorted(os.listdir(new)) == ["lock", "trichat.db"]


@pytest.mark.parametrize("name", ["trichat.db-wal", "trichat.db-journal"])
def test_a_log_without_its_database_is_in_the_way(data: Path, tmp_path: Path, name: str) -> None:
    """It would be mixed into the one that is put there."""
    assert invoke("backup", "--data", data, tmp_path / "b.db").exit_code == 0
    new = tmp_path / "new"
    new.mkdir()
    (new / name).write_text("of another")
    done = invoke("restore", "--data", new, tmp_path / "b.db")
    assert done.stderr == f"Error: {new} is not empty: it has {name}\n"
    assert invoke("restore", "--replace", "--data", new, tmp_path / "b.db").exit_code == 0
    assert name not in os.listdir(new)


def test_a_restore_waits_for_nobody_who_reads_what_it_replaces(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log would be taken from under a backup that is being made."""
    monkeypatch.setattr("trichat.store.sqlite.backup.BUSY_MS", 50)
    assert invoke("backup", "--data", data, tmp_path / "b.db").exit_code == 0
    other = connect(data / "trichat.db", readonly=True)
    other.execute("BEGIN; SELECT count(*) FROM users").fetchall()
    done = invoke("restore", "--replace", "--data", data, tmp_path / "b.db")
    assert "another process has it open" in done.stderr
    assert not [name for name in os.listdir(data) if "replaced" in name or "part" in name]
    other.close()
    assert invoke("restore", "--replace", "--data", data, tmp_path / "b.db").exit_code == 0


def test_an_export_is_not_shown_on_a_terminal(data: Path) -> None:
    terminal, side = pty.openpty()
    words = [TRICHAT, "export", "--data", str(data), "-"]
    done = subprocess.run(
        words, stdout=side, stderr=subprocess.PIPE, env=environment(), check=False
    )
    os.close(side)
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: an export is not shown on a terminal")
    with pytest.raises(OSError, match="Input/output error"):  # nothing was written
        os.read(terminal, 1)
    os.close(terminal)


def test_a_server_that_is_starting_makes_the_tables_itself(tmp_path: Path) -> None:
    """`trichat user add` beside it waits for them, and makes none."""
    data = tmp_path / "data"
    with DataDirectory(data):

        def start() -> None:
            time.sleep(0.3)
            db = connect(data / "trichat.db")
            migrate(db)
            db.close()

        server = threading.Thread(target=start)
        server.start()
        done = invoke("user", "add", "ann", "--password", PASSWORD, "--data", data)
        server.join()
    assert done.exit_code == 0, done.output

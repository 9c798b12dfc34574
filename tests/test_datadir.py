"""The data directory: private when made, and one holder at a time."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from trichat.datadir import DataDirectory, DataDirectoryError, DataDirectoryInUseError

HOLD = """
import sys
from pathlib import Path
from trichat.datadir import DataDirectory
held = DataDirectory(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def refusal(path: Path) -> str:
    with pytest.raises(DataDirectoryInUseError) as caught:
        DataDirectory(path)
    return str(caught.value)


def test_it_is_made_private_with_its_parents(tmp_path: Path) -> None:
    path = tmp_path / "var" / "chat"
    with DataDirectory(path) as data:
        assert data.path == path
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE((path / "lock").stat().st_mode) == 0o600
        assert (path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_holder_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    with DataDirectory(tmp_path):
        text = f"data directory {tmp_path} is in use by process {os.getpid()}"
        assert refusal(tmp_path) == text
        assert refusal(tmp_path) == text


def test_closing_lets_it_go_and_may_be_repeated(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.close()
    with DataDirectory(tmp_path):
        data.close()
        refusal(tmp_path)


def test_an_unreadable_holder_is_another_process(tmp_path: Path) -> None:
    with DataDirectory(tmp_path):
        (tmp_path / "lock").write_bytes(b"\xff")
        assert refusal(tmp_path) == f"data directory {tmp_path} is in use by another process"


def test_a_stale_process_id_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("123456789012345\n")
    with DataDirectory(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_killed_process_lets_it_go(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert refusal(tmp_path).endswith(f" is in use by process {holder.pid}")
        holder.kill()
        holder.wait()
        DataDirectory(tmp_path).close()


def test_a_path_that_is_no_directory_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DataDirectoryError) as caught:
        DataDirectory(file)
    assert str(caught.value) == f"data directory {file} cannot be used: File exists"
    with pytest.raises(DataDirectoryError) as caught:
        DataDirectory(file / "below")
    assert str(caught.value) == f"data directory {file / 'below'} cannot be used: Not a directory"


@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_a_lock_that_is_a_link_is_refused_and_nothing_is_written(tmp_path: Path, kind: str) -> None:
    """Who owns a directory does not choose which file root writes over."""
    precious, data = tmp_path / "precious", tmp_path / "data"
    precious.write_text("precious")
    data.mkdir()
    if kind == "hard":
        os.link(precious, data / "lock")
    else:
        (data / "lock").symlink_to(precious)
    with pytest.raises(DataDirectoryError, match=f"data directory {data} cannot be used: "):
        DataDirectory(data)
    assert precious.read_text() == "precious"

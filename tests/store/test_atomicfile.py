"""A file is there whole or not at all, whoever else wants it and whatever lies there."""

import errno
import os
from pathlib import Path

import pytest

from trichat.store import atomicfile as module
from trichat.store.atomicfile import ExistsError, atomic_file


def test_it_bears_its_name_when_the_body_has_ended(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "f") as part:
        part.write_text("new")
        assert os.listdir(tmp_path) == ["f.part"]
    assert os.listdir(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "new"
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_when_it_raises_nor_what_lay_beside_it(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic_file(tmp_path / "f", beside=("-wal", "-journal")) as part:
            Path(f"{part}-journal").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert os.listdir(tmp_path) == []


def test_what_a_crash_left_beside_the_part_is_gone(tmp_path: Path) -> None:
    """A journal of another part must not be rolled back into this one."""
    (tmp_path / "f.part-journal").write_text("of another")
    (tmp_path / "f.part").write_text("half of another")
    with atomic_file(tmp_path / "f", beside=("-wal", "-journal")) as part:
        assert os.listdir(tmp_path) == ["f.part"]
        assert part.read_text() == ""


def test_a_name_that_somebody_else_takes_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    with pytest.raises(ExistsError, match="f exists by now"), atomic_file(tmp_path / "f"):
        (tmp_path / "f").write_text("theirs")
    assert (tmp_path / "f").read_text() == "theirs"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """As on a stick with FAT."""

    def link(part: Path, path: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", link)
    with atomic_file(tmp_path / "f") as part:
        part.write_text("new")
    assert os.listdir(tmp_path) == ["f"]
    with pytest.raises(ExistsError, match="g exists by now"), atomic_file(tmp_path / "g"):
        (tmp_path / "g").write_text("theirs")
    assert (tmp_path / "g").read_text() == "theirs"


def test_a_link_that_lies_there_leads_nowhere(tmp_path: Path) -> None:
    """Who owns a directory does not choose which file root writes over."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    os.link(precious, tmp_path / "f.part")
    with atomic_file(tmp_path / "f", ours=True) as part:
        part.write_text("new")
    (tmp_path / "g.part").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"), atomic_file(tmp_path / "g", ours=True):
        pass
    assert precious.read_text() == "precious"


def test_of_two_who_find_what_a_crash_left_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is told, at whatever moment it comes."""
    (tmp_path / "f.part").write_text("left by a crash")
    lock, refused = module._lock, []

    def lock_later(file: int, part: Path) -> None:
        monkeypatch.setattr(module, "_lock", lock)
        lock(file, part)
        with pytest.raises(ExistsError) as caught, atomic_file(tmp_path / "f"):
            pass
        refused.append(str(caught.value))

    monkeypatch.setattr(module, "_lock", lock_later)
    with atomic_file(tmp_path / "f") as part:
        part.write_text("new")
    assert refused == [f"{tmp_path / 'f.part'} is being written by another process"]
    assert (tmp_path / "f").read_text() == "new"


def test_who_has_lost_its_part_does_not_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process removed it between its making and its lock."""
    lock = module._lock

    def lock_too_late(file: int, part: Path) -> None:
        part.unlink()
        part.write_text("another's")
        lock(file, part)

    monkeypatch.setattr(module, "_lock", lock_too_late)
    with (
        pytest.raises(ExistsError, match="being written by another process"),
        atomic_file(tmp_path / "f"),
    ):
        pass
    assert (tmp_path / "f.part").read_text() == "another's"

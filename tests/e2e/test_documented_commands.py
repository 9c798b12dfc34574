"""Every command line of docs/backup.md and docs/upgrading.md, run as it stands there."""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import STDOUT

import apsw
import pytest
import trio

from tests.e2e.launching import TRICHAT, command, environment
from tests.e2e.programs import ROOT
from tests.e2e.users import PASSWORD
from tests.store.test_eras import NEWEST, as_left

COMMAND = re.compile(r"^ {4}(?:[0-9*]+ [0-9*]+ \* \* \* +trichat +)?(\S*/bin/trichat .*)$", re.M)


def lines(page: str) -> list[str]:
    found = COMMAND.findall((ROOT / "docs" / page).read_text())
    return [line.partition("  #")[0].strip() for line in found]


async def run(line: str, place: Path) -> str:
    """In a shell, with the places of the page in one directory."""
    told = re.sub(r"\S*/bin/trichat", TRICHAT, line)
    for old, new in (("/var/lib/trichat", "DIR"), ("/backup/", "backup/")):
        told = told.replace(old, new)
    told = re.sub(r"trichat-2026-01-31", "trichat-$(date +%F)", told)
    done = await trio.run_process(
        ["sh", "-c", told], cwd=place, env=environment(), check=False, stdin=b"",
        capture_stdout=True, stderr=STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, (line, done.stdout)
    return done.stdout.decode()


@pytest.fixture
async def place(tmp_path: Path) -> Path:
    """DIR has ann in it."""
    (tmp_path / "backup").mkdir()
    code, _, said = await command(
        "user", "add", "ann", "--password", PASSWORD, "--data", str(tmp_path / "DIR")
    )
    assert code == 0, said
    return tmp_path


def gone(name: str) -> Callable[[Path], object]:
    """As on another machine."""
    return lambda place: (place / name).rename(place / f"{name}-before")


# What is so where the page has the reader run the line.
BEFORE: dict[str, Callable[[Path], object]] = {
    ".venv/bin/trichat restore --data DIR /backup/trichat-2026-01-31.db": gone("DIR"),
    ".venv/bin/trichat import --data NEW --old-rules chat.jsonl": gone("NEW"),
}


async def test_backup_md(place: Path) -> None:
    """In the page's order; each does what the next one needs."""
    page = lines("backup.md")
    assert len(page) == 9
    assert set(BEFORE) <= set(page)
    for line in page:
        if line in BEFORE:
            BEFORE[line](place)
        said = await run(line, place)
        if " check" in line:
            assert "is whole: 1 users" in said
    for data in ("DIR", "NEW", "NEW-before"):
        assert b"SQLite" in (place / data / "trichat.db").read_bytes()[:16]
    assert (place / "chat.jsonl.gz").exists()


async def test_upgrading_md(tmp_path: Path) -> None:
    """The way back, with the copy that the migration made."""
    (line,) = lines("upgrading.md")
    as_left(tmp_path / "DIR" / "trichat.db", 6, 7)
    code, _, said = await command("user", "role", "ann", "ADMIN", "--data", str(tmp_path / "DIR"))
    assert code == 0, said
    assert schema(tmp_path / "DIR" / "trichat.db") == NEWEST
    said = await run(line, tmp_path)
    assert "what was there before is DIR/trichat.db.replaced-1 now" in said
    assert schema(tmp_path / "DIR" / "trichat.db") == 7
    assert schema(tmp_path / "DIR" / "trichat.db.replaced-1") == NEWEST


def schema(path: Path) -> int:
    db = apsw.Connection(str(path))
    try:
        return int(db.pragma("user_version"))
    finally:
        db.close()

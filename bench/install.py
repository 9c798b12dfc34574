"""What the peers need, kept in bench/.venv and bench/.cache: nothing is installed elsewhere."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bench.peer import Command, Peer, Place

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"

# Seconds that one step of an installation may take.
PATIENCE = 600


class Missing(Exception):  # noqa: N818 - it is no error: the report names it
    """A peer cannot be had; the text says why, in one line."""


def build(peer: Peer, place: Place) -> None:
    """Everything this peer needs. Raises Missing."""
    if peer.pip:
        _environment(place.venv)
        for name in peer.pip:
            if package_version(place, name) == "?":
                raise Missing(f"the package {name} is not there")
    if any(not _found(place, program) for program in peer.programs):
        _unpack(place.debian, peer.debian)
    for program in peer.programs:
        if not _found(place, program):
            raise Missing(f"the program {program} is not there")
    try:
        commands = peer.build(place)
    except FileNotFoundError as error:
        raise Missing(f"{error} is not there") from None
    for command in commands:
        _run(command)


def _found(place: Place, program: str) -> bool:
    try:
        place.program(program)
    except FileNotFoundError:
        return False
    return True


@cache
def _environment(venv: Path) -> None:
    """A virtual environment with all that the Python peers need, as it was pinned."""
    if not REQUIREMENTS.exists():
        raise Missing("there is no bench/requirements.txt")
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    done = venv / ".installed"
    if done.exists() and done.read_text() == digest:
        return
    print("installing what the Python peers need into bench/.venv", file=sys.stderr, flush=True)
    _run(Command([sys.executable, "-m", "venv", "--clear", str(venv)]))
    pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    _run(Command([*pip, "--disable-pip-version-check", "-r", str(REQUIREMENTS)]))
    done.write_text(digest)


def package_version(place: Place, name: str) -> str:
    """Of a package in bench/.venv; ? for none."""
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    asked = subprocess.run(
        [place.python, "-c", code, name], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "?"


def _unpack(root: Path, packages: Sequence[str]) -> None:
    """Debian's packages below `root`, fetched if they are not there."""
    root.mkdir(parents=True, exist_ok=True)
    for package in packages:
        done = root / f".{package}"
        if done.exists():
            continue
        print(f"fetching Debian's {package} into bench/.cache", file=sys.stderr, flush=True)
        downloads = root.parent / "packages"
        downloads.mkdir(exist_ok=True)
        _run(Command(["apt-get", "download", package], cwd=downloads))
        newest = max(downloads.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)
        _run(Command(["dpkg-deb", "-x", str(newest), str(root)]))
        done.touch()


def _run(command: Command) -> None:
    try:
        made = subprocess.run(
            list(command.argv),
            env=_environ(command),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{Path(command.argv[0]).name}: {error}") from None
    if made.returncode:
        last = (made.stderr or made.stdout).strip().splitlines()[-1:] or ["no output"]
        raise Missing(f"{Path(command.argv[0]).name} failed: {last[0][:300]}")


def _environ(command: Command) -> dict[str, str]:
    return {**os.environ, **command.env}

"""Which trichat this is: its version, and its commit where that is known."""

import json
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

VERSION: Final = version("trichat")
PYTHON: Final = ".".join(map(str, sys.version_info[:3]))


@cache
def commit() -> str | None:
    """The commit that was installed: pip noted it, or the checkout in use says it."""
    try:
        noted = distribution("trichat").read_text("direct_url.json")
        origin = json.loads(noted or "{}")
        known = origin.get("vcs_info", {}).get("commit_id")
        if known or not origin.get("dir_info", {}).get("editable"):
            return known if isinstance(known, str) else None
        return _head(Path(unquote(urlsplit(origin["url"]).path)))
    except (PackageNotFoundError, OSError, ValueError, KeyError, AttributeError):
        return None


def _head(checkout: Path) -> str | None:
    """What Git has checked out there. Raises OSError."""
    git = checkout / ".git"
    if git.is_file():  # a further worktree of one repository
        git = checkout / git.read_text().removeprefix("gitdir:").strip()
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    common = git / "commondir"
    shared = git / common.read_text().strip() if common.is_file() else git
    for place in (git, shared):
        if (place / name).is_file():
            return (place / name).read_text().strip()
    for line in (shared / "packed-refs").read_text().splitlines():
        number, _, packed = line.partition(" ")
        if packed == name:
            return number
    return None

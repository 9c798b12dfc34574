"""The whole database as JSON Lines, and back."""

from trichat.store.sqlite.archive.lines import ArchiveError
from trichat.store.sqlite.archive.reading import import_lines
from trichat.store.sqlite.archive.rules import Checks
from trichat.store.sqlite.archive.writing import export_lines

__all__ = ["ArchiveError", "Checks", "export_lines", "import_lines"]

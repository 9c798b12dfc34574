"""The default store: one SQLite file, through apsw."""

from trichat.store.sqlite.adapter import SqliteStore
from trichat.store.sqlite.threads import Inline, Threads

__all__ = ["Inline", "SqliteStore", "Threads"]

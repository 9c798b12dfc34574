"""The default store: one SQLite file, through apsw."""

from trichat.store.sqlite.adapter import SqliteStore, in_threads, inline

__all__ = ["SqliteStore", "in_threads", "inline"]

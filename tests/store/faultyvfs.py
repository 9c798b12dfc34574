"""A file system under SQLite that records what is written and synced, and fails when told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import apsw

WRITE, SYNC = "write", "sync"
Step = tuple[str, str]  # (write or sync, "db" or "wal")


class Disk:
    """steps: what happened. fails: asked before each step whether that one is to fail."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.fails: Callable[[Step], bool] = lambda step: False
        self.error: type[apsw.Error] = apsw.FullError

    def do(self, action: str, file: str) -> None:
        step = action, file
        if self.fails(step):
            raise self.error("the disk says no")
        self.steps.append(step)

    def fail_from(self, number: int) -> None:
        """That many steps go well, then none."""
        steps = count()
        self.fails = lambda step: next(steps) >= number

    def heal(self) -> None:
        self.fails = lambda step: False


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        wal = flags[0] & apsw.SQLITE_OPEN_WAL
        self._kind = "wal" if wal else "db"
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.do(WRITE, self._kind)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._disk.do(SYNC, self._kind)
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__("faulty", "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:
        return _File(self._disk, name, flags)


@contextmanager
def faulty() -> Iterator[Disk]:
    """Every database opened meanwhile lies on this disk."""
    disk = Disk()
    vfs = _Vfs(disk)
    try:
        yield disk
    finally:
        vfs.unregister()

"""A file system under SQLite that records what is written and synced, and that fails, fills up or
is slow when told to.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import apsw

READ, WRITE, SYNC = "read", "write", "sync"
Step = tuple[str, str]  # (what, "db" or "wal")


class Disk:
    """steps: what was written and synced. fails: asked before each step whether it is to fail.
    space: bytes by which files may still grow. slow: seconds that each sync takes.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.fails: Callable[[Step], bool] = lambda step: False
        self.error: type[apsw.Error] = apsw.FullError
        self.space: int | None = None
        self.slow = 0.0

    def do(self, action: str, file: str) -> None:
        step = action, file
        if self.fails(step):
            raise self.error("the disk says no")
        if action == SYNC and self.slow:
            time.sleep(self.slow)
        if action != READ:
            self.steps.append(step)

    def grow(self, size: int) -> None:
        """A file shall be so much longer."""
        if self.space is None:
            return
        if size > self.space:
            raise apsw.FullError("no space left on the disk")
        self.space -= size

    def fail_from(self, number: int) -> None:
        """That many steps go well, then none."""
        steps = count()
        self.fails = lambda step: step[0] != READ and next(steps) >= number

    def heal(self) -> None:
        self.fails = lambda step: False
        self.space = None


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        wal = flags[0] & apsw.SQLITE_OPEN_WAL
        self._kind = "wal" if wal else "db"
        super().__init__("unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:
        self._disk.do(READ, self._kind)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.do(WRITE, self._kind)
        if self._disk.space is not None:
            self._disk.grow(max(0, offset + len(data) - self.xFileSize()))
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

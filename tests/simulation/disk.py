"""A disk under SQLite that can be slow, full and failing, and after a crash has what was synced.

SQLite works on files in memory as ever. Beside each stands what of it would be there after the
power went: what was written since the last sync is not, or only a first part of it.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw
import trio

_numbers = count()

Pending = tuple[int, bytes | None]  # where and what; None: cut off there


class Image:
    """One file: what is on the platter, and what is on its way there."""

    def __init__(self, durable: bytes = b"") -> None:
        self.durable = bytearray(durable)
        self.pending: list[Pending] = []

    def sync(self, writes: int | None = None) -> None:
        """So many of the pending writes, all without a number."""
        for offset, data in self.pending[:writes]:
            if data is None:
                del self.durable[offset:]
                continue
            short = offset - len(self.durable)
            if short > 0:
                self.durable += bytes(short)
            self.durable[offset : offset + len(data)] = data
        self.pending.clear()


class Disk:
    """at: a directory in memory. fault: asked before each write and sync for the error it shall
    end with. on_sync: called behind each sync. latency: seconds that a transaction or a read
    takes before and after it is done. sleep: passes them, whoever cancels. loses: asked behind
    each transaction whether its answer is lost, as that of a store behind a network may be.
    """

    def __init__(self, at: Path, images: dict[str, bytes], random: Random) -> None:
        self.at = at
        self._random = random
        self._images = {name: Image(data) for name, data in images.items()}
        self.fault: Callable[[str], type[apsw.Error] | None] = lambda action: None
        self.on_sync: Callable[[], object] = lambda: None
        self.latency: Callable[[], float] = lambda: 0.0
        self.loses: Callable[[], bool] = lambda: False
        self.sleep: Callable[[float], Awaitable[object]] = trio.sleep
        self.dead = False
        self.faults = 0
        at.mkdir(parents=True)
        for name, data in images.items():
            (at / name).write_bytes(data)

    def image(self, name: str) -> Image:
        return self._images.setdefault(name, Image())

    def forget(self, name: str) -> None:
        self._images.pop(name, None)

    def do(self, action: str) -> None:
        error = None if self.dead else self.fault(action)
        if error is not None:
            self.faults += 1
            raise error("the disk says no")

    def after_crash(self, *, torn: bool) -> dict[str, bytes]:
        """What a new start finds. torn: of what was not synced, a first part came through."""
        for image in self._images.values():
            image.sync(self._random.randint(0, len(image.pending)) if torn else 0)
        return self.content()

    def content(self) -> dict[str, bytes]:
        """Each file as it is on the platter."""
        return {name: bytes(image.durable) for name, image in self._images.items()}


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        file = name.filename() if isinstance(name, apsw.URIFilename) else name
        # What SQLite sets aside for a moment has no name, and nobody finds it after a crash.
        self._image = Image() if file is None else disk.image(Path(file).name)
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.do("write")
        if not self._disk.dead:
            self._image.pending.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        if not self._disk.dead:
            self._image.pending.append((size, None))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        self._disk.do("sync")
        if not self._disk.dead:
            self._image.sync()
            self._disk.on_sync()


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        super().__init__(name, "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> _File:
        return _File(self._disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        if not self._disk.dead:
            self._disk.forget(Path(name).name)
        super().xDelete(name, sync)


@contextmanager
def mounted(disk: Disk) -> Iterator[None]:
    """Every database opened meanwhile lies on it."""
    vfs = _Vfs(disk, f"simulated-{next(_numbers)}")
    try:
        yield
    finally:
        vfs.unregister()


class Hands:
    """The store's Offload: in the calling task, in the disk's own time."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    async def __call__(
        self, function: Callable[[], Any], then: Callable[[Any], object] | None = None, /
    ) -> Any:
        await trio.lowlevel.checkpoint()
        await self._wait()
        try:
            answer = function()
        finally:
            await self._wait()
        if then is not None:
            then(answer)
        return answer

    async def _wait(self) -> None:
        seconds = 0.0 if self._disk.dead else self._disk.latency()
        if seconds:
            await self._disk.sleep(seconds)

    def close(self) -> None:
        pass

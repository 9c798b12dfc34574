"""The fault: Hypercorn takes a Unix socket away from a server that is alive.

It leaves its own behind when it ends, with whatever permissions the umask gave. The cure: a socket
is replaced only where nobody listens, its permissions are set before it listens, and it is removed
at the end if it is still ours. Under the command `hypercorn` only the last can be done: it binds
before it loads the app.
"""

import errno
import os
import socket
import stat
from collections.abc import Iterable
from contextlib import suppress

from attrs import frozen
from hypercorn.config import Config


@frozen
class Place:
    """A socket file: its path, and which file it is."""

    path: str
    device: int
    inode: int

    @classmethod
    def of(cls, path: str) -> "Place":
        """Return the file that is there now. Raises OSError."""
        found = os.lstat(path)
        return cls(path, found.st_dev, found.st_ino)

    def remove(self) -> None:
        """Remove the file, unless somebody else has put another one there."""
        with suppress(OSError):
            if Place.of(self.path) == self:
                os.unlink(self.path)


def places(sockets: Iterable[socket.socket]) -> list[Place]:
    """Return the files of those that are Unix sockets."""
    found = []
    for each in sockets:
        if each.family is socket.AF_UNIX and (path := each.getsockname()):
            with suppress(OSError):
                found.append(Place.of(path))
    return found


def bound(path: str, mode: int) -> socket.socket:
    """Make a Unix socket at the path that does not listen yet, with these permissions.

    Raises OSError, whose strerror says why in words.
    """
    make_way(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(path)
        os.chmod(path, mode)  # nobody can connect before it listens
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def make_way(path: str) -> None:
    """Remove a socket that nobody listens on: its server was killed.

    Raises OSError where none can be made, whose strerror says why in words.
    """
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise OSError(errno.EEXIST, "there is a file that is no socket")
    except FileNotFoundError:
        if not os.path.isdir(os.path.dirname(path)):
            raise OSError(errno.ENOENT, "there is no such directory") from None
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # who listens with a full backlog is there, too
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except BlockingIOError:
            pass
    raise OSError(errno.EADDRINUSE, "another process listens there")


class LocalConfig(Config):
    """Hypercorn's configuration, with our way of making Unix sockets.

    mode: their permissions.
    """

    mode: int = 0o660

    def __init__(self) -> None:
        super().__init__()
        self._places: list[Place] = []

    def _create_sockets(
        self, binds: list[str], type_: int = socket.SOCK_STREAM
    ) -> list[socket.socket]:
        others = [bind for bind in binds if not bind.startswith("unix:")]
        made = [bound(bind[5:], self.mode) for bind in binds if bind.startswith("unix:")]
        self._places += places(made)
        return [*made, *super()._create_sockets(others, type_)]

    def leave(self) -> None:
        """Remove the files of its Unix sockets."""
        for place in self._places:
            place.remove()
        self._places.clear()

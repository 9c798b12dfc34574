"""`trichat serve` tries first where it listens and with which certificate.

A start that fails for these then makes nothing.
"""

import errno
import socket
from types import TracebackType

from hypercorn.config import Sockets

from trichat.settings import Settings
from trichat.settings.hosts import socket_path
from trichat.settings.unusable import UnusableError
from trichat.worker.certificates import CertificateError, looked_at
from trichat.worker.localsockets import LocalConfig, make_way


class Listening(LocalConfig):
    """Hypercorn's configuration, as a context.

    Entering makes its sockets and looks at its certificate; they listen once Hypercorn asks for
    them. Raises UnusableError.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._server = settings.server
        self._sockets: Sockets | None = None

    def __enter__(self) -> "Listening":
        if self.certfile is not None and self.keyfile is not None:
            try:
                looked_at(self.certfile, self.keyfile)
            except CertificateError as error:
                raise UnusableError(f"server.{error.option}", error.reason) from None
        path = socket_path(self._server.host)
        if path is None:
            self._claim()
            return self
        # A Unix socket is made later: as long as it does not listen, it looks like a dead server's.
        try:
            make_way(path)
        except OSError as error:
            raise self._unusable(error) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._sockets is not None:
            for each in self._claim():
                each.close()  # Hypercorn has closed those that it was given
        self.leave()

    def create_sockets(self) -> Sockets:
        """Return its sockets, which listen from now on. Raises UnusableError."""
        try:
            for each in self._claim():
                each.listen(self.backlog)
        except OSError as error:  # of two who have bound one port, the first to listen has it
            raise self._unusable(error) from None
        assert self._sockets is not None
        return self._sockets

    def _claim(self) -> list[socket.socket]:
        if self._sockets is None:
            try:
                self._sockets = super().create_sockets()
            except (OSError, UnicodeError) as error:
                raise self._unusable(error) from None
        return [*self._sockets.secure_sockets, *self._sockets.insecure_sockets]

    def _unusable(self, error: OSError | UnicodeError) -> UnusableError:
        host = self._server.host
        if isinstance(error, UnicodeError):
            return UnusableError("server.host", "is no host name")
        if isinstance(error, socket.gaierror):
            return UnusableError("server.host", f"no such host is known here: {error.strerror}")
        if socket_path(host) is not None:
            return UnusableError("server.host", error.strerror or str(error))
        match error.errno:
            case errno.EADDRINUSE:
                return UnusableError("server.port", f"another process listens there, on {host!r}")
            case errno.EACCES:
                return UnusableError("server.port", "this process may not listen on that port")
            case errno.EADDRNOTAVAIL:
                return UnusableError("server.host", "no interface here has this address")
        return UnusableError("server.host", error.strerror or str(error))

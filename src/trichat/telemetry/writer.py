"""A thread writes lines, so that whoever makes one never waits for a reader or a disk.

The queue is bounded in bytes. What does not fit, or cannot be written, is dropped and counted, and
when writing goes on one line says how many were lost.
"""

import threading
from collections import deque
from collections.abc import Callable

from trichat.telemetry.sinks import Sink

QUEUE_BYTES = 4_194_304

Reopened = Callable[[OSError | None], object]
Notice = Callable[[int], bytes]


class LineWriter:
    """The bounded queue of lines to one sink, and the thread that empties it.

    bound: bytes that wait. lost: lines that were dropped so far.
    """

    def __init__(self, sink: Sink, *, bound: int = QUEUE_BYTES) -> None:
        self._sink = sink
        self._notice: Notice | None = None  # as the last who put a line would have it
        self._bound = bound
        self._lines: deque[tuple[int, bytes]] = deque()  # dropped just before, and the line
        self._waiting = 0  # bytes, those of the line that is being written included
        self._full = False
        self._dropped = 0  # since the last line that was queued
        self._unreported = 0  # dropped before the line that is written now; the thread's alone
        self._reopened: Reopened | None = None
        self._in_vain = False
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()  # its lock is reentrant: signal handlers may log
        self.lost = 0

    def put(self, line: bytes, notice: Notice | None = None) -> None:
        """Queue a line with its end, or drop it. Any thread may; nobody waits.

        notice: makes the line that counts so many lost ones, from now on; as long as nobody has
        given one they are only counted.
        """
        with self._changed:
            self._notice = notice or self._notice
            # Once full it takes lines again when half is written: a slow reader would get a notice
            # between every two lines otherwise.
            room = self._bound // 2 if self._full else self._bound
            self._full = self._waiting + len(line) > room
            if self._full:
                self._dropped += 1
                self.lost += 1
                return
            self._lines.append((self._dropped, line))
            self._dropped = 0
            self._waiting += len(line)
            self._wake()

    def reopen(self, done: Reopened) -> None:
        """Have the thread reopen the sink. done: called in the thread, with what went wrong."""
        with self._changed:
            self._reopened = done
            self._wake()

    def drain(self, seconds: float) -> bool:
        """Wait until nothing waits to be written, or so long; return whether that came.

        After one wait in vain there is no other, unless something was written since.
        """
        with self._changed:
            if not self._in_vain:
                self._in_vain = not self._changed.wait_for(self._is_idle, seconds)
            return self._is_idle()

    def _is_idle(self) -> bool:
        return not (self._waiting or self._dropped or self._reopened)

    def _wake(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._is_idle())
                reopened = self._reopened
                dropped, line = self._lines.popleft() if self._lines else (self._dropped, b"")
                if not line:
                    self._dropped = 0
            try:
                self._write(dropped, line)
            finally:
                with self._changed:
                    self._waiting -= len(line)
                    self._changed.notify_all()
            if reopened is not None:
                self._reopen(reopened)

    def _write(self, dropped: int, line: bytes) -> None:
        self._unreported += dropped
        try:
            notice = self._notice
            if self._unreported and notice is not None:
                self._sink.write(notice(self._unreported))
                self._unreported = 0
            self._sink.write(line)
            self._in_vain = False
        except OSError:
            if line:
                self._unreported += 1
                self.lost += 1

    def _reopen(self, done: Reopened) -> None:
        failure = None
        try:
            self._sink.reopen()
        except OSError as error:
            failure = error
        with self._changed:
            self._reopened = None
            self._changed.notify_all()
        done(failure)

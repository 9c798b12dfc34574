"""What the clients share: a connection that is made again when it is lost.

Nothing here knows a dialect. A dialect is a subclass: it greets, hears frames and says a text.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

# After these close codes another connection may do better; after any other it would not.
AGAIN = {
    1001: "the server went away, or had not heard of us",
    1005: "the server hung up",
    1006: "the connection broke",
    1011: "the server failed",
    1012: "the server restarts",
    1013: "we read more slowly than we were sent",
    1014: "a proxy lost the server",
}
STOP = {
    1000: "the server is done with us",
    1002: "this client broke the protocol",
    1007: "the server could not read a message",
    1008: "the token is wrong or over, or the account is suspended or connected too often",
    1009: "a message was too large",
}
HTTP_AGAIN = (408, 425, 429)  # and 500 or more
HTTP_STOP = {401: "the token is wrong or has expired", 404: "no chat at this address"}


class StopError(Exception):
    """To try again would not help: why."""


class LostError(Exception):
    """The server cannot be reached now: how that showed."""


class Backoff:
    """Full jitter: a wait is any time up to a ceiling that doubles from `base` to `cap` seconds.

    A connection that was of use for `good` seconds begins it anew.
    """

    def __init__(self, base: float, cap: float, good: float = 5.0) -> None:
        self.base, self.cap, self.good = base, cap, good
        self.tries = 0

    def wait(self, lasted: float, chance: Callable[[], float] = random.random) -> float:
        """Seconds to the next try, when the last connection was of use for so many."""
        if lasted >= self.good:
            self.tries = 0
        ceiling = min(self.cap, self.base * 2.0 ** min(self.tries, 50))
        self.tries += 1
        return chance() * ceiling


def why(error: Exception, codes: dict[int, str]) -> str:
    """What ended a connection. Raises StopError after what does not pass by itself."""
    if isinstance(error, ConnectionClosed):
        code = error.rcvd.code if error.rcvd else 1006
        if code not in AGAIN:
            reason = codes.get(code) or STOP.get(code, "the server turned us away")
            raise StopError(f"{reason} (close code {code})") from None
        return f"{AGAIN[code]} (close code {code})"
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status < 500 and status not in HTTP_AGAIN:
            reason = HTTP_STOP.get(status, "the server turned us away")
            raise StopError(f"{reason} (HTTP {status})") from None
        return f"the server takes nobody now (HTTP {status})"
    return str(error) or type(error).__name__


def note(text: str) -> None:
    """About the conversation, not of it."""
    print(f"* {text}", file=sys.stderr, flush=True)


class Client:
    """path: where the dialect is spoken; query: what is asked for there. codes: its close codes
    beside STOP's. in_header: whether it takes the token there. recalls: whether it can tell after a
    loss if a text had arrived.

    heartbeat: seconds after which a line that gives no answer is taken for dead.
    """

    path = ""
    query: dict[str, str] = {}  # noqa: RUF012
    codes: dict[int, str] = {}  # noqa: RUF012
    in_header = False
    recalls = False

    def __init__(
        self,
        address: str,
        token: str,
        show: Callable[[str], None],
        backoff: Backoff,
        heartbeat: float = 20.0,
    ) -> None:
        self.address, self.token, self.show = address, token, show
        self.lines: asyncio.Queue[str] = asyncio.Queue(100)  # full: the input waits
        self.pending: str | None = None  # the one text that is next, or under way
        self._under_way = False
        self._answered = asyncio.Event()
        self._ready = asyncio.Event()
        self._ready_at = 0.0
        self._pause = 0.0
        self._backoff = backoff
        self._heartbeat = heartbeat
        self._socket: ClientConnection

    # -- what a dialect does

    async def greet(self) -> None:
        """What is sent first on each connection."""

    async def heard(self, frame: Any) -> None:
        """A frame; the next one waits until this is done."""
        raise NotImplementedError

    async def say(self, text: str) -> None:
        """Send it; `sent` or `refused` follows when the server has answered."""
        raise NotImplementedError

    # -- what a dialect says of itself

    async def send(self, frame: object) -> None:
        await self._socket.send(json.dumps(frame))

    def ready(self) -> None:
        """The greeting is answered: what was typed may go."""
        if not self._ready.is_set():
            self._ready_at = time.monotonic()
            self._ready.set()
            note("connected")

    def sent(self) -> None:
        """The pending text is stored."""
        if self.pending is not None:
            self.pending, self._under_way = None, False
            self.lines.task_done()
            self._answered.set()

    def refused(self, reason: str) -> None:
        """The pending text is not wanted; without one the reason is about something else."""
        note(reason if self.pending is None else f"not sent, {reason}: {self.pending}")
        self.sent()

    def too_fast(self, seconds: float) -> None:
        """The pending text is wanted later."""
        note(f"too many messages, going on in {seconds:g} s")
        self._pause, self._under_way = seconds, False
        self._answered.set()

    def recall(self, text: str) -> None:
        """It stands in the history as our own: if it is what was under way, it had arrived."""
        if self._under_way and not self._ready.is_set() and text == self.pending:
            self.sent()

    # -- the connection

    @property
    def url(self) -> str:
        return f"{self.address.replace('http', 'ws', 1)}{self.path}"

    async def target(self) -> tuple[str, dict[str, str]]:
        """The address of the next connection, and its headers."""
        if self.in_header:
            return self.url, self.credential()
        return f"{self.url}?{urlencode({**self.query, 'token': self.token})}", {}

    def credential(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def run(self) -> None:
        """Until cancelled. Raises StopError when it is no use to try again."""
        while True:
            try:
                url, headers = await self.target()
                async with connect(
                    url,
                    additional_headers=headers,
                    open_timeout=self._heartbeat,
                    ping_interval=self._heartbeat,
                    ping_timeout=self._heartbeat,
                    close_timeout=2,
                    max_size=2**24,
                ) as self._socket:
                    try:
                        await self._converse()
                    finally:
                        await self._socket.close()  # else, on Ctrl-C too, the code would be 1011
            except (ConnectionClosed, InvalidHandshake, OSError, LostError) as error:
                reason = why(error, self.codes)
            wait = self._backoff.wait(time.monotonic() - self._ready_at if self._ready_at else 0)
            self._lost()
            note(f"{reason}; trying again in {wait:.1f} s")
            await asyncio.sleep(wait)

    def _lost(self) -> None:
        self._ready.clear()
        self._ready_at = 0.0
        if self._under_way and not self.recalls:
            note(f"perhaps not sent: {self.pending}")
            self.sent()

    async def _converse(self) -> None:
        await self.greet()
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            await self.heard(json.loads(await self._socket.recv()))

    async def _speak(self) -> None:
        """One text at a time: the next goes when the server has answered."""
        await self._ready.wait()
        while True:
            if self.pending is None:
                self.pending = await self.lines.get()
            self._answered.clear()
            self._under_way = True
            await self.say(self.pending)
            await self._answered.wait()
            await asyncio.sleep(self._pause)
            self._pause = 0.0

"""A server as its users have it: a process of its own, heard by what it prints."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from attrs import define, field

BIN = Path(sys.executable).parent
TRICHAT = str(BIN / "trichat")

# Seconds that a start or an end may take on a busy machine.
PATIENCE = 30.0

CHEAP_PASSWORDS = {
    "TRICHAT_AUTH_ARGON2_TIME": "1",
    "TRICHAT_AUTH_ARGON2_MEMORY": "8",
    "TRICHAT_AUTH_ARGON2_PARALLELISM": "1",
}

LISTENING = re.compile(r"^Listening on (https?://\S+), storing in .+$", re.MULTILINE)
RUNNING = re.compile(r"Running on (https?://\S+) ")  # what Hypercorn itself prints


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, but for an operator's own settings of trichat."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(_SETTINGS)}
    return {**own, "PYTHONUNBUFFERED": "1", **CHEAP_PASSWORDS, **(extra or {})}


_SETTINGS = ("TRICHAT_", "CHAT_")


@define(eq=False)
class Launched:
    """said: all it has printed so far, on both streams. ready: what it prints with its address."""

    process: trio.Process
    ready: re.Pattern[str]
    said: str = ""
    address: str = ""
    _listens: trio.Event = field(factory=trio.Event)
    _silent: trio.Event = field(factory=trio.Event)

    async def listen(self) -> None:
        """Read on until it prints no more."""
        assert self.process.stdout is not None
        async for data in self.process.stdout:
            self.said += data.decode(errors="replace")
            found = self.ready.search(self.said)
            if found and not self.address:
                self.address = found[1]
                self._listens.set()
        self._silent.set()
        self._listens.set()

    async def until_it_listens(self) -> None:
        """Until it has printed its address."""
        with trio.fail_after(PATIENCE):
            await self._listens.wait()
        assert self.address, f"the server did not start:\n{self.said}"

    async def ended(self) -> int:
        """Its exit code."""
        with trio.fail_after(PATIENCE):
            code = await self.process.wait()
            await self._silent.wait()
        return code


@asynccontextmanager
async def launched(
    command: list[str],
    env: Mapping[str, str] | None = None,
    *,
    ready: re.Pattern[str] = LISTENING,
) -> AsyncIterator[Launched]:
    """A server on a free port. In the end SIGTERM, and it must end well, unless it has ended."""
    async with trio.open_nursery() as nursery:
        process = await trio.lowlevel.open_process(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(env),
            start_new_session=True,  # so that Hypercorn's worker goes with it when a test fails
        )
        server = Launched(process, ready)
        nursery.start_soon(server.listen)
        try:
            await server.until_it_listens()
            yield server
            if process.returncode is None:
                process.terminate()
                assert await server.ended() == 0, server.said
                assert "Traceback" not in server.said, server.said
        except BaseException:
            print(server.said)
            raise
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                with trio.CancelScope(shield=True):
                    await process.wait()


def serve(data: Path, *options: str) -> list[str]:
    """The command line of `trichat serve` on a free port."""
    return [TRICHAT, "serve", "--port", "0", "--data", str(data), *options]


async def command(*words: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run `trichat` with these words: its exit code and what it printed, on either stream."""
    with trio.fail_after(PATIENCE):
        done = await trio.run_process(
            [TRICHAT, *words],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=environment(env),
        )
    return done.returncode, done.stdout.decode(), done.stderr.decode()

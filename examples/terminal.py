"""A client in a terminal: its arguments, what is typed, what is printed, Ctrl-C."""

import argparse
import asyncio
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from reconnect import Backoff, Client, StopError, note

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # would move the cursor, or forge a line


def arguments(description: str) -> argparse.ArgumentParser:
    """What every client takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", type=_address, help="such as http://127.0.0.1:8000")
    parser.add_argument("token")
    parser.add_argument("--listen", action="store_true", help="go on after the end of the input")
    parser.add_argument("--base", type=float, default=0.5, help="longest first wait, in seconds")
    parser.add_argument("--cap", type=float, default=30.0, help="longest wait of all, in seconds")
    parser.add_argument(
        "--heartbeat",
        type=float,
        default=20.0,
        help="how long a line may give no answer, in seconds",
    )
    return parser


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    return text.rstrip("/")


def common(
    args: argparse.Namespace,
) -> tuple[str, str, Callable[[str], None], Backoff, float]:
    """Of these arguments, what Client takes."""
    return args.address, args.token, show, Backoff(args.base, args.cap), args.heartbeat


def show(line: str) -> None:
    try:
        print(CONTROL.sub("\N{REPLACEMENT CHARACTER}", line), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise StopError("nobody reads what is printed") from None


def chat(client: Client, listen: bool) -> None:
    """Send what is typed, until Ctrl-C or the end of the input; then exit."""
    stopped = False
    try:
        asyncio.run(_chat(client, listen))
    except asyncio.CancelledError:
        pass
    except StopError as error:
        note(str(error))
        stopped = True
    unsent = client.lines.qsize() + (client.pending is not None)
    if unsent:
        note(f"not sent: {unsent} of what was typed")
    sys.exit(1 if stopped or unsent else 0)


async def _chat(client: Client, listen: bool) -> None:
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(client.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)

    async def finish() -> None:
        await client.lines.join()
        running.cancel()

    def read() -> None:
        """In a thread; os.read, since a thread that waits in sys.stdin spoils the exit."""
        rest = b""
        with suppress(OSError, RuntimeError):  # the terminal went, or the loop has ended
            while data := os.read(0, 65536):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    put(line)
            put(rest)
            if not listen:
                asyncio.run_coroutine_threadsafe(finish(), loop)

    def put(line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        if text.strip():
            asyncio.run_coroutine_threadsafe(client.lines.put(text), loop).result()

    threading.Thread(target=read, daemon=True).start()
    await running

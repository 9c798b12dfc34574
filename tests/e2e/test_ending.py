"""Ends that nobody asked for, and ends asked for twice."""

import os
import signal
import sys
from pathlib import Path

import pytest
import trio

from tests.e2e.launching import BIN, PATIENCE, RUNNING, Launched, launched, serve
from tests.e2e.users import Users, users_of

ROOT = Path(__file__).parents[2]
DYING = "tests.e2e.dying"


@pytest.mark.parametrize("by", ["trichat", "hypercorn"])
async def test_a_runtime_that_dies_ends_the_server_and_says_so(data: Path, by: str) -> None:
    """Sockets are closed, and somebody can start it anew."""
    if by == "trichat":
        command, ready = [sys.executable, "-m", DYING, *serve(data)[1:]], None
    else:
        config = str(ROOT / "config" / "hypercorn.toml")
        command = [str(BIN / "hypercorn"), "-k", "trio", "--config", config]
        command, ready = [*command, "--bind", "127.0.0.1:0", f"{DYING}:app"], RUNNING
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {"TRICHAT_SERVER_DATA": str(data), "PYTHONPATH": path}
    patterns = {} if ready is None else {"ready": ready}
    async with launched(command, env, **patterns) as server, users_of(server.address) as users:
        (ann,) = await users.people("ann")
        async with users.socket("chats", ann) as socket:
            assert await socket.close_code() == 1001
        code = await server.ended()
    assert "presence is broken" in server.said
    assert code != 0


@pytest.mark.parametrize("signals", [
    (signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM, signal.SIGINT),
])  # fmt: skip
async def test_more_signals_than_one_end_it_no_worse(
    server: Launched, users: Users, signals: tuple[signal.Signals, ...]
) -> None:
    (ann,) = await users.people("ann")
    async with users.socket("chats", ann) as socket:
        for number in signals:
            server.process.send_signal(number)
        assert await socket.close_code() == 1001
        assert await server.ended() == 0
    assert "Traceback" not in server.said


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_amid_the_start_ends_it_and_leaves_a_directory_to_start_in(
    data: Path, by: signal.Signals
) -> None:
    for delay in (0.3, 0.6, 0.9, 1.2):
        process = await trio.lowlevel.open_process(serve(data))
        with trio.fail_after(PATIENCE):
            await trio.sleep(delay)
            process.send_signal(by)
            await process.wait()
    async with launched(serve(data)) as server, users_of(server.address) as users:
        await users.people("ann")

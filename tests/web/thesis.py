"""A bounded run of schemathesis against the whole server over a real socket.

    python -m tests.web.thesis [--max-examples N] ...    options are schemathesis's

It reads /openapi.json and asks whatever the document allows and forbids; what is answered must be
what the document says. `make schemathesis` is the longer run, the test beside this the short one.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from tests.server import ChatServer, open_chat_server, settings_for
from trichat.core.model import Role

HERE = Path(__file__).parent
CONFIG = HERE / "schemathesis.toml"


async def run(
    server: ChatServer, elsewhere: Path, *options: str
) -> subprocess.CompletedProcess[bytes]:
    """Schemathesis to its end, as a user who may do everything."""
    caller = await server.person("thesis", role=Role.SUPER_ADMIN)
    other = await server.person("antithesis")
    channel = await server.channel(caller, "synthesis")
    status, message = await server.rest(
        caller, "POST", "/messages/", {"channel_id": channel, "content": "Is it true, @antithesis?"}
    )
    assert status == 200, message
    return await trio.run_process(
        [
            Path(sys.executable).with_name("st"),
            "--config-file",
            CONFIG,
            "run",
            f"http://{server.address}/openapi.json",
            *options,
        ],
        check=False,
        capture_stdout=True,
        stderr=subprocess.STDOUT,
        env={
            **os.environ,
            "PYTHONPATH": str(HERE.parents[1]),
            "SCHEMATHESIS_HOOKS": "tests.web.formats",
            "THESIS_TOKEN": caller.token,
            "THESIS_OTHER_TOKEN": other.token,
            "THESIS_IDS": f"{channel} {message['id']} {other.uuid}",
        },
        cwd=elsewhere,  # it leaves what it found, for a replay
    )


async def main(options: Sequence[str]) -> int:
    """As a program: its output is schemathesis's."""
    with TemporaryDirectory() as data:
        async with open_chat_server(settings_for(Path(data))) as server:
            done = await run(server, Path(data), *options)
    print(done.stdout.decode())
    return done.returncode


if __name__ == "__main__":
    sys.exit(trio.run(main, sys.argv[1:]))

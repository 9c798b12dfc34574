"""What is there when the server starts is not looked through for garbage any more, and threads
take short turns.
"""

import gc
import subprocess
import sys

import pytest
from trio.testing import wait_all_tasks_blocked

from tests.server import ChatServer


def test_the_launch_by_hypercorn_settles_the_interpreter() -> None:
    script = (
        "import trichat.asgi, gc, sys;"
        " print(gc.get_freeze_count() > 50_000, gc.get_threshold(), sys.getswitchinterval())"
    )
    said = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert said == "True (25000, 1, 400) 0.0005\n"


@pytest.mark.parametrize("how", ["closes", "vanishes", "resumes", "is refused"])
async def test_a_connection_leaves_nothing_for_the_collector(server: ChatServer, how: str) -> None:
    """What holds itself stays until all of the memory is looked through, which nobody waits for."""
    ann = await server.person("ann")
    target = "/nowhere" if how == "is refused" else f"/ws?token={ann.token}"
    if how == "resumes":
        target += "&resume=1"

    async def come_and_go() -> None:
        async with await server.plain(target) as stream:
            await stream.receive_some(4096)
            if how in ("closes", "resumes"):
                await stream.send_all(b"\x88\x82\0\0\0\0\x03\xe8")
            if how != "vanishes":
                while await stream.receive_some(4096):
                    pass

    await come_and_go()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            await come_and_go()
        while len(server.runtime.connections):
            await wait_all_tasks_blocked()
        await wait_all_tasks_blocked(0.05)
        assert gc.collect() < 20
    finally:
        gc.enable()

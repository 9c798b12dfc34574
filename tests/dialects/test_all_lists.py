"""Lists longer than what may wait for one socket: whoever reads them gets them whole."""

from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import open_bench
from trichat.settings import Limits, Settings

ROOMS = 100
ASKED: dict[str, tuple[Any, str]] = {
    "lobby": ({"type": "list_rooms"}, "data"),
    "conversations": ({"type": "chat.get_conversations"}, "conversations"),
}


@pytest.mark.promise("lobby-7", "conversations-10")
@pytest.mark.parametrize("dialect", ASKED)
async def test_a_list_waits_for_who_reads_it(
    tmp_path: Path, autojump_clock: MockClock, dialect: str
) -> None:
    request, key = ASKED[dialect]
    settings = Settings(limits=Limits(outbox_bytes=5000))
    async with open_bench(tmp_path, settings) as bench:
        ann = await bench.user("ann")
        for number in range(ROOMS):
            await bench.room(ann, f"room {number}")
        link = bench.connect(dialect, ann)
        await wait_all_tasks_blocked()
        link.stuck = True  # the kernel takes nothing for a while
        link.says(request)
        link.says("{")
        await trio.sleep(1)
        link.reads_again()
        await wait_all_tasks_blocked()
        listed, refused = link.texts
        assert len(listed[key]) == ROOMS
        assert refused["type"] == "error"
        assert link.closed is None

"""Lines that strangers can cause are bounded, and what is left out is told."""

import logging

import pytest
import trio
from trio.testing import MockClock

from trichat.runtime.sparing import MAX_LINES, SPAN, SparingLog


async def test_so_many_lines_in_a_minute_and_then_how_many_were_left_out(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    log = SparingLog(logging.getLogger("door"))
    for number in range(MAX_LINES + 7):
        log.info("turned away", number)
    assert [record.message for record in caplog.records] == [
        f"turned away: {number}" for number in range(MAX_LINES)
    ]
    caplog.clear()
    await trio.sleep(SPAN + 1)
    log.info("turned away", "x")
    log.info("turned away", "y")
    assert [record.message for record in caplog.records] == [
        "turned away: x (7 lines like this were left out)",
        "turned away: y",
    ]

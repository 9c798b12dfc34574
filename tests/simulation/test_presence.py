"""What counts as a reason for not being present at the roll."""

import pytest

from tests.simulation.invariants import was_ended_before_the_drain
from tests.simulation.record import Code, Visit
from trichat.dialects.disconnects import DisconnectReason

TOO_SLOW, DRAINED = DisconnectReason.TOO_SLOW, DisconnectReason.GOING_AWAY


def _visit(code: Code, reason: str, *, troubled: bool = True, ended: float | None = 20.0) -> Visit:
    visit = Visit("channels-18", "channels", "p2", 4.0, troubled=troubled)
    visit.code, visit.reason, visit.ended = code, reason, ended
    return visit


@pytest.mark.parametrize(
    "visit",
    [
        _visit(TOO_SLOW.code, TOO_SLOW.reason),
        _visit(None, ""),
        _visit(DisconnectReason.SILENT.code, DisconnectReason.SILENT.reason),
    ],
    ids=["too slow", "cut before the close frame", "silent"],
)
def test_who_was_ended_need_not_be_present(visit: Visit) -> None:
    assert was_ended_before_the_drain(visit)


@pytest.mark.parametrize(
    "visit",
    [
        _visit(DRAINED.code, DRAINED.reason),
        _visit(TOO_SLOW.code, TOO_SLOW.reason, troubled=False),
        _visit(None, "", ended=None),
    ],
    ids=["drained", "nothing befell it", "never ended"],
)
def test_who_was_there_until_the_drain_must_be_present(visit: Visit) -> None:
    assert not was_ended_before_the_drain(visit)

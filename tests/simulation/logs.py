"""What the server logs as its own fault is one, unless the disk had failed."""

import logging
from typing import TYPE_CHECKING

import apsw

if TYPE_CHECKING:
    from tests.simulation.world import World


class Logs(logging.Handler):
    """A handler that blames."""

    def __init__(self, world: "World") -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        what = f"{record.getMessage()}: {error!r}"
        self._world.trace.add("log", what)
        house = self._world.house
        known = _is_the_disks(error) or (error is None and house and house.disk.faults)
        if house is not None and house.alive and not known:
            self._world.record.blame("no fault of its own", what)


def _is_the_disks(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, apsw.Error):
            return True
        error = error.__cause__ or error.__context__
    return False

"""What a chat server asks of Python itself.

Python looks through its objects for cycles of garbage whenever some hundreds more have come. A chat
server holds hundreds of thousands of objects that are none (modules, connections) and makes few
cycles: what is there at the start is set aside, and the rest looked through seldom, and a few
objects at a time, since nobody is served meanwhile.

A thread that wants to go on waits until the one that runs has had its turn. SQLite's gives up its
own at every step of a statement, so that one transaction waits for several: while the event loop
is busy, that is most of what a message takes.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# More objects than before at which the youngest are looked at; of so many looks every one reaches
# further.
YOUNG, MIDDLE, OLD = 25_000, 1, 400

# Connections between two looks at what they have brought.
CONNECTIONS = 16

# Seconds of a turn, if another thread waits.
TURN = 0.0005


@contextmanager
def importing() -> Iterator[None]:
    """Modules are imported within: Python looks for no garbage, for all that they make stays. A
    command is done some tens of milliseconds earlier.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def settle() -> None:
    """Once in a process, when its modules are loaded."""
    sys.setswitchinterval(TURN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def look() -> None:
    """Set apart what is young now. Python counts what comes less what goes: where as many come as
    go, the young are many before it looks by itself.
    """
    gc.collect(1)

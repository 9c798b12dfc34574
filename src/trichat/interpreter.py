"""Python looks through its objects for cycles of garbage whenever some hundreds more have come.

A chat server holds hundreds of thousands of objects that are none (modules, connections) and makes
few cycles: what is there at the start is set aside, and the rest looked through seldom, and a few
objects at a time, since nobody is served meanwhile.
"""

import gc

# More objects than before at which the youngest are looked at; of so many looks every one reaches
# further.
YOUNG, MIDDLE, OLD = 25_000, 1, 400

# Connections between two looks at what they have brought.
CONNECTIONS = 16


def settle() -> None:
    """Once in a process, when its modules are loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def look() -> None:
    """Set apart what is young now. Python counts what comes less what goes: where as many come as
    go, the young are many before it looks by itself.
    """
    gc.collect(1)

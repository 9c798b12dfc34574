"""Python looks through its objects for cycles of garbage whenever some hundreds more have come.

A chat server holds hundreds of thousands of objects that are none (modules, connections) and makes
few cycles: what is there at the start is set aside, and the rest looked through seldom.
"""

import gc

# More objects than before at which the youngest are looked at; of so many looks every one reaches
# further.
YOUNG, MIDDLE, OLD = 20_000, 20, 50


def settle() -> None:
    """Once in a process, when its modules are loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)

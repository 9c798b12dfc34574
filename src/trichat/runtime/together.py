"""Looks at intervals are taken together: to wake an idle process costs more than a look."""

import trio


async def next_look(period: float) -> float:
    """Sleep until Trio's clock next shows a multiple of the period, in seconds: at most so long.
    What it shows then, less the loop's lag.
    """
    due = (trio.current_time() // period + 1) * period
    await trio.sleep_until(due)
    return due

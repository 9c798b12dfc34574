"""How much is tried. The default is the same on every run, so that a red run is a change's fault;
`make properties` tries twenty times as much, and something else every time.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STEADY, LONG = "steady", "long"


def register() -> None:
    """For all tests. Hypothesis takes another one by `--hypothesis-profile`."""
    settings.register_profile(STEADY, deadline=None, derandomize=True, database=None)
    settings.register_profile(LONG, deadline=None, max_examples=2000, print_blob=True)
    settings.load_profile(STEADY)


def tried(times: int) -> settings:
    """So many examples of the default profile, and of another in proportion. A long frame takes
    its time to be made.
    """
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=max(1, times * settings().max_examples // 100),
        suppress_health_check=slow,
    )


async def try_all(
    strategy: st.SearchStrategy[Any], times: int, check: Callable[[Any], Awaitable[None]]
) -> None:
    """Hypothesis works in a thread; its examples are carried out here, on one loop."""

    @tried(times)
    @given(strategy)
    def examples(example: Any) -> None:
        trio.from_thread.run(check, example)

    await trio.to_thread.run_sync(examples)

"""How much is tried. The default is the same on every run, so that a red run is a change's fault;
`make properties` tries twenty times as much, and something else every time.
"""

from hypothesis import HealthCheck, settings

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

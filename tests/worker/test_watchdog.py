"""A thread ends the process that does not end by itself: seen in processes of their own."""

import subprocess
import sys
from textwrap import dedent

import pytest

HELD_UP = "import threading; threading.Event().wait()"  # as a call that the disk does not answer


def ended(*lines: str) -> tuple[int, str]:
    """Exit code and log of a process that does this with its last resort."""
    script = dedent("""
        import logging, time
        from trichat.worker.watchdog import Watchdog
        logging.basicConfig(format="%(message)s")
        resort = Watchdog(lambda: "two things")
    """)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([script, *lines])],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.strip()


def test_who_is_held_up_is_ended_and_says_what_it_waited_for() -> None:
    assert ended('resort.within(0.1, "SIGTERM")', HELD_UP) == (
        1, "ended by force 0.1 s after SIGTERM; not waited for: two things",
    )  # fmt: skip


@pytest.mark.parametrize("order", [(0.1, 60), (60, 0.1)])
def test_the_earliest_counts(order: tuple[float, float]) -> None:
    calls = [f'resort.within({seconds}, "{seconds}")' for seconds in order]
    code, told = ended(*calls, HELD_UP)
    assert (code, told.startswith("ended by force 0.1 s after 0.1;")) == (1, True)


def test_who_ends_in_order_is_left_alone() -> None:
    lines = ['resort.within(0.2, "SIGTERM")', "resort.off()", "time.sleep(0.5)", "exit(7)"]
    assert ended(*lines) == (7, "")


def test_nothing_that_goes_wrong_keeps_it_from_ending() -> None:
    code, _ = ended("resort._unfinished = None", 'resort.within(0.1, "SIGTERM")', HELD_UP)
    assert code == 1

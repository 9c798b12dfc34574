"""What is there when the server starts is not looked through for garbage any more."""

import subprocess
import sys


def test_the_launch_by_hypercorn_settles_the_collector() -> None:
    script = "import trichat.asgi, gc; print(gc.get_freeze_count() > 50_000, gc.get_threshold())"
    said = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert said == "True (20000, 20, 50)\n"

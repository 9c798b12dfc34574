"""A command that does not serve is done before a server would have been imported."""

import subprocess
import sys
from pathlib import Path

from tests.cli.everything import COMMANDS, names
from tests.e2e.launching import environment

# A process in which every command that does not serve is called, one after the other, and --help
# of each; it says which parts of a web server came in by what.
ALL = """
import sys
from pathlib import Path
from click.testing import CliRunner
from tests.cli.everything import COMMANDS, names, run
from trichat.cli import main

def came_in(by):
    heavy = {"quart", "quart_trio", "hypercorn", "httpx"}
    found = {name.partition(".")[0] for name in sys.modules} & heavy
    found |= {name for name in sys.modules if name.startswith(("trichat.web", "trichat.worker"))}
    if found:
        print(by, *sorted(found))
        sys.exit(1)

came_in("trichat")
place = Path(sys.argv[1])
for name in names():
    assert CliRunner().invoke(main, [*name.split(), "--help"]).exit_code == 0
    came_in(f"{name} --help")
for name in ("user add", *(name for name in COMMANDS if name != "user add"), "config"):
    data = place / ("second" if name == "restore" else "third" if name == "import" else "first")
    if name == "config":
        done = CliRunner().invoke(main, ["config", "--data", str(data)])
    else:
        done = run(name, data, out=place)
    assert done.exit_code == 0, (name, done.output)
    came_in(name)
    print(name)
"""


def test_no_command_but_serve_imports_a_web_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALL, str(tmp_path)],
        env=environment(), stdout=subprocess.PIPE, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert set(done.stdout.splitlines()) == {*COMMANDS, "config"} == set(names()) - {"serve"}

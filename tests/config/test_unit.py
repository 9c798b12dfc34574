"""config/trichat.service: what systemd itself says of it, and that it fits what the papers say."""

import ctypes
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import httpx

from tests.e2e.launching import launched, serve
from tests.e2e.users import users_of
from tests.needs import needs
from trichat.settings import Limits, Server
from trichat.worker.watchdog import BEYOND

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "config" / "trichat.service"
ANALYZE = shutil.which("systemd-analyze")
FORBIDS = needs(
    sys.platform == "linux" and ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) >= 0,
    "a server without writable executable memory was NOT run: Linux 6.3 has it",
)
analyzed = needs(ANALYZE, "config/trichat.service was NOT looked at: apt-get install systemd")


def service() -> dict[str, str]:
    """[Service]; of settings that come twice the last."""
    unit = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    return dict(unit["Service"])


def analyze(*words: str) -> str:
    assert ANALYZE is not None
    done = subprocess.run([ANALYZE, *words], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@analyzed
def test_it_is_hardly_exposed() -> None:
    """3.0 is the most; it has less than that now."""
    said = analyze("security", "--offline=true", "--threshold=15", str(UNIT))
    assert re.search(r"Overall exposure level for trichat\.service: \d\.\d OK", said)


@analyzed
def test_systemd_understands_it(tmp_path: Path) -> None:
    unit = tmp_path / "trichat.service"
    text = UNIT.read_text()
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text))
    said = analyze("verify", str(unit))
    assert "trichat.service" not in said


def test_its_user_is_the_one_of_the_papers() -> None:
    """Who makes the backups, by the clock and by hand, and owns what is restored."""
    unit, papers = service(), (ROOT / "docs" / "backup.md").read_text()
    assert "DynamicUser" not in unit
    user, data = unit["User"], unit["Environment"].partition("=")[2]
    assert data == f"/var/lib/{unit['StateDirectory']}"
    assert re.search(rf"(?m)^    0 3 \* \* \*  {user}  \S+ backup .*--data {data} ", papers)
    assert f"runuser -u {user} -- /opt/trichat/.venv/bin/trichat restore" in papers
    assert f"useradd --system --user-group --no-create-home --home-dir {data}" in UNIT.read_text()


def test_it_waits_and_opens_as_much_as_the_defaults_take() -> None:
    unit, server = service(), Server()
    longest = server.drain_notice + server.graceful_timeout + BEYOND
    assert int(unit["TimeoutStopSec"]) > longest
    assert int(unit["LimitNOFILE"]) > Limits().connections
    assert f"/run/{unit['RuntimeDirectory']}/chat.sock" in UNIT.read_text()


@FORBIDS
async def test_a_server_needs_no_memory_that_is_written_and_executed(data: Path) -> None:
    """MemoryDenyWriteExecute: also where passwords are hashed and tokens signed."""
    forbid = "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"  # noqa: E501
    async with launched([sys.executable, "-c", forbid, *serve(data)]) as server:
        async with users_of(server.address) as users:
            await users.people("ann")
        async with httpx.AsyncClient(base_url=server.address, verify=False) as http:
            assert "process_open_fds" in (await http.get("/metrics")).text

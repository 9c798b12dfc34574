"""What a server as operators run it writes down."""

import json
from pathlib import Path

import httpx

from tests.e2e.launching import RUNNING, launched, serve
from tests.e2e.test_serving import HYPERCORN

TOKEN = "hunter2-is-no-token"
DEBUG = {"TRICHAT_LOG_LEVEL": "debug", "TRICHAT_LOG_FORMAT": "json"}


async def knock(address: str) -> None:
    """A token in the query, where it is asked for and where it is not."""
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        for path in ("/api/v1/auth/me", "/nowhere"):
            assert (await client.get(f"{path}?token={TOKEN}")).status_code in (401, 404)
        upgrade = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        refused = await client.get(f"/ws/chat?token={TOKEN}", headers=upgrade)
        assert refused.status_code == 401


async def test_all_5_a_token_reaches_no_log(data: Path) -> None:
    async with launched(serve(data), DEBUG) as server:
        await knock(server.address)
    assert '"turned away: not a token"' in server.said
    assert TOKEN not in server.said


async def test_all_5_a_token_reaches_no_access_log_of_hypercorn(data: Path) -> None:
    """Which is off in our configuration, and on here."""
    words = [*HYPERCORN[:-1], "--access-logfile", "-", HYPERCORN[-1]]
    words[1:1] = ["--access-logformat", "%(Uq)s"]
    env = {**DEBUG, "TRICHAT_SERVER_DATA": str(data)}
    async with launched(words, env, ready=RUNNING) as server:
        await knock(server.address)
    assert "/nowhere?token=[redacted]" in server.said
    assert TOKEN not in server.said


async def test_every_line_under_hypercorn_comes_once_and_in_our_form(data: Path) -> None:
    env = {"TRICHAT_LOG_FORMAT": "json", "TRICHAT_SERVER_DATA": str(data)}
    async with launched(HYPERCORN, env, ready=RUNNING) as server:
        pass
    told = [json.loads(line)["event"] for line in server.said.splitlines()]
    assert len([event for event in told if event.startswith("Running on ")]) == 1

"""`python test_websocket.py YOUR_JWT_TOKEN`, as the channels document has it."""

import ast
import json
import sys

import pytest

from tests.e2e.programs import ROOT, Program, interpreter, running
from tests.e2e.users import Users

SCRIPT = ROOT / "test_websocket.py"
pytestmark = pytest.mark.promise("channels-18")


async def tried(*words: str) -> tuple[int, Program]:
    """Run it: its exit code and what it printed, complaints and all."""
    async with running(*interpreter(".py"), str(SCRIPT), *words, terminal=True) as program:
        code = await program.ended()
    return code, program


def socket_of(users: Users) -> str:
    return f"{users.address.replace('http', 'ws', 1)}/ws"


async def test_it_greets_pings_joins_and_asks_who_is_online(users: Users) -> None:
    """channels-18"""
    (bob,) = await users.people("bob")
    private = await users.channel("den", bob, private=True)
    url = socket_of(users)
    for options in ((), ("--channel", private)):
        code, program = await tried(bob.token, "--url", url, *options)
        assert code == 0
        frames = [json.loads(line) for line in program.said]
        types = [frame["type"] for frame in frames if frame["type"] != "user_status"]
        assert types == ["connection_established", "pong", "channel_joined", "online_users"]
        if options:
            assert frames[-1]["channel_id"] == private
            assert frames[-1]["users"] == [bob.uuid]


async def test_it_says_in_a_line_what_is_wrong(users: Users) -> None:
    """A bad token, a channel that is not ours, none at all, no server, another program there."""
    ann, bob = await users.people("ann", "bob")
    private = await users.channel("den", ann, private=True)
    url = socket_of(users)
    refused = "The server refused: Access denied to channel (access_denied)"
    for words, line in (
        (("bad", "--url", url), "The server refused the token: it is wrong or has expired."),
        ((bob.token, "--url", url, "--channel", private), refused),
        ((bob.token, "--url", url, "--channel", "no such"), refused),
        (
            (bob.token, "--url", "ws://127.0.0.1:1/ws"),
            "There is no channels API at ws://127.0.0.1:1",
        ),
        (
            (bob.token, "--url", "ws://no.such.host.invalid/ws"),
            "There is no channels API at ws://no",
        ),
        ((bob.token, "--url", f"{url}/elsewhere"), f"There is no channels API at {url}/elsewhere"),
        ((bob.token, "--url", "nonsense"), "There is no channels API at nonsense"),
    ):
        code, program = await tried(*words)
        assert code == 1, words
        said = [text for text in program.said if not text.startswith("{")]
        assert len(said) == 1, said
        assert said[0].startswith(line)


async def test_it_needs_the_token_alone() -> None:
    """channels-18: the server of the document is where it looks by itself."""
    assert (await tried())[0] == 2
    code, program = await tried("--help")
    assert code == 0
    assert "default: ws://localhost:8000/ws" in " ".join(" ".join(program.said).split())


def test_it_needs_websockets_alone() -> None:
    """channels-18"""
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"websockets"}


def test_pytest_does_not_collect_it(pytestconfig: pytest.Config) -> None:
    """channels-18: not even to see whether tests are in it, which would need websockets."""
    assert SCRIPT.name in pytestconfig.getoption("ignore")
    assert pytestconfig.getini("testpaths") == ["tests"]

"""What the command line did stands in the log, by numbers and without a secret."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import trio

from tests.e2e.launching import PATIENCE, command, launched, serve
from tests.e2e.users import PASSWORD


def told(log: str) -> list[tuple[str, dict[str, Any]]]:
    entries = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    common = {"event", "level", "logger", "timestamp"}
    return [
        (entry["event"], {name: entry[name] for name in entry.keys() - common})
        for entry in entries
        if entry["logger"] == "trichat.events"
    ]


ACTS = (
    ("user", "add", "ann", "--password", PASSWORD),
    ("user", "role", "ann", "ADMIN"),
    ("user", "password", "ann", "--password", f"{PASSWORD}-2"),
    ("key", "add", "ann", "--label", "bot"),
    ("key", "list", "ann"),
    ("key", "revoke", "1"),
    ("token", "ann"),
    ("backup", "{copy}"),
    ("export", "{lines}"),
    ("check",),
)
TOLD = [
    ("user registered", {"command": "trichat user add", "role": "MEMBER"}),
    ("role set", {"command": "trichat user role", "role": "ADMIN"}),
    ("password changed", {"command": "trichat user password"}),
    ("API key made", {"command": "trichat key add", "key": 1}),
    ("API key revoked", {"command": "trichat key revoke", "key": 1}),
    ("token made", {"command": "trichat token"}),
    ("command done", {"command": "trichat backup"}),
    ("command done", {"command": "trichat export"}),
    ("command done", {"command": "trichat check"}),
]


async def test_what_commands_did_stands_in_the_servers_log(data: Path, tmp_path: Path) -> None:
    """Before a server and beside it: once, with the command and its time."""
    env = {"TRICHAT_LOG_FORMAT": "json", "TRICHAT_SERVER_DATA": str(data)}
    secrets = [PASSWORD]

    async def act(acts: Sequence[tuple[str, ...]]) -> None:
        for words in acts:
            paths = {"copy": str(tmp_path / "copy"), "lines": str(tmp_path / "lines")}
            code, out, said = await command(*(word.format(**paths) for word in words), env=env)
            assert code == 0, said
            assert "trichat.events" not in said
            if words[:2] == ("key", "add") or words[0] == "token":
                secrets.append(out.strip())

    await act(ACTS[:3])
    async with launched(serve(data), env) as server:
        await act(ACTS[3:])
        with trio.fail_after(PATIENCE):
            while '"trichat check"' not in server.said:  # noqa: ASYNC110 - another process says it
                await trio.sleep(0.05)
    found = [(name, fields) for name, fields in told(server.said) if "command" in fields]
    for _, fields in found:
        fields.pop("user", None)
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", fields.pop("at"))
    assert found == TOLD
    assert len(secrets) == 3
    for secret in secrets:
        assert secret not in server.said
    async with launched(serve(data), env) as server:
        await trio.sleep(1.5)
    assert not [fields for _, fields in told(server.said) if "command" in fields]


async def test_lines_that_no_command_wrote_are_passed_over(data: Path) -> None:
    env = {"TRICHAT_LOG_FORMAT": "json"}
    async with launched(serve(data), env):
        pass
    good = '{"event": "role set", "user": 7, "command": "user role", "at": "then"}'
    lines = ["", "{", "[]", "7", '{"event": "none of ours"}', '{"text": "x"}', good]
    lines.append(
        '{"event": "token made", "text": "what-somebody-wrote", "why": "%s"}' % ("x" * 999)
    )
    (data / "commands").write_bytes("\n".join(lines).encode() + b"\n\xff\xff")
    async with launched(serve(data), env) as server:
        with trio.fail_after(PATIENCE):
            while "token made" not in server.said:  # noqa: ASYNC110 - another process says it
                await trio.sleep(0.05)
    found = [entry for entry in told(server.said) if not entry[0].startswith("server ")]
    assert found == [
        ("role set", {"user": 7, "command": "user role", "at": "then"}),
        ("token made", {}),
    ]
    assert "what-somebody-wrote" not in server.said
    assert "Traceback" not in server.said


async def test_a_command_without_a_server_makes_no_file_in_a_wrong_place(tmp_path: Path) -> None:
    code, _, said = await command("key", "list", "ann", "--data", str(tmp_path / "nowhere"))
    assert code == 1
    assert "Logging error" not in said
    assert not await trio.Path(tmp_path / "nowhere").exists()


async def test_the_last_backup_is_known_to_the_next_server_too(data: Path, tmp_path: Path) -> None:
    name = "trichat_last_backup_timestamp_seconds "

    async def shown() -> list[float]:
        async with (
            launched(serve(data)) as server,
            httpx.AsyncClient(base_url=server.address, trust_env=False) as client,
        ):
            page = (await client.get("/metrics")).text
        lines = [line for line in page.splitlines() if line.startswith(name)]
        return [float(line.removeprefix(name)) for line in lines]

    assert await shown() == []
    assert (await command("backup", "--data", str(data), str(tmp_path / "copy")))[0] == 0
    (first,) = await shown()
    assert first > 1_700_000_000
    assert await shown() == [first]
    assert (await command("backup", "--data", str(data), str(tmp_path / "copy")))[0] == 1
    assert await shown() == [first]  # one that failed is none
    assert (data / "last-backup").stat().st_mode & 0o077 == 0

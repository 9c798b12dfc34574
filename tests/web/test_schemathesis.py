"""A short run of schemathesis: what is answered is what the document says. `make schemathesis` is
the longer one.
"""

from pathlib import Path

from tests.server import ChatServer
from tests.web.thesis import run


async def test_schemathesis_finds_nothing(server: ChatServer, tmp_path: Path) -> None:
    done = await run(server, tmp_path, "--max-examples", "4", "--seed", "1", "--no-color")
    said = done.stdout.decode()
    assert done.returncode == 0, said
    document = await server.document("/openapi.json")
    operations = sum(len(item) for item in document["paths"].values()) - 1  # not itself
    assert f"Tested: {operations}\n" in said, said

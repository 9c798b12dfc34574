"""The first administrator is made by the operator, beside the server or before it (channels-rest
7).
"""

from pathlib import Path
from typing import Any

import pytest

from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.cli.user import add_user, set_role
from trichat.core.model import Role

pytestmark = pytest.mark.promise("rest-7")


async def dashboard(server: ChatServer, name: str) -> tuple[int, Any]:
    login = {"username": name, "password": "Secret1x"}
    _, access = await server.rest(None, "POST", "/auth/login", login)
    user = await server.runtime.store.user_by_name(name)
    assert user is not None
    return await server.rest(Person(user, access["access_token"]), "GET", "/admin/dashboard")


async def test_by_command_line(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    for name in ("ann", "bob"):
        await add_user(settings, name, None, "Secret1x")
    await set_role(settings, "ann", Role.SUPER_ADMIN)
    async with open_chat_server(settings) as server:
        status, shown = await dashboard(server, "ann")
        assert (status, shown["total_users"], shown["recent_actions"]) == (200, 2, [])
        assert await dashboard(server, "bob") == (403, {"detail": "Admin access required"})
        await set_role(settings, "bob", Role.ADMIN)  # while it serves
        assert (await dashboard(server, "bob"))[0] == 200
        await set_role(settings, "ann", Role.MEMBER)
        assert (await dashboard(server, "ann"))[0] == 403

"""config/Caddyfile unchanged, as docs/operations.md has it run."""

from pathlib import Path

import httpx
import trio

from tests.e2e.everyone import assert_everyone_hears
from tests.e2e.launching import TRICHAT, launched
from tests.e2e.users import users_of
from tests.needs import needs
from tests.proxies.configured import CONFIG, PROXIES
from tests.proxies.running import found, free_ports, started

CADDY = PROXIES["caddy"]


@needs(found(CADDY), "caddy was NOT run: apt-get install caddy")
async def test_it_serves_without_tls_for_a_look(tmp_path: Path) -> None:
    words = [TRICHAT, "serve", "--port", "0", "--data", str(tmp_path / "data")]
    port, _ = free_ports()
    async with launched(words, {"TRICHAT_SERVER_TRUSTED_PROXIES": "127.0.0.1"}) as server:
        own = {
            "TRICHAT_SITE": f"http://localhost:{port}",
            "TRICHAT_UPSTREAM": server.address.partition("://")[2],
        }
        file = ["run", "--config", str(CONFIG / "Caddyfile"), "--adapter", "caddyfile"]
        await trio.Path(tmp_path / "proxy").mkdir()
        async with (
            started(CADDY, file, tmp_path / "proxy", port, own),
            users_of(f"http://localhost:{port}") as users,
        ):
            await assert_everyone_hears(users, *await users.people("ann", "bob"))
            async with httpx.AsyncClient(base_url=users.address) as http:
                assert (await http.get("/readyz")).status_code == 200

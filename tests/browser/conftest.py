"""A browser, and the web client of another team on an origin of its own."""

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from attrs import frozen
from typed_settings import Secret

from tests.browser.chromium import Browser, Page, connected, find_chromium, running
from tests.needs import lacking
from tests.server import ChatServer, open_chat_server, settings_for
from trichat.settings import Auth, Cors

SECRET = "Zm9yIHRoZSB0ZXN0cyBhbG9uZSwgbm90IGEgc2VjcmV0"
PAGE = Path(__file__).parent / "page"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DevTools address of a Chromium that lives as long as the tests."""
    program = find_chromium()
    if program is None:
        lacking("the web client was NOT run: no Chromium (apt-get install chromium-headless-shell)")
    with running(program, tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """Where the client's own server is: another origin than the chat's."""
    files = partial(_Quiet, directory=str(PAGE))
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with connected(chromium) as browser:
        yield browser


@frozen
class Site:
    """A chat server, and the page of others that may call it."""

    server: ChatServer
    browser: Browser
    origin: str

    async def client(self, **query: str) -> Page:
        """The client's page in a tab of its own."""
        page = await self.browser.page()
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        await page.open(f"{self.origin}/?server=http://{self.server.address}&{asked}")
        await page.until("document.body.dataset.ready")
        return page


@pytest.fixture
async def site(browser: Browser, origin: str, tmp_path: Path) -> AsyncIterator[Site]:
    auth = Auth(secret=Secret(SECRET), argon2_time=1, argon2_memory=8, argon2_parallelism=1)
    settings = settings_for(tmp_path / "data", cors=Cors(origins=(origin,)), auth=auth)
    async with open_chat_server(settings) as server:
        yield Site(server, browser, origin)

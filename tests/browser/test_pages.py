"""The pages that show the documents, in a browser that enforces their Content-Security-Policy:
nothing is refused, nothing asked elsewhere, and Swagger UI can try operations out.
"""

import json
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import Browser, Page
from tests.browser.prefixing import PREFIX, prefixing
from tests.server import ChatServer


async def shown(browser: Browser, server: ChatServer, path: str) -> Page:
    page = await browser.page()
    await page.open(f"http://{server.address}{path}")
    return page


def asks_nobody_else(page: Page, server: ChatServer) -> None:
    assert page.complaints == []
    elsewhere = [url for url in page.asked if not url.startswith(("data:", "blob:"))]
    assert {urlsplit(url).netloc for url in elsewhere} == {server.address}


async def tried(page: Page, operation: str) -> tuple[str, str]:
    """Status and body that Swagger UI shows for an operation, opened and executed."""
    block = f"#operations-{operation}"
    await page.click(f"{block} .opblock-summary-control")
    await page.click(f"{block} .try-out__btn")
    await page.click(f"{block} .execute")
    at = f"document.querySelector('{block} .live-responses-table .response')"
    status = await page.until(f"{at}?.querySelector('.response-col_status')?.innerText")
    body = await page.until(f"{at}.querySelector('.highlight-code code, .microlight')?.innerText")
    return status.split()[0], body


async def test_swagger_ui_tries_operations_out(server: ChatServer, browser: Browser) -> None:
    alice = await server.person("alice")
    page = await shown(browser, server, "/swagger/")
    for tag in ("server", "auth", "users", "channels", "messages", "admin"):
        await page.until(f"document.querySelector('[data-tag={tag}]')")
    status, body = await tried(page, "server-get_health")
    assert (status, json.loads(body)) == ("200", {"status": "healthy"})
    status, body = await tried(page, "auth-get_auth_me")
    assert (status, json.loads(body)) == ("401", {"detail": "Not authenticated"})
    [told] = page.complaints  # the console tells of every 401
    assert "401" in told
    page.complaints.clear()

    await page.click(".auth-wrapper .authorize")
    await page.type(".auth-container input", alice.token)
    await page.click(".auth-container .authorize")
    await page.click(".auth-container .btn-done")
    block = "#operations-auth-get_auth_me"
    await page.click(f"{block} .btn-clear")
    await page.click(f"{block} .execute")
    at = f"document.querySelector('{block} .live-responses-table .response')"
    await page.until(f"{at}?.querySelector('.response-col_status')?.innerText.startsWith('200')")
    # the example of a body is one that is taken
    status, body = await tried(page, "channels-post_channels")
    assert (status, json.loads(body)["is_private"]) == ("200", False)
    assert await page.js("document.querySelectorAll('.errors-wrapper').length") == 0
    asks_nobody_else(page, server)


@pytest.mark.parametrize("dialect", ["chats", "room", "lobby", "channels", "conversations"])
async def test_the_page_of_the_frames_opens(
    server: ChatServer, browser: Browser, dialect: str
) -> None:
    page = await shown(browser, server, f"/asyncapi/#{dialect}")
    top = f"document.getElementById('{dialect}')?.getBoundingClientRect().top"
    await page.until(f"Math.round({top}) >= 0 && {top} < innerHeight")
    assert "`" not in await page.js("document.body.innerText")
    asks_nobody_else(page, server)


async def test_the_page_of_the_frames_says_what_each_request_does(
    server: ChatServer, browser: Browser
) -> None:
    page = await shown(browser, server, "/asyncapi/")
    await page.until("document.querySelector('section:last-of-type h3')")
    text = await page.js("document.body.innerText")
    assert text.count("Stores a message in ") >= 4  # chats, room, lobby, conversations
    assert text.count("The server sends these messages by itself") == 5


async def test_no_reference_of_the_page_of_the_frames_leads_nowhere(
    server: ChatServer, browser: Browser
) -> None:
    page = await shown(browser, server, "/asyncapi/")
    await page.until("document.querySelector('section:last-of-type h3')")
    ids = "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1))"
    assert "lobby.RoomObject" in await page.js(ids)
    tables = "document.getElementById('lobby').parentElement.querySelectorAll('table').length"
    assert await page.js(tables) == 2  # refusals before the upgrade, and close codes
    assert await page.js(f"{ids}.filter((id) => !document.getElementById(id))") == []
    text = await page.js("document.body.textContent")
    links = await page.js("document.querySelectorAll('pre a').length")
    assert text.count('"$ref"') == links > 0
    asks_nobody_else(page, server)


async def test_the_examples_of_swagger_ui_register_and_log_in(
    server: ChatServer, browser: Browser
) -> None:
    page = await shown(browser, server, "/swagger/")
    for action in ("register", "login"):
        status, body = await tried(page, f"auth-post_auth_{action}")
        assert (status, json.loads(body)["user"]["username"]) == ("200", "alice")
    asks_nobody_else(page, server)


async def test_the_page_of_the_frames_fits_a_telephone(
    server: ChatServer, browser: Browser
) -> None:
    page = await browser.page()
    await page.command(
        "Emulation.setDeviceMetricsOverride",
        width=360, height=800, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
    await page.open(f"http://{server.address}/asyncapi/")
    await page.until("document.querySelector('section:last-of-type h3')")
    width = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    assert await page.js(width) <= 360
    link = "document.querySelector('p a').href"
    assert await page.js(link) == f"http://{server.address}/swagger/"
    assert "](" not in await page.js("document.body.innerText")
    text = await page.js("getComputedStyle(document.querySelector('p')).whiteSpace")
    assert text == "normal"  # a line ends where the page does
    asks_nobody_else(page, server)


async def test_the_pages_work_under_a_prefix_that_the_server_does_not_know(
    server: ChatServer, browser: Browser
) -> None:
    with prefixing(server.address) as proxy:
        here = f"http://{proxy}{PREFIX}"
        page = await browser.page()
        await page.open(f"{here}/swagger")  # by way of a redirect
        status, body = await tried(page, "server-get_health")
        assert (status, json.loads(body)) == ("200", {"status": "healthy"})
        assert f"{here}/health" in page.asked
        link = await page.until("document.querySelector('.info a[href*=asyncapi]')?.href")
        await page.open(link)
        link = await page.until("document.querySelector('p a')?.href")
        assert link == f"{here}/swagger/"
        assert page.complaints == []
        elsewhere = [url for url in page.asked if not url.startswith(("data:", "blob:"))]
        assert all(url.startswith(f"{here}/") for url in elsewhere if url != f"{here}/swagger")

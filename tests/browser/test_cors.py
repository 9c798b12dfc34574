"""What a page of another origin may read: a browser hides every answer that does not carry the
CORS headers, and asks before each call whether it may be made at all.
"""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.browser.chromium import Browser, Page
from tests.browser.conftest import SECRET, Site
from tests.server import open_chat_server, settings_for
from trichat.settings import Auth, Cors, addresses

CALL = """(async (path, {token, body, ...rest} = {}) => {
  const headers = {"Content-Type": "application/json", ...(token && {Authorization: token})};
  const call = {headers, body, credentials: "include", ...rest};
  const answer = await fetch(chat.api.server + path, call);
  const type = answer.headers.get("Content-Type");
  return [answer.status, await answer.json(), answer.headers.get("Retry-After"), type];
})"""


async def call(page: Page, path: str, **given: Any) -> Any:
    """Status, body, and what of the headers a page may see."""
    return await page.js(f"{CALL}({json.dumps(path)}, {json.dumps(given)})")


async def answers(page: Page, status: int, path: str, **given: Any) -> Any:
    got, value, _, media = await call(page, path, **given)
    assert (got, media) == (status, "application/json"), value
    return value


ME = "/api/v1/auth/me"


async def test_errors_are_readable(site: Site) -> None:
    page = await site.client()
    bearer = "Bearer " + (await site.server.person("alice")).token
    assert await answers(page, 401, ME) == {"detail": "Not authenticated"}
    invalid = {"detail": "Invalid authentication credentials"}
    assert await answers(page, 401, ME, token="Basic YTpi") == invalid
    bad = {"detail": "Could not validate credentials"}
    assert await answers(page, 401, ME, token="Bearer x") == bad
    late = jwt.encode({"sub": "1", "exp": int(time.time()) - 1}, SECRET)
    assert await answers(page, 401, ME, token=f"Bearer {late}") == bad
    assert await answers(page, 404, "/api/v1/nothing") == {"detail": "Not Found"}
    assert await answers(page, 404, "/nothing", method="DELETE", token=bearer)
    for method in ("DELETE", "PUT", "PATCH", "POST"):
        value = await answers(page, 405, ME, method=method, token=bearer)
        assert value == {"detail": "Method Not Allowed"}
    at = "/api/v1/channels/"
    for body in ("{", "", "[]"):
        value = await answers(page, 422, at, method="POST", body=body, token=bearer)
        assert [set(item) for item in value["detail"]] == [{"type", "loc", "msg", "input"}]
    assert await answers(page, 404, f"{at}nothing", token=bearer)
    assert await answers(page, 403, "/api/v1/admin/dashboard", token=bearer)
    value = await answers(page, 400, at, method="POST", body='{"name": "general"}', token=bearer)
    assert value == {"detail": "Channel name already exists"}


async def test_the_other_spelling_of_a_path_is_followed(site: Site) -> None:
    page = await site.client()
    bearer = "Bearer " + (await site.server.person("alice")).token
    assert len(await answers(page, 200, "/api/v1/channels", token=bearer)) == 3
    assert await answers(page, 200, "/api/v1/auth/me/", token=bearer)


async def test_a_body_too_large_is_refused_readably(site: Site) -> None:
    page = await site.client()
    large = f"{{method: 'POST', body: 'x'.repeat({8 << 20})}}"
    status, value, *_ = await page.js(f"{CALL}('/api/v1/auth/login', {large})")
    assert (status, value) == (413, {"detail": "Request body is too large"})


async def test_a_refused_call_may_be_repeated_and_changes_nothing(
    browser: Browser, origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "_LOCAL", frozenset())  # the browser stands for one elsewhere
    auth = Auth(argon2_time=1, argon2_memory=8, argon2_parallelism=1, login_attempts=1)
    settings = settings_for(tmp_path / "data", cors=Cors(origins=(origin,)), auth=auth)
    async with open_chat_server(settings) as server:
        await server.person("alice")
        page = await Site(server, browser, origin).client(pauses="1,2,3")
        status = "({status, headers}) => [status, headers['retry-after'] ?? '0']"
        for password, expected in (("Wrong1xx", 401), ("Worse1xx", 429)):
            page.asked.clear()
            login = f"chat.api.login('alice', '{password}')"
            got, wait = await page.js(f"{login}.then(null, {status})")
            assert (got, int(wait) > 0) == (expected, expected == 429)
            assert len(page.asked) == 4


async def test_500_and_503_are_readable(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await site.client()
    bearer = "Bearer " + (await site.server.person("alice")).token
    runtime = site.server.runtime

    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("inner")

    monkeypatch.setattr(type(runtime.store), "all_users", breaks)
    value = await answers(page, 500, "/api/v1/users/", token=bearer)
    assert value == {"detail": "Internal server error"}
    runtime.connections.ready = False
    assert await answers(page, 503, "/readyz")


async def test_no_page_of_a_third_origin_reads_anything(site: Site, tmp_path: Path) -> None:
    page = await site.browser.page()
    third = site.origin.replace("localhost", "127.0.0.1")
    await page.open(f"{third}/?server=http://{site.server.address}")
    for path in ("/health", "/nothing", ME):
        assert await page.js(f"{CALL}({path!r}).catch((error) => error.name)") == "TypeError"
    plain = f"fetch('http://{site.server.address}/health', {{mode: 'cors'}}).catch((e) => e.name)"
    assert await page.js(plain) == "TypeError"


async def test_any_origin_without_credentials(
    browser: Browser, origin: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path / "data", cors=Cors(origins=("*",)))
    async with open_chat_server(settings) as server:
        page = await Site(server, browser, origin).client()
        assert await answers(page, 401, ME, token="Bearer x", credentials="omit")
        denied = f"{CALL}({ME!r}).catch((error) => error.name)"
        assert await page.js(denied) == "TypeError"

"""What every endpoint does alike: errors, spellings, CORS (channels-rest 1)."""

import logging
import re
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import trio
from quart_trio.testing.connections import TestHTTPConnection as HTTPConnection

from tests.web.conftest import Service, configured, serving

pytestmark = pytest.mark.promise("rest-1")

HERE = "http://localhost:3000"
ELSEWHERE = "https://elsewhere.example"


async def test_open_to_everyone(service: Service) -> None:
    nobody = service.nobody
    greeting = await nobody.get("/")
    assert greeting.value == {"message": "Pythia Conversations API", "version": "1.0.0"}
    assert (await nobody.get("/health")).value == {"status": "healthy"}
    assert (await nobody.get("/healthz")).value == {"status": "ok"}


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_a_browser_gets_a_page_and_everybody_else_the_promised_json(
    service: Service,
) -> None:
    nobody = service.nobody
    page = await nobody.get("/", headers={"Accept": BROWSER})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.value.decode()
    assert f"trichat <small>{version('trichat')}</small>" in text
    for link in re.findall(r'(?:href|src)="([^"]+)"', text):
        assert not link.startswith(("/", "http"))  # it holds behind a prefix
        if not link.startswith("asyncapi"):  # which is served beside this
            assert (await nobody.get(f"/{link}")).status == 200, link
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for accept in (None, "*/*", "application/json", "text/*;q=0.1, */*", "nonsense", ""):
        headers = {} if accept is None else {"Accept": accept}
        greeting = await nobody.get("/", headers=headers)
        assert greeting.value == {"message": "Pythia Conversations API", "version": "1.0.0"}
        assert "Accept" in greeting.headers["Vary"]
    icon = await nobody.get("/favicon.ico")
    assert icon.headers["Content-Type"] == "image/vnd.microsoft.icon"
    assert icon.value.startswith(b"\0\0\1\0")


# -- errors


async def test_an_unknown_path(service: Service) -> None:
    ann = await service.register("ann")
    for path in ("/nowhere", "/api/v1", "/api/v1/messages/a/b/c", "/static/x"):
        for caller in (ann, service.nobody):
            answer = await caller.get(path)
            assert answer.is_refused(404, "Not Found")
            assert answer.headers["Content-Type"] == "application/json"


async def test_a_wrong_method(service: Service) -> None:
    answer = await service.nobody.delete("channels/")
    assert answer.is_refused(405, "Method Not Allowed")
    allowed = set(answer.headers["Allow"].replace(" ", "").split(","))
    assert allowed == {"GET", "HEAD", "OPTIONS", "POST"}


async def test_a_failure_tells_nothing_inner(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await service.register("ann")

    async def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the secret sauce")

    monkeypatch.setattr(type(service.store), "open_rooms", fail)
    answer = await ann.get("channels/", headers={"Origin": HERE})
    assert answer.is_refused(500, "Internal server error")
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert "the secret sauce" in caplog.text
    assert str(ann.token) not in caplog.text


async def test_head_is_get_without_a_body(service: Service) -> None:
    ann = await service.register("ann")
    async with service.client.request("/health", method="HEAD") as connection:
        await connection.send_complete()
    assert isinstance(connection, HTTPConnection)
    assert connection.response_data == b""
    assert connection.headers is not None
    assert connection.headers["Content-Length"] == str(len(b'{"status":"healthy"}'))
    assert (await ann.call("HEAD", "channels/")).status == 200
    assert (await service.nobody.call("HEAD", "channels/")).status == 401
    assert (await service.nobody.call("HEAD", "nowhere")).value == b""


async def test_options_names_the_methods(service: Service) -> None:
    answer = await service.nobody.call("OPTIONS", "channels/")
    assert answer.status == 200
    assert "POST" in answer.headers["Allow"]


# -- the other spelling


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("channels", "/api/v1/channels/"),
        ("channels?limit=1&x=%20", "/api/v1/channels/?limit=1&x=%20"),
        ("messages", "/api/v1/messages/"),
        ("channels/my/", "/api/v1/channels/my"),
        ("auth/me/", "/api/v1/auth/me"),
        ("messages/mentions/my/?page=2", "/api/v1/messages/mentions/my?page=2"),
        ("messages/a%0D%0Ab%3F/", "/api/v1/messages/a%0D%0Ab%3F"),
        ("/health/", "/health"),
    ],
)
async def test_the_other_spelling_is_redirected(service: Service, path: str, other: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = await service.nobody.call(method, path, headers={"Host": "evil.example"})
        assert answer.status == 307
        assert leads_to(answer.headers["Location"], path) == other


async def test_a_redirected_request_keeps_its_body(service: Service) -> None:
    ann = await service.register("ann")
    moved = await ann.post("channels", {"name": "tea"})
    assert moved.status == 307  # which has a client repeat the method and the body
    made = await ann.post(leads_to(moved.headers["Location"], "channels"), {"name": "tea"})
    assert made.value["name"] == "tea"


async def test_what_has_no_other_spelling(service: Service) -> None:
    for path in ("/nowhere/", "/api/v1//channels", "/api//v1/channels/", "/nowhere//"):
        assert (await service.nobody.get(path)).status == 404


async def test_no_redirect_leads_to_another_host(service: Service) -> None:
    for path, other in (("//health/", "../health"), ("//api/v1/channels", "channels/")):
        answer = await service.nobody.get("/", scope_base={"path": path})
        assert (answer.status, answer.headers["Location"]) == (307, other)
        assert urlsplit(urljoin(f"http://here.example{path}", other)).netloc == "here.example"


@pytest.mark.parametrize(
    ("public", "ours"), [("/chat/api/v1", "/api/v1"), ("/v1", "/api/v1"), ("/a/b/", "/api/v1/")]
)
@pytest.mark.parametrize(
    ("path", "other"), [("/channels", "/channels/"), ("/auth/me/", "/auth/me")]
)
async def test_a_redirect_holds_whatever_a_proxy_puts_before_a_path(
    service: Service, public: str, ours: str, path: str, other: str
) -> None:
    """Or takes away from it."""
    answer = await service.nobody.get(ours.rstrip("/") + path + "?page=2")
    assert answer.status == 307
    asked = public.rstrip("/") + path
    assert urljoin(asked, answer.headers["Location"]) == f"{public.rstrip('/')}{other}?page=2"


def leads_to(location: str, path: str) -> str:
    """Where a client goes that asked for the path."""
    assert not location.startswith("/")
    return urljoin(path if path.startswith("/") else f"/api/v1/{path}", location)


# -- CORS


async def test_a_page_of_a_known_origin_may_call(service: Service) -> None:
    for path, status in (("/health", 200), ("/nowhere", 404), ("channels/", 401)):
        for origin in (HERE, "http://localhost:3001"):
            answer = await service.nobody.get(path, headers={"Origin": origin})
            assert answer.status == status
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
            assert "Origin" in answer.headers["Vary"]


async def test_a_page_of_another_origin_is_told_nothing(service: Service) -> None:
    for origin in (ELSEWHERE, "null", "http://localhost:30001", HERE.upper(), ""):
        for method in ("GET", "OPTIONS"):
            headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
            answer = await service.nobody.call(method, "/health", headers=headers)
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["channels/", "channels", "messages/x", "/nowhere"])
async def test_a_preflight_is_answered_for_any_path_and_method(
    service: Service, path: str, method: str
) -> None:
    headers = {
        "Origin": HERE,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, x-other",
    }
    answer = await service.nobody.call("OPTIONS", path, headers=headers)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type, x-other"


async def test_any_origin_but_without_credentials(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(cors={"origins": ("*",)})) as service:
        answer = await service.nobody.get("/health", headers={"Origin": ELSEWHERE})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_quart_s_own_logger_is_quiet_about_refusals(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is no error of the server: nothing is logged as one."""

    async def refuse(path: Path) -> None:
        async with serving(path) as service:
            await service.nobody.get("channels/")
            await service.nobody.get("/nowhere")
            await service.nobody.post("auth/login", {})

    with tempfile.TemporaryDirectory() as folder:
        trio.run(refuse, Path(folder))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

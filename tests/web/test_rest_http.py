"""What every endpoint does alike: errors, spellings, CORS, bodies (channels-rest 1)."""

import gzip
import logging
import re
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quart_trio.testing.connections import TestHTTPConnection as HTTPConnection

from tests.server import open_chat_server, settings_for
from tests.web.conftest import Answer, Caller, Service, configured, serving
from trichat.settings import Limits

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


# -- bodies


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"nothing",
        b"\xff\xfe",
        b"{'name': 1}",
        b'{"name": NaN}',
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ],
)
async def test_what_is_no_json(service: Service, data: bytes) -> None:
    ann = await service.register("ann")
    answer = await ann.post("channels/", data=data)
    assert answer.problems() == [("json_invalid", ["body", 0])]


async def test_what_is_no_object(service: Service) -> None:
    ann = await service.register("ann")
    for body in ([], "x", 5, None, True, [{"name": "tea"}]):
        answer = await ann.post("channels/", body)
        assert answer.problems() == [("model_attributes_type", ["body"])]
    assert (await ann.post("channels/")).problems() == [("missing", ["body"])]


async def test_the_content_type_does_not_matter(service: Service) -> None:
    ann = await service.register("ann")
    for number, kind in enumerate(("text/plain", "application/json; charset=utf-8", "x")):
        headers = {"Content-Type": kind}
        answer = await ann.post("channels/", data=f'{{"name": "{number}"}}', headers=headers)
        assert answer.status == 200


async def test_a_body_is_bounded(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(limits={"body_bytes": 1000})) as service:
        ann = await service.register("ann")
        fits = b'{"name": "tea"}'.ljust(1000)
        assert (await ann.post("channels/", data=fits)).status == 200
        answer = await ann.post("channels/", data=fits + b" ")
        assert answer.is_refused(413, "Request body is too large")


async def test_a_body_is_bounded_without_being_announced(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(limits={"body_bytes": 1000})) as service:
        ann = await service.register("ann")
        headers = {"Authorization": f"Bearer {ann.token}"}
        async with service.client.request(
            "/api/v1/channels/", method="POST", headers=headers
        ) as connection:
            for _ in range(3):
                await connection.send(b" " * 400)
            response = await connection.as_response()
        assert response.status_code == 413


async def test_a_body_that_trickles_is_answered_408_and_ended(tmp_path: Path) -> None:
    limits = Limits(body_deadline=0.5)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        async with await server.dial() as stream:
            head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
            await stream.send_all(head.encode() + b'{"username": ')
            answer = b""
            with trio.fail_after(10):
                async for data in stream:
                    answer += bytes(data)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert answer.endswith(b'{"detail":"Request Timeout"}')
        assert (await server.get("/healthz")).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip", "x"])
async def test_a_packed_body_is_not_unpacked(service: Service, coding: str) -> None:
    """A bomb of a megabyte in a kilobyte is a kilobyte."""
    ann = await service.register("ann")
    bomb = gzip.compress(b'{"name": "tea"}'.ljust(1_000_000))
    answer = await ann.post("channels/", data=bomb, headers={"Content-Encoding": coding})
    assert answer.is_refused(415, "A body is sent as it is, without a Content-Encoding")
    assert answer.headers["Accept-Encoding"] == "identity"
    for plain in ("identity", " Identity ", ""):
        headers = {"Content-Encoding": plain}
        data = b'{"name": "tea %d"}' % len(plain)
        assert (await ann.post("channels/", data=data, headers=headers)).status == 200


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = (
    "content", "channel_id", "message_id", "emoji", "name", "description", "is_private", "user_id",
    "label", "username", "password", "email", "avatar",
)  # fmt: skip
WITH_BODIES = (
    ("POST", "auth/register"), ("POST", "auth/login"), ("POST", "auth/keys"),
    ("POST", "channels/"), ("POST", "channels/join"), ("POST", "channels/{channel}/add-user"),
    ("POST", "messages/"), ("PUT", "messages/{message}"), ("POST", "messages/reactions"),
    ("POST", "messages/format/validate"),
)  # fmt: skip


def known_or_anything() -> st.SearchStrategy[Any]:
    return st.sampled_from(["{channel}", "{message}", "{user}", "tea", "a@example.com"]) | anything


def test_no_body_and_no_path_is_a_failure(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is sent, the answer is JSON, and none is the server's fault."""

    @settings(
        max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        st.sampled_from(WITH_BODIES),
        st.dictionaries(st.sampled_from(FIELDS), known_or_anything(), max_size=6) | anything,
        st.text(st.characters(codec="utf-8"), max_size=10),
    )
    def check(endpoint: tuple[str, str], body: Any, text: str) -> None:
        trio.run(send, endpoint, body, text)

    async def send(endpoint: tuple[str, str], body: Any, text: str) -> None:
        async with serving(tmp_path_factory.mktemp("any")) as service:
            ann = await service.register("ann")
            channel = await ann.channel("pot")
            message = (await ann.say(channel, "hello"))["id"]
            names = {"{channel}": channel, "{message}": message, "{user}": ann.id}
            method, path = endpoint
            for name, value in names.items():
                path = path.replace(name, value)
            if isinstance(body, dict):
                body = {
                    key: names.get(value, value) if isinstance(value, str) else value
                    for key, value in body.items()
                }
            _is_no_failure(await ann.call(method, path, body))
            await _try_path(ann, text)

    check()


async def _try_path(caller: Caller, text: str) -> None:
    part = quote(text, safe="")
    for method, path in (
        ("GET", f"channels/{part}"),
        ("DELETE", f"channels/{part}/leave"),
        ("GET", f"messages/channel/{part}?limit={part}&offset={part}"),
        ("DELETE", f"messages/reactions/{part}"),
        ("GET", f"messages/{part}"),
        ("DELETE", f"auth/keys/{part}"),
        ("GET", f"messages/mentions/my?page={part}"),
        ("POST", f"messages/format/validate?content={part}"),
    ):
        _is_no_failure(await caller.call(method, path))


def _is_no_failure(answer: Answer) -> None:
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert "detail" in answer.value
    elif answer.status == 200:
        assert isinstance(answer.value, dict | list)


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

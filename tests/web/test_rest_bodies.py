"""Bodies of requests: what is none, how large they may be, how they are coded (channels-rest 1)."""

import gzip
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server import open_chat_server, settings_for
from tests.web.conftest import Answer, Caller, Service, configured, serving
from trichat.settings import Limits

pytestmark = pytest.mark.promise("rest-1")


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

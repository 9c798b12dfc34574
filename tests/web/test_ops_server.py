"""What /metrics shows of the server itself: rooms, the store, the event loop; and to whom."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import wait_all_tasks_blocked

from tests.server import ChatServer, open_chat_server, settings_for
from tests.web.test_ops import TOKEN, get, shown, until
from trichat.runtime import metrics
from trichat.runtime.metrics import Metrics
from trichat.settings import Ops
from trichat.store.health import StoreError


async def test_lobby_17_rooms_that_live_and_rooms_at_work(server: ChatServer) -> None:
    ann = await server.person("ann")  # the first one finds three rooms
    assert (await shown(server))["trichat_rooms", ("public",)] == 3
    hall = await server.channel(ann, "hall", private=True)
    await until(server, "rooms", "private", value=1)  # counted once a second
    values = await shown(server)
    assert values["trichat_rooms", ("public",)] == 3
    working = values["trichat_rooms_working", ()]
    await server.rest(ann, "POST", "/messages/", {"channel_id": hall, "content": "hello"})
    assert (await shown(server))["trichat_rooms_working", ()] == working + 1


async def test_the_store_is_not_asked_for_every_look(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    count = type(server.runtime.store).count_rooms

    async def counted(self: Any) -> Any:
        nonlocal asked
        asked += 1
        return await count(self)

    monkeypatch.setattr(type(server.runtime.store), "count_rooms", counted)
    monkeypatch.setattr("trichat.web.ops.COUNT_EVERY", 3600)
    for _ in range(3):
        assert (await shown(server))["trichat_rooms", ("public",)] == 0
    assert asked == 1


async def test_metrics_are_shown_when_the_store_cannot_be_asked(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Any) -> Any:
        raise StoreError("no disk")

    monkeypatch.setattr(type(server.runtime.store), "count_rooms", broken)
    values = await shown(server)
    assert ("trichat_rooms", ("public",)) not in values
    assert values["trichat_connections", ("lobby",)] == 0


async def test_transactions_and_what_they_held(server: ChatServer) -> None:
    ann = await server.person("ann")
    hall = await server.channel(ann, "hall")
    before = await shown(server)
    for _ in range(5):
        await server.rest(ann, "POST", "/messages/", {"channel_id": hall, "content": "hello"})
    after = await shown(server)
    for name in ("batch_writes_count", "batch_writes_sum", "commit_seconds_count"):
        key = (f"trichat_storage_{name}", ())
        assert after[key] - before[key] == 5, name
    seconds = ("trichat_storage_commit_seconds_sum", ())
    assert 0 < after[seconds] - before[seconds] < 60


async def test_a_loop_that_was_held_up_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "LAG_EVERY", 0.001)
    counted = Metrics()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(counted.watch_loop)
        await wait_all_tasks_blocked()
        time.sleep(0.1)  # noqa: ASYNC251 - just this is the fault
        await trio.sleep(0.01)
        nursery.cancel_scope.cancel()
    lag = counted.registry.get_sample_value("trichat_loop_lag_seconds_sum")
    assert lag is not None
    assert lag > 0.09


async def test_the_loop_of_a_server_is_watched(server: ChatServer) -> None:
    with trio.fail_after(10):
        while not (await shown(server))["trichat_loop_lag_seconds_count", ()]:
            await trio.lowlevel.checkpoint()


# HTTP


async def test_requests_by_route_and_status(server: ChatServer) -> None:
    ann = await server.person("ann")
    hall = await server.channel(ann, "hall")
    for path, status in (
        (f"/channels/{hall}", 200),
        ("/channels/nowhere", 404),
        ("/nothing/here", 404),
    ):
        assert (await server.rest(ann, "GET", path))[0] == status
    await server.rest(None, "GET", "/channels/my")
    await server.rest(ann, "BREW", "/channels/my")
    values = await shown(server)
    route = "/api/v1/channels/<channel_id>"
    name = "trichat_http_requests_total"
    assert values[name, ("GET", route, "200")] == 1
    assert values[name, ("GET", route, "404")] == 1
    assert values[name, ("GET", "/api/v1/channels/my", "401")] == 1
    assert values[name, ("GET", "(none)", "404")] == 1
    assert values[name, ("OTHER", "(none)", "405")] == 1
    assert values[name, ("POST", "/api/v1/auth/register", "200")] == 1


async def test_a_scraper_gets_the_form_it_asks_for(server: ChatServer) -> None:
    plain = await get(server, "/metrics")
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert plain.headers["cache-control"] == "no-store"
    modern = await get(server, "/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert modern.text.endswith("# EOF\n")


async def test_metrics_may_demand_a_token_of_their_own(tmp_path: Path) -> None:
    ops = Ops(metrics_token=TOKEN)  # type: ignore[arg-type]
    async with open_chat_server(settings_for(tmp_path, ops=ops)) as server:
        ann = await server.person("ann")
        for shown_token in ("", f"Basic {TOKEN}", "Bearer x", f"Bearer {ann.token}"):
            answer = await get(server, "/metrics", authorization=shown_token)
            assert answer.status_code == 401, shown_token
            assert answer.headers["www-authenticate"] == "Bearer"
        right = await get(server, "/metrics", authorization=f"Bearer {TOKEN}")
        assert right.status_code == 200
        assert TOKEN not in right.text


async def test_metrics_may_be_switched_off(tmp_path: Path) -> None:
    async with open_chat_server(settings_for(tmp_path, ops=Ops(metrics=False))) as server:
        assert (await get(server, "/metrics")).status_code == 404
        assert (await get(server, "/readyz")).status_code == 200


async def test_two_servers_of_one_process_count_apart(server: ChatServer, tmp_path: Path) -> None:
    await server.person("ann")
    key = ("trichat_http_requests_total", ("POST", "/api/v1/auth/register", "200"))
    async with open_chat_server(settings_for(tmp_path / "other")) as other:
        assert key not in await shown(other)
        assert (await shown(server))[key] == 1


async def test_the_page_for_operators_names_what_is_shown(server: ChatServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    families = text_string_to_metric_families((await get(server, "/metrics")).text)
    names = {
        family.name + "_total" * (family.type == "counter")
        for family in families
        if family.name.startswith("trichat_")
    }
    assert set(re.findall(r"^\| `(trichat_\w+)`", page, re.MULTILINE)) == names

"""Storage fails: 503, nothing acknowledged, nothing inner told, and all goes on when it is back."""

from pathlib import Path

import pytest

from tests.web.conftest import (
    PASSWORD,
    Answer,
    Breakable,
    BreakableWrites,
    Caller,
    Service,
    serving,
)

UNAVAILABLE = "Storage is unavailable, nothing was changed; try again later"


async def every_write(service: Service, ann: Caller, names: dict[str, str]) -> list[Answer]:
    bob = {"email": "new@example.com", "username": "new", "password": PASSWORD}
    return [
        await service.nobody.post("auth/register", bob),
        await ann.post("auth/keys", {"label": "bot", "current_password": PASSWORD}),
        await ann.delete(f"auth/keys/{names['key']}"),
        await ann.post("channels/", {"name": "milk"}),
        await ann.post("channels/join", {"channel_id": names["other"]}),
        await ann.post(f"channels/{names['channel']}/add-user", {"user_id": names["user"]}),
        await ann.post("messages/", {"content": "hi", "channel_id": names["channel"]}),
        await ann.put(f"messages/{names['message']}", {"content": "hi"}),
        await ann.react(names["message"], "👎"),
        await ann.delete(f"messages/reactions/{names['reaction']}"),
        await ann.delete(f"messages/{names['message']}"),
        await ann.delete(f"channels/{names['channel']}/leave"),
    ]


async def every_read(ann: Caller, names: dict[str, str]) -> list[Answer]:
    body = {"username": "ann", "password": PASSWORD}
    return [
        await ann.get("auth/me"),
        await ann.post("auth/login", body),
        await ann.get("auth/keys"),
        await ann.get("channels/"),
        await ann.get("channels/my"),
        await ann.get(f"channels/{names['channel']}"),
        await ann.get("channels/users/available"),
        await ann.get(f"messages/channel/{names['channel']}"),
        await ann.get(f"messages/{names['message']}"),
        await ann.get("messages/mentions/my"),
    ]


async def furnish(service: Service) -> tuple[Caller, dict[str, str]]:
    ann, bob = await service.people("ann", "bob")
    channel, other = await ann.channel("tea"), await bob.channel("other")
    message = (await ann.say(channel, "hello @ann"))["id"]
    await ann.react(message, "👍")
    held = (await ann.get(f"messages/{message}")).value["reactions"]
    key = (await ann.post("auth/keys", {"label": "old", "current_password": PASSWORD})).value["id"]
    return ann, {
        "channel": channel, "other": other, "message": message, "reaction": held[0]["id"],
        "key": str(key), "user": bob.id,
    }  # fmt: skip


@pytest.mark.parametrize("store_class", [BreakableWrites, Breakable])
async def test_a_failed_write_changes_nothing(
    tmp_path: Path, store_class: type[Breakable], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path, store_class=store_class) as service:
        ann, names = await furnish(service)
        before = [answer.value for answer in await every_read(ann, names)]
        service.store.broken = True
        for answer in await every_write(service, ann, names):
            assert answer.is_refused(503, UNAVAILABLE)
            assert "WWW-Authenticate" not in answer.headers
        service.store.broken = False
        after = [answer.value for answer in await every_read(ann, names)]
        del before[1], after[1]  # the login's fresh token
        assert after == before
        statuses = [answer.status for answer in await every_write(service, ann, names)]
        assert statuses == [200] * 12
        assert PASSWORD not in caplog.text


async def test_a_failed_read_is_no_empty_answer(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        ann, names = await furnish(service)
        service.store.broken = True
        for answer in await every_read(ann, names):
            assert answer.is_refused(503, UNAVAILABLE)
        assert (await service.nobody.get("/healthz")).status == 200
        service.store.broken = False
        assert [answer.status for answer in await every_read(ann, names)] == [200] * 10

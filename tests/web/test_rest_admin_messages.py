"""Messages that are taken away, and the same act on many: channels-rest 7, all-8, channels-20."""

from typing import Any

import pytest

from tests.web.administrators import UNKNOWN, logged, ranked
from tests.web.conftest import Answer, Caller, Service
from trichat.core.commands import Say
from trichat.core.model import Role

pytestmark = pytest.mark.promise("rest-7")

NOT_FOUND = (404, "Message not found")
BULK_KEYS = {
    "successful", "failed", "total_processed", "success_count", "failure_count", "errors",
    "action_ids",
}  # fmt: skip


async def take_away(by: Caller, message: str, **fields: Any) -> Answer:
    body = {"message_id": message, **fields}
    return await by.call("DELETE", f"admin/messages/{message}", body)


async def test_anyones_message_goes(service: Service) -> None:
    mod = await ranked(service, "mod", Role.MODERATOR)
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    ann = await service.register("ann")
    for name, private in (("tea", False), ("den", True)):
        room = await ann.channel(name, is_private=private)
        said = await ann.say(room, "rude")
        answer = await take_away(mod, said["id"].upper(), reason="rude")
        assert (answer.status, answer.value) == (200, {"message": "Message deleted successfully"})
        assert (await ann.get(f"messages/channel/{room}")).value == []
        assert (await ann.get(f"messages/{said['id']}")).is_refused(*NOT_FOUND)
        assert (await take_away(mod, said["id"])).is_refused(*NOT_FOUND)
        assert (await logged(chief))[0] == ("DELETE_MESSAGE", said["id"], "mod", "rude")
    (entry, _) = (await chief.get("admin/actions")).value
    assert (entry["target_type"], entry["metadata"]) == ("MESSAGE", None)


async def test_what_is_said_in_direct_rooms_is_unknown(service: Service) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    ann, bob = await service.people("ann", "bob")
    pair = await service.direct_room(ann, bob)
    room = await service.runtime.directory.find(pair)
    assert room is not None
    outcome: Any = await service.runtime.directory.request(
        room, Say("x"), await service.account(ann)
    )
    message = outcome.events[0].message.uuid
    for other in (message, UNKNOWN, "x", "5"):
        assert (await take_away(chief, other)).is_refused(*NOT_FOUND)
    assert await logged(chief) == []


async def test_its_author_deletes_his_own_in_the_common_way(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    room = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": room})
    said = await ann.say(room, "x")
    assert (await take_away(ann, said["id"])).status == 403
    assert (await bob.delete(f"messages/{said['id']}")).is_refused(
        403, "Can only delete your own messages"
    )
    assert (await ann.delete(f"messages/{said['id']}")).status == 200


async def test_the_reason_is_bounded(service: Service) -> None:
    mod = await ranked(service, "mod", Role.MODERATOR)
    for reason in ("x" * 1001, "\0"):
        answer = await take_away(mod, UNKNOWN, reason=reason)
        assert answer.problems() == [("value_error", ["body", "reason"])]
    without = await mod.call("DELETE", f"admin/messages/{UNKNOWN}")
    assert without.problems() == [("missing", ["body"])]


# -- the same act on many


async def bulk(by: Caller, action: Any, *targets: Any, **fields: Any) -> Answer:
    body = {"action": action, "target_ids": list(targets), **fields}
    return await by.post("admin/bulk-actions", body)


async def test_many_are_banned_and_each_fails_alone(service: Service) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    peer = await ranked(service, "peer", Role.SUPER_ADMIN)
    ann, bob, cat = await service.people("ann", "bob", "cat")
    answer = await bulk(
        chief, "BAN_USER", ann.id, UNKNOWN, peer.id, "x", bob.id,
        reason="spam", metadata={"ticket": 7, "nested": {"deep": [1, None]}},
    )  # fmt: skip
    assert answer.status == 200
    result = answer.value
    assert set(result) == BULK_KEYS
    assert result["successful"] == [ann.id, bob.id]
    assert result["failed"] == [
        {"id": UNKNOWN, "error": "User not found"},
        {"id": peer.id, "error": "Cannot ban user with equal or higher role"},
        {"id": "x", "error": "User not found"},
    ]
    counts = ("total_processed", "success_count", "failure_count")
    assert [result[key] for key in counts] == [5, 2, 3]
    assert result["errors"][0] == f"{UNKNOWN}: User not found"
    entries = (await chief.get("admin/actions")).value
    assert [entry["id"] for entry in entries] == result["action_ids"][::-1]
    for entry in entries:
        assert (entry["action"], entry["reason"]) == ("BAN_USER", "spam")
        assert entry["metadata"] == {"ticket": 7, "nested": {"deep": [1, None]}}
    assert [(await user.get("auth/me")).status for user in (ann, bob, cat, peer)] == [
        401, 401, 200, 200,
    ]  # fmt: skip


async def test_many_messages_are_deleted(service: Service) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    ann = await service.register("ann")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    said = [(await ann.say(room, "x"))["id"] for room in (tea, tea, den)]
    result = (await bulk(chief, "DELETE_MESSAGE", *said, said[0], reason="spam")).value
    assert result["successful"] == said
    assert result["failed"] == [{"id": said[0], "error": "Message not found"}]
    assert (await ann.get(f"messages/channel/{tea}")).value == []
    assert [reason for *_, reason in await logged(chief)] == ["spam"] * 3


async def test_nothing_else_is_done_in_bulk(service: Service) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    ann = await service.register("ann")
    result = (await bulk(chief, "SUSPEND_USER", ann.id)).value
    assert (result["success_count"], result["failure_count"]) == (0, 1)
    assert result["failed"][0]["error"] == "SUSPEND_USER is not done in bulk"
    assert await logged(chief) == []
    assert (await ann.get("auth/me")).status == 200


@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        ("action", "NOTHING", "enum"),
        ("action", 5, "enum"),
        ("target_ids", "abc", "list_type"),
        ("target_ids", {"a": 1}, "list_type"),
        ("target_ids", [1], "list_type"),
        ("target_ids", None, "list_type"),
        ("target_ids", [], "value_error"),
        ("target_ids", ["x"] * 101, "value_error"),
        ("target_ids", ["\0"], "value_error"),
        ("metadata", [], "dict_type"),
        ("metadata", "x", "dict_type"),
        ("metadata", {"x": "\ud800"}, "value_error"),
        ("metadata", {"x": "y" * 5000}, "value_error"),
        ("reason", "x" * 1001, "value_error"),
    ],
)
async def test_a_field_is_wrong(service: Service, field: str, value: Any, type_: str) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    body = {"action": "BAN_USER", "target_ids": [UNKNOWN], field: value}
    answer = await chief.post("admin/bulk-actions", body)
    assert answer.problems() == [(type_, ["body", field])]

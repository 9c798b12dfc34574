"""API keys over REST (lobby-2)."""

import pytest

from tests.web.conftest import Service
from trichat.auth.apikeys import is_key
from trichat.runtime.accounts import NotIdentifiedError

pytestmark = pytest.mark.promise("lobby-2")

NONE = "API key not found"


async def test_a_key_is_shown_once_and_acts_as_its_user(service: Service) -> None:
    ann = await service.register("ann")
    made = await ann.post("auth/keys", {"label": "bot"})
    assert made.status == 200
    assert set(made.value) == {"id", "label", "created_at", "revoked_at", "key"}
    key = made.value.pop("key")
    assert is_key(key)
    identity = await service.runtime.accounts.identify_key(key)
    assert identity.user.uuid == ann.id
    assert (await ann.get("auth/keys")).value == [made.value]


async def test_revoking(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(
        type(service.runtime.connections), "revoke_key", lambda _, n: closed.append(n)
    )
    ann = await service.register("ann")
    first = (await ann.post("auth/keys", {"label": "one"})).value
    second = (await ann.post("auth/keys", {"label": "two"})).value
    answer = await ann.delete(f"auth/keys/{first['id']}")
    assert (answer.status, answer.value) == (200, {"message": "API key revoked"})
    assert closed == [first["id"]]
    with pytest.raises(NotIdentifiedError):
        await service.runtime.accounts.identify_key(first["key"])
    await service.runtime.accounts.identify_key(second["key"])
    listed = (await ann.get("auth/keys")).value
    assert [key["label"] for key in listed] == ["one", "two"]
    assert [key["revoked_at"] is None for key in listed] == [False, True]
    assert (await ann.delete(f"auth/keys/{first['id']}")).is_refused(404, NONE)
    assert closed == [first["id"]]


async def test_keys_of_others_do_not_exist(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    key = (await ann.post("auth/keys", {"label": "bot"})).value
    assert (await bob.get("auth/keys")).value == []
    for number in (key["id"], 99, "x", "-1", "1" * 6000, f"0{key['id']}", "%00"):
        assert (await bob.delete(f"auth/keys/{number}")).is_refused(404, NONE)
    await service.runtime.accounts.identify_key(key["key"])


async def test_a_label_is_a_short_text(service: Service) -> None:
    ann = await service.register("ann")
    assert (await ann.post("auth/keys", {"label": "x" * 100})).status == 200
    for label in ("", "x" * 101, "a\0"):
        answer = await ann.post("auth/keys", {"label": label})
        assert answer.problems() == [("value_error", ["body", "label"])]
    assert (await ann.post("auth/keys", {})).problems() == [("missing", ["body", "label"])]
    assert len((await ann.get("auth/keys")).value) == 1

"""Messages over REST: channels-rest 6, channels-10, channels-13, channels-19, all-8, all-9."""

from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.conftest import Service, configured, serving
from tests.web.test_rest_auth import USER_KEYS
from tests.web.test_rest_channels import DENIED, UNKNOWN
from trichat.core.answers import Done
from trichat.core.commands import Say
from trichat.core.events import Said

pytestmark = pytest.mark.promise("rest-6")

MESSAGE_KEYS = {
    "id", "content", "channel_id", "channelId", "user_id", "userId", "created_at", "createdAt",
    "updated_at", "updatedAt", "is_edited", "isEdited", "is_system", "formatting", "user",
    "mentions", "mention_count", "reactions", "reaction_counts",
}  # fmt: skip
MUST_BE = "Must be a member of the channel to {} messages"
NOT_FOUND = (404, "Message not found")
AS_SENT = (
    "x", "x" * 2000, "🫖" * 2000, "  trim me  ", "a\n\n\n\nb", "a    b", "**odd", "```", "`",
    "<b>&amp;</b>", "> @bob: hi\n\nwell", "tab\tand\x1bcontrol", "\u202e.\ufeff", "é vs e\u0301",
)  # fmt: skip
REFUSED: list[tuple[Any, str]] = [
    ("", "value_error"),
    (" \n\u2003", "value_error"),
    ("x" * 2001, "value_error"),
    ("a\0b", "value_error"),
    (5, "string_type"),
    (None, "string_type"),
    ([], "string_type"),
]


async def test_saying(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = await ann.say(tea, "hello")
    assert set(message) == MESSAGE_KEYS
    assert set(message["user"]) == USER_KEYS
    assert message["content"] == "hello"
    assert message["channel_id"] == message["channelId"] == tea
    assert message["user_id"] == message["userId"] == message["user"]["id"] == ann.id
    assert message["created_at"] == message["createdAt"] == message["updated_at"]
    assert message["is_edited"] is message["isEdited"] is False
    assert (message["reactions"], message["mentions"], message["mention_count"]) == ([], [], 0)
    assert (await ann.get(f"messages/{message['id']}")).value == message
    assert (await ann.get(f"messages/{message['id'].upper()}")).value == message
    assert (await ann.get(f"messages/channel/{tea}")).value == [message]


@pytest.mark.parametrize("content", AS_SENT)
async def test_all_9_text_is_kept_as_sent(service: Service, content: str) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = await ann.say(tea, content)
    assert message["content"] == content
    edited = await ann.put(f"messages/{message['id']}", {"content": content})
    assert edited.value["content"] == content
    assert (await ann.get(f"messages/{message['id']}")).value["content"] == content


@pytest.mark.parametrize(("content", "type_"), REFUSED)
@pytest.mark.promise("all-9")
async def test_content_that_may_not_be(service: Service, content: Any, type_: str) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = await ann.say(tea, "before")
    head = await service.head(tea)
    said = await ann.post("messages/", {"content": content, "channel_id": tea})
    edited = await ann.put(f"messages/{message['id']}", {"content": content})
    for answer in (said, edited):
        assert answer.problems() == [(type_, ["body", "content"])]
    assert await service.head(tea) == head


async def test_the_words_about_content(service: Service) -> None:
    ann = await service.register("ann")
    for content, words in (
        (" ", "Message content cannot be empty"),
        ("x" * 2001, "Message content must be less than 2000 characters"),
    ):
        said = await ann.post("messages/", {"content": content, "channel_id": UNKNOWN})
        assert said.detail[0]["msg"].endswith(words)


@pytest.mark.promise("all-9")
async def test_a_lone_surrogate_is_refused(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    data = f'{{"content": "a\\ud800b", "channel_id": "{tea}"}}'
    answer = await ann.post("messages/", data=data)
    assert answer.problems() == [("value_error", ["body", "content"])]
    whole = f'{{"content": "\\ud83e\\uded6", "channel_id": "{tea}"}}'
    assert (await ann.post("messages/", data=whole)).value["content"] == "🫖"


async def test_fields_are_missing(service: Service) -> None:
    ann = await service.register("ann")
    assert (await ann.post("messages/", {})).problems() == [
        ("missing", ["body", "content"]),
        ("missing", ["body", "channel_id"]),
    ]
    answer = await ann.put(f"messages/{UNKNOWN}", {})
    assert answer.problems() == [("missing", ["body", "content"])]


@pytest.mark.promise("channels-4")
async def test_only_members_say(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    direct = await service.direct_room(ann, bob)
    heads = [await service.head(room) for room in (tea, den, direct)]
    for channel in (tea, den, direct, UNKNOWN, "x", ""):
        answer = await bob.post("messages/", {"content": "hi", "channel_id": channel})
        assert answer.is_refused(403, MUST_BE.format("send"))
    assert [await service.head(room) for room in (tea, den, direct)] == heads


@pytest.mark.promise("all-15")
async def test_a_page_is_counted_from_the_newest(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    for number in range(120):
        await ann.say(tea, str(number))

    async def page(query: str) -> list[str]:
        answer = await ann.get(f"messages/channel/{tea}{query}")
        return [message["content"] for message in answer.value]

    def numbers(start: int, stop: int) -> list[str]:
        return [str(number) for number in range(start, stop)]

    assert await page("") == numbers(70, 120)
    assert await page("?limit=100") == numbers(20, 120)
    assert await page("?limit=2&offset=1") == ["117", "118"]
    assert await page("?limit=10&offset=115") == numbers(0, 5)
    assert await page("?limit=0") == []
    assert await page("?offset=120") == []
    assert await page(f"?offset={2**53}") == []
    assert await page("?limit=%2B3") == numbers(117, 120)


@pytest.mark.parametrize(
    ("query", "field", "type_"),
    [
        ("limit=101", "limit", "less_than_equal"),
        ("limit=-1", "limit", "greater_than_equal"),
        ("offset=-1", "offset", "greater_than_equal"),
        (f"offset={2**53 + 1}", "offset", "less_than_equal"),
        ("offset=" + "9" * 5000, "offset", "int_parsing"),
        ("limit=ten", "limit", "int_parsing"),
        ("limit=", "limit", "int_parsing"),
        ("limit=1.0", "limit", "int_parsing"),
        ("limit=%D9%A1", "limit", "int_parsing"),
        ("limit=%FF", "limit", "int_parsing"),
    ],
)
async def test_a_page_has_bounds(service: Service, query: str, field: str, type_: str) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    answer = await ann.get(f"messages/channel/{tea}?{query}")
    assert answer.problems() == [(type_, ["query", field])]


@pytest.mark.promise("channels-4", "channels-19")
async def test_only_members_read(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    direct = await service.direct_room(ann, bob)
    for channel in (tea, den, direct, UNKNOWN, "x"):
        assert (await bob.get(f"messages/channel/{channel}")).is_refused(*DENIED)


@pytest.mark.promise("channels-20")
async def test_editing(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = await ann.say(tea, "helo")
    await bob.react(message["id"], "👍")
    edited = (await ann.put(f"messages/{message['id']}", {"content": "hello @bob"})).value
    assert set(edited) == MESSAGE_KEYS
    assert edited["is_edited"] is edited["isEdited"] is True
    assert edited["created_at"] == message["created_at"]
    assert edited["updated_at"] > message["updated_at"]
    assert edited["mentions"] == ["bob"]
    assert [reaction["emoji"] for reaction in edited["reactions"]] == ["👍"]
    assert (await bob.get(f"messages/{message['id']}")).value == edited


@pytest.mark.promise("all-16")
async def test_deleting(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = await ann.say(tea, "hello @bob")
    await bob.react(message["id"], "👍")
    deleted = await ann.delete(f"messages/{message['id']}")
    assert (deleted.status, deleted.value) == (200, {"message": "Message deleted successfully"})
    assert (await bob.get(f"messages/channel/{tea}")).value == []
    assert (await bob.get("messages/mentions/my")).value == []
    assert (await ann.delete(f"messages/{message['id']}")).is_refused(*NOT_FOUND)
    assert (await ann.get(f"messages/{message['id']}")).is_refused(*NOT_FOUND)
    gone = await ann.put(f"messages/{message['id']}", {"content": "x"})
    assert gone.is_refused(*NOT_FOUND)
    assert (await bob.react(message["id"], "👍")).is_refused(*NOT_FOUND)


async def test_only_the_author_edits_and_deletes(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    message = await ann.say(tea, "hello")
    head = await service.head(tea)
    for other in (bob, cat):
        edited = await other.put(f"messages/{message['id']}", {"content": "x"})
        assert edited.is_refused(403, "Can only edit your own messages")
        deleted = await other.delete(f"messages/{message['id']}")
        assert deleted.is_refused(403, "Can only delete your own messages")
    assert await service.head(tea) == head


async def test_who_left_neither_edits_nor_deletes_nor_reads(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    message = await ann.say(tea, "hello")
    await ann.delete(f"channels/{tea}/leave")
    head = await service.head(tea)
    edited = await ann.put(f"messages/{message['id']}", {"content": "x"})
    assert edited.is_refused(403, MUST_BE.format("edit"))
    deleted = await ann.delete(f"messages/{message['id']}")
    assert deleted.is_refused(403, MUST_BE.format("delete"))
    assert (await ann.get(f"messages/{message['id']}")).is_refused(403, "Access denied to message")
    assert (await ann.react(message["id"], "x")).is_refused(403, "Access denied to message")
    said = await ann.post("messages/", {"content": "x", "channel_id": tea})
    assert said.is_refused(403, MUST_BE.format("send"))
    assert await service.head(tea) == head


async def test_channels_19_messages_one_may_not_see_do_not_exist(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    den = await ann.channel("den", is_private=True)
    secret = (await ann.say(den, "secret @bob"))["id"]
    direct = await service.direct_room(bob, cat)
    told = await _say_directly(service, bob, direct, "psst @cat")
    for caller, message in (
        (bob, secret),
        (ann, told),
        (bob, told),  # a direct room is unknown here to its members too (all-8)
        (ann, UNKNOWN),
        (ann, "x"),
        (ann, "temp_5"),
    ):
        heads = [await service.head(room) for room in (den, direct)]
        assert (await caller.get(f"messages/{message}")).is_refused(*NOT_FOUND)
        edited = await caller.put(f"messages/{message}", {"content": "x"})
        assert edited.is_refused(*NOT_FOUND)
        assert (await caller.delete(f"messages/{message}")).is_refused(*NOT_FOUND)
        assert (await caller.react(message, "x")).is_refused(*NOT_FOUND)
        assert [await service.head(room) for room in (den, direct)] == heads
    for caller in (bob, cat):
        assert (await caller.get("messages/mentions/my")).value == []


async def _say_directly(service: Service, caller: Any, room: str, text: str) -> str:
    found = await service.runtime.directory.find(room)
    assert found is not None
    outcome = await service.runtime.directory.request(
        found, Say(text), await service.account(caller)
    )
    assert isinstance(outcome, Done)
    (said,) = outcome.events
    assert isinstance(said, Said)
    return said.message.uuid


async def test_all_7_what_many_say_at_once_has_one_order(service: Service) -> None:
    people = await service.people("ann", "bob", "cat")
    tea = await people[0].channel("tea")
    for caller in people[1:]:
        await caller.post("channels/join", {"channel_id": tea})
    async with trio.open_nursery() as nursery:
        for number in range(30):
            nursery.start_soon(people[number % 3].say, tea, str(number))
    read = [(await caller.get(f"messages/channel/{tea}")).value for caller in people]
    assert read[0] == read[1] == read[2]
    assert {message["content"] for message in read[0]} == {str(number) for number in range(30)}
    times = [message["created_at"] for message in read[0]]
    assert times == sorted(set(times))


async def test_an_allowance_counts_what_was_accepted(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(limits={"messages_per_minute": 2})) as service:
        ann, bob = await service.people("ann", "bob")
        tea = await ann.channel("tea")
        for _ in range(5):
            refused = await bob.post("messages/", {"content": "x", "channel_id": tea})
            assert refused.status == 403
        await ann.say(tea, "one")
        await ann.say(tea, "two")
        limited = await ann.post("messages/", {"content": "three", "channel_id": tea})
        assert limited.is_refused(429, "Too many messages, try again later")
        assert 1 <= int(limited.headers["Retry-After"]) <= 60
        assert len((await ann.get(f"messages/channel/{tea}")).value) == 2

"""My mentions, page by page, and advice about a text before it is sent (channels-rest 6)."""

import pytest

from tests.web.conftest import Service

pytestmark = pytest.mark.promise("rest-6")


@pytest.mark.promise("channels-13")
async def test_my_mentions(service: Service) -> None:
    ann, bob, cat = await service.people("ann", "bob", "cat")
    tea, milk = await ann.channel("tea"), await ann.channel("milk")
    await bob.post("channels/join", {"channel_id": tea})
    first = await ann.say(tea, "@bob @bob and @cat, not @Bob or @bobby")
    assert sorted(first["mentions"]) == ["bob", "cat"]
    assert first["mention_count"] == 2
    await ann.say(milk, "@bob does not see this")
    second = await bob.say(tea, "me: @bob, bob@bob")
    await ann.say(tea, "nobody")
    assert (await bob.get("messages/mentions/my")).value == [second, first]
    assert (await cat.get("messages/mentions/my")).value == []
    await bob.put(f"messages/{second['id']}", {"content": "never mind"})
    assert (await bob.get("messages/mentions/my")).value == [first]
    await bob.delete(f"channels/{tea}/leave")
    assert (await bob.get("messages/mentions/my")).value == []


async def test_my_mentions_have_pages(service: Service) -> None:
    ann = await service.register("ann")
    tea = await ann.channel("tea")
    for number in range(55):
        await ann.say(tea, f"@ann {number}")

    async def page(query: str) -> list[int]:
        answer = await ann.get(f"messages/mentions/my{query}")
        return [int(message["content"].split()[1]) for message in answer.value]

    assert await page("") == list(range(54, 34, -1))
    assert await page("?page=2") == list(range(34, 14, -1))
    assert await page("?page=2&limit=50") == [4, 3, 2, 1, 0]
    assert await page(f"?page={2**53}&limit=50") == []
    for query, field in (("page=0", "page"), ("limit=51", "limit"), ("page=x", "page")):
        answer = await ann.get(f"messages/mentions/my?{query}")
        assert answer.problems()[0][1] == ["query", field]


async def test_advice_about_a_text(service: Service) -> None:
    ann = await service.register("ann")
    text = "**b** `c` @ann @ann @x :tea: https://a.example"
    by_body = await ann.post("messages/format/validate", {"content": text})
    assert set(by_body.value) == {"valid", "error", "formatting", "sanitized_content", "mentions"}
    assert (by_body.value["valid"], by_body.value["error"]) == (True, None)
    assert by_body.value["sanitized_content"] == text
    assert by_body.value["mentions"] == ["ann", "x"]
    assert by_body.value["formatting"]["emoji_count"] == 1
    by_query = await ann.post("messages/format/validate", query_string={"content": text})
    assert by_query.value == by_body.value
    for body in ({}, {"content": "another"}):  # a client may send a body whatever it calls
        both = await ann.post("messages/format/validate", body, query_string={"content": text})
        assert both.value == by_body.value
    odd = await ann.post("messages/format/validate", {"content": "**odd `"})
    assert odd.value["valid"] is True


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "Message content cannot be empty"),
        ("  ", "Message content cannot be empty"),
        ("x" * 2001, "Message content must be less than 2000 characters"),
    ],
)
async def test_advice_about_a_bad_text(service: Service, content: str, error: str) -> None:
    ann = await service.register("ann")
    expected = {"valid": False, "error": error, "formatting": None, "sanitized_content": None}
    by_body = await ann.post("messages/format/validate", {"content": content})
    by_query = await ann.post("messages/format/validate", query_string={"content": content})
    for answer in (by_body, by_query):
        assert (answer.status, answer.value) == (200, expected)


async def test_advice_needs_a_clean_text(service: Service) -> None:
    ann = await service.register("ann")
    missing = await ann.post("messages/format/validate", {})
    assert missing.problems() == [("missing", ["body", "content"])]
    nothing = await ann.post("messages/format/validate")
    assert nothing.problems() == [("missing", ["body", "content"])]
    by_body = await ann.post("messages/format/validate", {"content": "\0"})
    assert by_body.problems() == [("value_error", ["body", "content"])]
    by_query = await ann.post("messages/format/validate?content=%00")
    assert by_query.problems() == [("value_error", ["query", "content"])]

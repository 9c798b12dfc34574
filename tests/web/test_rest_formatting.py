"""What of markdown stands in a text, and a message's own page: channels-rest 2.3, 2.5, 6.2."""

from typing import Any

import pytest

from tests.web.conftest import Service

pytestmark = pytest.mark.promise("rest-2")

KEYS = {
    "has_bold", "has_italic", "has_code", "has_code_block", "has_links", "has_mentions",
    "has_emojis", "link_count", "mention_count", "emoji_count",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", {}),
        ("**bold**", {"has_bold": True, "has_italic": True}),
        ("**", {}),
        ("****", {}),
        ("**half", {}),
        ("*italic*", {"has_italic": True}),
        ("2 * 3 * 4", {"has_italic": True}),
        ("`code`", {"has_code": True}),
        ("``", {}),
        ("```block```", {"has_code": True, "has_code_block": True}),
        ("```\nblock\n```", {"has_code": True, "has_code_block": True}),
        ("```a`b```", {"has_code": True}),
        ("http://a.example https://b.example/x?y", {"has_links": True, "link_count": 2}),
        ("https://a.example,https://b.example", {"has_links": True, "link_count": 1}),
        ("https:// ftp://a.example", {}),
        ("@ann @ann @nobody", {"has_mentions": True, "mention_count": 3}),
        ("ann@example.com", {"has_mentions": True, "mention_count": 1}),
        ("@ @-", {}),
        (":tea: :tea::milk:", {"has_emojis": True, "emoji_count": 3}),
        ("🫖 : :: at 10:30", {}),
    ],
)
@pytest.mark.promise("channels-10")
async def test_what_stands_in_a_text(service: Service, text: str, found: dict[str, Any]) -> None:
    ann = await service.register("ann")
    message = await ann.say(await ann.channel("tea"), text)
    formatting = message["formatting"]
    assert formatting.keys() == KEYS
    assert {key: value for key, value in formatting.items() if value} == found
    for key, value in formatting.items():
        assert type(value) is (int if key.endswith("_count") else bool)
    advice = (await ann.post("messages/format/validate", {"content": text})).value
    assert advice["formatting"] == formatting
    edited = await ann.put(f"messages/{message['id']}", {"content": f"{text} @x"})
    assert edited.value["formatting"]["mention_count"] == formatting["mention_count"] + 1


@pytest.mark.promise("channels-10")
async def test_an_answer_a_page_and_a_single_read_are_one_object(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": tea})
    said = await ann.say(tea, "@bob **look** @bob")
    assert (said["mentions"], said["mention_count"]) == (["bob"], 1)
    for caller in (ann, bob):
        assert (await caller.get(f"messages/{said['id']}")).value == said
        assert (await caller.get(f"messages/channel/{tea}")).value == [said]
    assert (await bob.get("messages/mentions/my")).value == [said]
    await bob.react(said["id"], "👍")
    shown = (await ann.get(f"messages/{said['id']}")).value
    assert shown["reaction_counts"] == {"👍": 1}
    assert {**shown, "reactions": [], "reaction_counts": {}} == said
    assert (await ann.get(f"messages/channel/{tea}")).value == [shown]
    assert (await bob.get("messages/mentions/my")).value == [shown]

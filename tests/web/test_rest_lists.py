"""Lists over REST: pages with links, bounds in number and in bytes, one large answer at a time."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Answer, Caller, Service, serving
from trichat.core.commands import Join
from trichat.runtime.clock import new_uuid
from trichat.store.users import CreateUser
from trichat.web.rest import channels, pages
from trichat.web.rest.pages import MAX_ENTRIES

pytestmark = pytest.mark.promise("all-23")

LISTS = ("users/", "channels/", "channels/my", "channels/users/available", "channels/{}/members")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as service:
        yield service


def following(answer: Answer) -> str | None:
    """The query of the next page."""
    link = answer.headers.get("Link")
    if link is None:
        return None
    found = re.fullmatch(r'<\?([a-z0-9=&-]+)>; rel="next"', link)
    assert found, link
    return found[1]


async def all_pages(caller: Caller, path: str, limit: int) -> list[list[dict[str, Any]]]:
    found, query = [], f"limit={limit}"
    while True:
        answer = await caller.get(f"{path}?{query}")
        assert answer.status == 200, answer
        found.append(answer.value)
        more = following(answer)
        if more is None:
            return found
        query = more


async def crowd(service: Service, count: int) -> None:
    """Users who are in the database, and that is all."""
    await service.runtime.store.write(
        [CreateUser(new_uuid(), f"user{n:05d}", None, None, None, 1) for n in range(count)]
    )


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_in_pages_is_the_list(service: Service, path: str) -> None:
    ann, *others = await service.people("ann", "bob", "cat", "Dan")
    rooms = [await ann.channel(f"room {number}") for number in range(4)]
    for other in others:
        await other.post("channels/join", {"channel_id": rooms[0]})
    path = path.format(rooms[0])
    whole = await ann.get(path)
    assert following(whole) is None
    assert len(whole.value) >= 3
    for limit in (1, 2, 3, len(whole.value), 1000):
        parts = await all_pages(ann, path, limit)
        assert [entry for part in parts for entry in part] == whole.value
        assert {len(part) for part in parts[:-1]} <= {limit}
        assert parts[-1]


BY_NAME = ("users/", "channels/users/available")


@pytest.mark.parametrize("path", BY_NAME)
@pytest.mark.parametrize("name", ["aaa", "zoe"])
async def test_a_list_by_name_goes_on_where_it_was_whatever_names_change(
    service: Service, path: str, name: str
) -> None:
    """Whoever ended a page is called otherwise by the time the next one is asked for."""
    _, bob, _, eve = await service.people("ann", "bob", "cat", "eve")
    first = await eve.get(f"{path}?limit=2")
    assert [user["username"] for user in first.value] == ["ann", "bob"]
    assert (await bob.put(f"users/{bob.id}", {"username": name})).status == 200
    second = await eve.get(f"{path}?{following(first)}")
    assert second.value[0]["username"] == "cat"


@pytest.mark.parametrize("path", BY_NAME)
async def test_what_is_no_place_of_a_name_is_refused(service: Service, path: str) -> None:
    (ann,) = await service.people("ann")
    await service.people("żuk")  # behind both
    assert (await ann.get(f"{path}?after=1-616e6e")).value[0]["username"] == "żuk"
    assert (await ann.get(f"{path}?after=1-ffff")).value == []  # no text, and behind all of them
    for wrong in ("1", "1-616", "1-61 6e", "1-61%D9%A1%D9%A1", "1-" + "61" * 500, "1-616E"):
        problem = await ann.get(f"{path}?after={wrong}")
        assert problem.problems() == [("value_error", ["query", "after"])]


@pytest.mark.parametrize("path", LISTS)
async def test_a_limit_has_its_edges(service: Service, path: str) -> None:
    (ann,) = await service.people("ann")
    path = path.format(await ann.channel("tea"))
    assert (await ann.get(f"{path}?limit=1000")).status == 200
    problem = await ann.get(f"{path}?limit=1001")
    assert problem.problems() == [("less_than_equal", ["query", "limit"])]
    problem = await ann.get(f"{path}?limit=0")
    assert problem.problems() == [("greater_than_equal", ["query", "limit"])]
    for wrong in ("x", "-1", "1-", "1-2-3", "1" * 17, ""):
        problem = await ann.get(f"{path}?after={wrong}")
        assert problem.problems() == [("value_error", ["query", "after"])]


async def test_without_a_limit_a_list_has_a_thousand_entries(service: Service) -> None:
    (ann,) = await service.people("ann")
    await crowd(service, MAX_ENTRIES - 1)
    whole = await ann.get("users/")
    assert (len(whole.value), following(whole)) == (MAX_ENTRIES, None)
    await crowd_more(service)
    cut = await ann.get("users/")
    assert len(cut.value) == MAX_ENTRIES
    query = following(cut)
    rest = await ann.get(f"users/?{query}")
    assert (len(rest.value), following(rest)) == (1, None)
    names = [user["username"] for user in [*cut.value, *rest.value]]
    assert names == sorted(names)


async def crowd_more(service: Service) -> None:
    await service.runtime.store.write([CreateUser(new_uuid(), "zoe", None, None, None, 1)])


async def test_a_page_is_bounded_in_bytes_too(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await service.people("ann", "bob", "cat")
    for each in people:
        assert (await each.put(f"users/{each.id}", {"avatar": "x" * 2000})).status == 200
    monkeypatch.setattr(pages, "LARGEST", 1000)
    parts = await all_pages(people[0], "users/", 1000)
    assert [[user["username"] for user in part] for part in parts] == [["ann"], ["bob"], ["cat"]]


async def test_a_page_of_messages_is_bounded_in_bytes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = await service.people("ann")
    tea = await ann.channel("tea")
    said = [(await ann.say(tea, f"{number} {'x' * 1900}"))["content"] for number in range(7)]
    monkeypatch.setattr("trichat.web.rest.messages.LARGEST", 6000)
    parts = await all_pages(ann, f"messages/channel/{tea}", 100)
    assert [one["content"] for part in reversed(parts) for one in part] == said
    assert len(parts) >= 3
    monkeypatch.setattr("trichat.web.rest.messages.LARGEST", 10**9)
    monkeypatch.setattr("trichat.web.rest.messages.SLICE", 2)  # read in parts, shown as one
    for limit in (1, 2, 3, 7, 100):
        page = await ann.get(f"messages/channel/{tea}?limit={limit}&offset=0")
        assert [one["content"] for one in page.value] == said[-limit:]
    page = await ann.get(f"messages/channel/{tea}?limit=3&offset=3")
    assert [one["content"] for one in page.value] == said[1:4]


async def test_a_channel_shows_some_members_the_caller_among_them(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await service.people("ann", "bob", "cat", "dan", "eve")
    tea = await people[0].channel("tea")
    for each in people[1:]:
        await each.post("channels/join", {"channel_id": tea})
    monkeypatch.setattr(channels, "MEMBERS_SHOWN", 3)
    for each in people:
        for channel in (
            (await each.get(f"channels/{tea}")).value,
            *[one for one in (await each.get("channels/my")).value if one["id"] == tea],
        ):
            shown = [member["username"] for member in channel["members"]]
            assert channel["member_count"] == 5
            assert shown[:2] == ["ann", "bob"]
            assert len(shown) == 3
            assert each.name in shown
    everyone = (await people[4].get(f"channels/{tea}/members")).value
    assert [member["username"] for member in everyone] == ["ann", "bob", "cat", "dan", "eve"]


async def test_of_more_than_two_hundred_members_two_hundred_are_shown(service: Service) -> None:
    (ann,) = await service.people("ann")
    tea = await ann.channel("tea")
    room = await service.runtime.directory.find(tea)
    assert room is not None
    await crowd(service, 200)

    async def join(number: int) -> None:
        user = await service.runtime.store.user_by_name(f"user{number:05d}")
        assert user is not None
        await service.runtime.directory.request(room, Join(), user)

    async def shown() -> set[tuple[int, int]]:
        """How many are shown and how many there are, by either call."""
        (mine,) = [one for one in (await ann.get("channels/my")).value if one["id"] == tea]
        both = (mine, (await ann.get(f"channels/{tea}")).value)
        return {(len(one["members"]), one["member_count"]) for one in both}

    for number in range(199):
        await join(number)
    assert await shown() == {(200, 200)}
    await join(199)
    assert await shown() == {(200, 201)}


async def test_many_channels_show_fewer_members_each(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await service.people("ann", "bob", "cat", "dan")
    rooms = [await people[0].channel(f"room {number}") for number in range(3)]
    for each in people[1:]:
        for room in rooms:
            await each.post("channels/join", {"channel_id": room})
    monkeypatch.setattr(
        channels, "MEMBERS_OF_A_LIST", 2 * len((await people[3].get("channels/my")).value)
    )
    monkeypatch.setattr(channels, "LEAST_SHOWN", 1)
    mine = {one["id"]: one for one in (await people[3].get("channels/my")).value}
    for room in rooms:
        assert [member["username"] for member in mine[room]["members"]] == ["ann", "dan"]
        assert mine[room]["member_count"] == 4


async def test_members_are_for_members(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    public, private = await ann.channel("tea"), await ann.channel("den", is_private=True)
    answer = await bob.get(f"channels/{public}/members")
    assert answer.is_refused(403, "Access denied to channel")
    for gone in (private, new_uuid(), "x"):
        answer = await bob.get(f"channels/{gone}/members")
        assert answer.is_refused(404, "Channel not found")


@pytest.mark.parametrize(
    ("avatar", "fits"),
    [("x" * 2048, True), ("x" * 2049, False), ("é" * 1024, True), ("é" * 1024 + "x", False)],
)
async def test_an_avatar_has_at_most_two_kibibytes(
    service: Service, avatar: str, fits: bool
) -> None:
    (ann,) = await service.people("ann")
    answer = await ann.put(f"users/{ann.id}", {"avatar": avatar})
    assert answer.status == (200 if fits else 422)
    body = {"email": "b@example.com", "username": "bob", "password": "Correct-1", "avatar": avatar}
    answer = await service.nobody.post("auth/register", body)
    if fits:
        assert answer.value["user"]["avatar"] == avatar
    else:
        assert answer.detail[0]["msg"] == "Value error, must have at most 2048 bytes"


async def test_a_link_can_be_read_by_pages_of_other_origins(service: Service) -> None:
    (ann,) = await service.people("ann")
    answer = await ann.get("users/", headers={"Origin": "http://localhost:3000"})
    assert answer.headers["Access-Control-Expose-Headers"] == "Link, Retry-After"

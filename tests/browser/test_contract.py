"""Every endpoint of the published page, called from a web page of another origin: the client holds
each answer and each frame against the page's tables, both key casings, and says what is amiss.
"""

import json
from typing import Any

from attrs import frozen

from tests.browser.chromium import Page
from tests.browser.conftest import Site
from trichat.core.model import Role

PASSWORD = "Secret1x"


@frozen
class Visitor:
    """Somebody at a tab, logged in."""

    page: Page
    user: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.user["id"])

    async def __call__(self, name: str, *given: Any) -> Any:
        """The answer to a call of the client."""
        return await self.page.js(f"chat.api.{name}(...{json.dumps(given)})")

    async def refused(self, name: str, *given: Any) -> tuple[int, Any]:
        """Status and detail."""
        call = f"chat.api.{name}(...{json.dumps(given)})"
        status, body = await self.page.js(f"{call}.then(null, (no) => [no.status, no.body])")
        assert list(body) == ["detail"]
        return status, body["detail"]

    async def says(self, frame: Any) -> None:
        """What has no answer."""
        await self.page.js(f"chat.live.send({json.dumps(frame)})")

    async def request(self, frame: Any, type_: str) -> dict[str, Any]:
        """The next frame of that type after a frame is sent."""
        answer = await self.page.js(f"chat.live.ask({json.dumps(frame)}, {type_!r})")
        assert isinstance(answer, dict)
        return answer

    async def told(self, **values: Any) -> dict[str, Any]:
        """The first frame with these values."""
        frame = await self.page.js(f"chat.live.until({json.dumps(values)})")
        assert isinstance(frame, dict)
        return frame

    async def types(self) -> list[str]:
        """Of all frames so far. The answer to a ping stands behind whatever was on its way."""
        await self.request({"type": "ping"}, "pong")
        types: list[str] = await self.page.js("chat.live.frames.map(({type}) => type)")
        return types

    async def is_content(self) -> None:
        assert await self.page.js("[...chat.api.faults, ...chat.live.faults]") == []


async def comes(site: Site, name: str, role: Role = Role.MEMBER) -> Visitor:
    page = await site.client(casing="snake")
    if role is Role.MEMBER:
        given = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        entering = f"chat.api.register({json.dumps(given)})"
    else:
        await site.server.person(name, role=role)
        entering = f"chat.api.login({name!r}, {PASSWORD!r})"
    user = await page.js(f"{entering}.then((user) => chat.start(user).then(() => user))")
    await page.js("chat.live.until({type: 'connection_established'})")
    return Visitor(page, user)


async def test_auth_and_users(site: Site) -> None:
    alice, bob = await comes(site, "alice"), await comes(site, "bob")
    assert await alice("me") == alice.user
    assert alice.user["email"] == "alice@example.com"
    seen = {key: value for key, value in alice.user.items() if key != "number"}  # by others
    assert [user["username"] for user in await alice("users")] == ["alice", "bob"]
    assert (await alice("user", bob.id))["username"] == "bob"
    assert await alice.refused("user", "nobody") == (404, "User not found")
    assert await bob("search", "LIC") == [seen]
    assert await bob("search", "a/b?c#d%") == []

    taken = {"username": "Bob", "email": "third@example.com", "password": PASSWORD}
    assert await bob.refused("register", taken) == (400, "Username already taken")
    for email in ("alice@EXAMPLE.com", "ALICE@EXAMPLE.com"):  # case tells none apart
        taken["email"] = email
        assert await bob.refused("register", taken) == (400, "Email already registered")
    for password in ("Secret1", "password1"):
        weak = await bob.refused("register", {**taken, "password": password})
        assert (weak[0], type(weak[1])) == (400, str)  # one sentence, which a form can show
    for email in ("alice@host.local", "alice@host.test", "alice", ""):
        status, [problem] = await bob.refused("register", {**taken, "email": email})
        assert (status, problem["loc"]) == (422, ["body", "email"])
    status, problems = await bob.refused("register", {"avatar": None})
    assert status == 422
    assert {item["loc"][1]: item["type"] for item in problems} == dict.fromkeys(
        ("email", "username", "password"), "missing"
    )

    saved = await alice("saveUser", alice.id, {"avatar": "https://example.com/a.png"})
    assert (saved["avatar"], saved["username"]) == ("https://example.com/a.png", "alice")
    saved = await alice("saveUser", alice.id, {"username": "alicia"})
    assert (saved["avatar"], saved["username"]) == ("https://example.com/a.png", "alicia")
    assert saved["updated_at"] > saved["created_at"]
    assert await alice.refused("saveUser", bob.id, {}) == (
        403, "Can only update your own profile")  # fmt: skip
    assert await alice.refused("saveUser", alice.id, {"username": "bob"}) == (
        400, "Username already taken")  # fmt: skip
    await alice.is_content()
    await bob.is_content()
    wrong = await bob.refused("login", "alicia", "Wrong1xx")
    assert wrong == (401, "Incorrect username or password")


async def test_channels(site: Site) -> None:
    alice, bob = await comes(site, "alice"), await comes(site, "bob")
    assert [each["name"] for each in await alice("myChannels")] == [
        "general", "random", "announcements"]  # fmt: skip
    assert await bob("myChannels") == []
    made = await alice("createChannel", {"name": "books", "description": ""})
    assert (await bob.told(type="channel_created"))["data"]["id"] == made["id"]
    assert "channel_created" not in await alice.types()
    again = await alice.refused("createChannel", {"name": "books"})
    assert again == (400, "Channel name already exists")

    book = made["id"]
    assert await bob.refused("channel", book) == (403, "Access denied to channel")
    assert await bob.refused("channel", "no-such") == (404, "Channel not found")
    assert await bob.refused("join", "no-such") == (404, "Channel not found")
    assert await bob.refused("leave", book) == (400, "Not a member of this channel")
    assert await bob.refused("leave", "no-such") == (400, "Not a member of this channel")
    assert await bob("join", book) == {"message": "Successfully joined channel"}
    assert await bob.refused("join", book) == (400, "Already a member of this channel")
    joined = await alice.told(type="user_joined", channel_id=book)
    assert (joined["user_id"], joined["username"]) == (bob.id, "bob")
    assert "user_joined" not in await bob.types()
    assert (await bob("channel", book))["member_count"] == 2
    assert await bob("leave", book) == {"message": "Successfully left channel"}
    assert (await alice.told(type="user_left"))["username"] == "bob"

    assert [each["name"] for each in await bob("everyChannel", 1)] == [
        "general", "random", "announcements", "books"]  # fmt: skip

    assert [user["id"] for user in await alice("available")] == [bob.id]
    for nobody in (None, ""):
        assert await alice.refused("addUser", book, nobody) == (422, "user_id is required")
    assert await alice.refused("addUser", "no-such", bob.id) == (404, "Channel not found")
    assert await alice.refused("addUser", book, "no-such") == (404, "User not found")
    added = {"message": "Successfully added bob to channel"}
    assert await alice("addUser", book, bob.id) == added
    assert (await bob.told(type="user_joined"))["user_id"] == bob.id  # 9.5
    assert await alice.refused("addUser", book, bob.id) == (
        400, "User is already a member of this channel")  # fmt: skip
    await alice.is_content()
    await bob.is_content()


async def test_messages(site: Site) -> None:
    alice, bob = await comes(site, "alice"), await comes(site, "bob")
    room = (await alice("createChannel", {"name": "books"}))["id"]
    no = (403, "Must be a member of the channel to send messages")
    assert await bob.refused("send", room, "hello") == no
    assert await bob.refused("send", "no-such", "hello") == no
    assert await bob.refused("history", room) == (403, "Access denied to channel")
    assert await bob.refused("history", "no-such") == (403, "Access denied to channel")
    await bob("join", room)

    words = "  > @bob: hi\n\n\n\n<b>&amp;</b> **a `b @bob   :x: https://e.org/?a "
    said = await alice("send", room, words)
    assert said["content"] == words
    assert said["mentions"] == ["bob"]
    assert {key for key, value in said["formatting"].items() if value} == {
        "has_links", "has_mentions", "has_emojis", "link_count", "mention_count", "emoji_count",
    }  # fmt: skip
    assert (await bob.told(type="new_message"))["data"] == said
    mention = (await bob.told(type="mention_notification"))["data"]
    assert (mention["message_id"], mention["content"]) == (said["id"], words)
    types = await bob.types()
    assert types.index("new_message") < types.index("mention_notification")
    assert await bob("message", said["id"]) == said

    assert await bob("react", said["id"], "👍") == {"message": "Reaction added", "action": "add"}
    assert (await alice.told(type="message_reaction"))["data"] == {
        "emoji": "👍", "user_id": bob.id, "username": "bob", "action": "add"}  # fmt: skip
    for part in ("no-such", "temp_1", room):
        assert await bob.refused("unreact", part) == (404, "Reaction not found")
    assert await bob.refused("react", "no-such", "👍") == (404, "Message not found")
    edited = await alice("edit", said["id"], "no name now")
    assert (edited["is_edited"], edited["mentions"]) == (True, [])
    assert [one["emoji"] for one in edited["reactions"]] == ["👍"]  # 9.15
    assert (await bob.told(type="message_edited"))["data"] == edited
    [reaction] = edited["reactions"]
    assert await alice.refused("unreact", reaction["id"]) == (404, "Reaction not found")
    await bob("unreact", reaction["id"])
    await bob("react", said["id"], "👍")
    assert (await bob("react", said["id"], "👍"))["action"] == "remove"

    assert await bob.refused("edit", said["id"], "mine") == (
        403, "Can only edit your own messages")  # fmt: skip
    assert await bob.refused("remove", said["id"]) == (403, "Can only delete your own messages")
    for content in ("", " \n\t", "x" * 2001):
        for call in (("send", room), ("edit", said["id"])):
            status, [problem] = await alice.refused(*call, content)
            assert (status, problem["loc"]) == (422, ["body", "content"])
    assert len((await alice("send", room, "😀" * 2000))["content"].encode("utf-16-le")) == 8000

    for number in range(3):
        await alice("send", room, f"{number} @bob")
    page = await bob("history", room, {"limit": 2, "offset": 1})
    assert [message["content"] for message in page] == ["0 @bob", "1 @bob"]
    for bad in ({"limit": 101}, {"offset": -1}, {"limit": "x"}):
        status, [problem] = await bob.refused("history", room, bad)
        assert (status, problem["loc"][0]) == (422, "query")
    mentions = await bob("mentions", {"page": 2, "limit": 2})  # 9.17
    assert [message["content"] for message in mentions] == ["0 @bob"]

    assert await alice("remove", said["id"]) == {"message": "Message deleted successfully"}
    gone = await bob.told(type="message_deleted")
    assert (gone["message_id"], gone["channel_id"], gone["deleted_by"]) == (
        said["id"], room, "alice")  # fmt: skip
    for name, *more in (["message"], ["remove"], ["edit", "x"]):
        assert await alice.refused(name, said["id"], *more) == (404, "Message not found")
    for way in ("validate", "validateByQuery"):  # 9.9
        advice = await alice(way, "**@bob**")
        assert (advice["valid"], advice["mentions"]) == (True, ["bob"])
        assert (await alice(way, ""))["valid"] is False
    assert (await alice.refused("validate"))[0] == 422
    await alice.is_content()
    await bob.is_content()


async def test_the_socket(site: Site) -> None:
    alice, bob = await comes(site, "alice"), await comes(site, "bob")
    room = (await alice("createChannel", {"name": "books"}))["id"]
    await alice("addUser", room, bob.id)
    here = {"channel_id": room}
    assert (await alice.request({"type": "join_channel", **here}, "channel_joined"))[
        "channel_id"] == room  # fmt: skip
    users = (await alice.request({"type": "get_online_users", **here}, "online_users"))["users"]
    assert sorted(users) == sorted([alice.id, bob.id])
    await alice.says({"type": "typing_indicator", **here, "is_typing": True})
    assert (await bob.told(type="typing_indicator"))["username"] == "alice"
    assert (await alice.request({"type": "leave_channel", **here}, "channel_left"))[
        "channel_id"] == room  # fmt: skip
    assert (await bob.told(type="typing_indicator", is_typing=False))["user_id"] == alice.id
    assert (await bob.told(type="user_left"))["user_id"] == alice.id

    for frame, code, words in (
        ("{", "invalid_json", "Invalid JSON format"),
        ("[]", "invalid_json", "Invalid JSON format"),
        ({"type": "dance"}, "unknown_message_type", "Unknown message type: dance"),
        ({"type": "get_online_users"}, "missing_channel_id", "Channel ID is required"),
        ({"type": "join_channel", "channel_id": "x"}, "access_denied", "Access denied to channel"),
        ({"type": "join_channel", "channel_id": 7}, "join_channel_error", None),
        ({"type": "leave_channel", "channel_id": 7}, "leave_channel_error", None),
        ({"type": "typing_indicator", **here, "is_typing": 1}, "typing_indicator_error", None),
    ):
        error = await alice.request(frame, "error")
        assert error["error_code"] == code
        assert words is None or error["message"] == words
    await alice.is_content()
    await bob.is_content()


async def test_a_bad_token_is_told_by_the_close_code(site: Site) -> None:
    page = await site.client()
    code = await page.js(
        f"new Promise((done) => new WebSocket('ws://{site.server.address}/ws?token=x')"
        ".onclose = ({code}) => done(code))"
    )
    assert code == 1008


async def test_administration(site: Site) -> None:
    root = await comes(site, "ruth", Role.SUPER_ADMIN)
    alice, bob = await comes(site, "alice"), await comes(site, "bob")
    for call, need in (
        (("dashboard",), "Admin access required"),
        (("accounts",), "Insufficient permissions. Required: VIEW_USERS"),
        (("account", bob.id), "Insufficient permissions. Required: VIEW_USERS"),
        (("ban", bob.id), "Insufficient permissions. Required: BAN_USERS"),
        (("unban", bob.id), "Insufficient permissions. Required: BAN_USERS"),
        (("suspend", bob.id), "Insufficient permissions. Required: SUSPEND_USERS"),
        (("assign", bob.id, "ADMIN"), "Insufficient permissions. Required: ASSIGN_ROLES"),
        (("unassign", bob.id, "ADMIN"), "Insufficient permissions. Required: ASSIGN_ROLES"),
        (("takeAway", bob.id), "Insufficient permissions. Required: DELETE_MESSAGES"),
        (("actions",), "Insufficient permissions. Required: VIEW_AUDIT_LOGS"),
        (("bulk", "BAN_USER", [bob.id]), "Super admin access required"),
    ):
        assert await alice.refused(*call) == (403, need)

    assert await root("assign", alice.id, "ADMIN") == {"message": "Role assigned successfully"}
    assert await root.refused("assign", alice.id, "ADMIN") == (400, "User already has this role")
    [role] = (await alice("account", alice.id))["roles"]
    assert (role["role"], role["channelId"], role["assignedBy"]) == ("ADMIN", None, root.id)
    assert await alice.refused("assign", bob.id, "ADMIN") == (
        403, "Cannot assign role equal to or higher than your own")  # fmt: skip
    assert await alice.refused("ban", root.id) == (
        403, "Cannot ban user with equal or higher role")  # fmt: skip
    assert (await alice.refused("ban", alice.id))[0] == 403

    room = (await alice("createChannel", {"name": "books"}))["id"]
    await bob("join", room)
    rude = (await bob("send", room, "rude"))["id"]
    await alice("takeAway", rude, "not here")
    gone = await bob.told(type="message_deleted")
    assert (gone["channel_id"], gone["reason"]) == (room, "not here")  # 9.16
    assert await alice.refused("takeAway", rude) == (404, "Message not found")

    await alice("suspend", bob.id, {"reason": "rest", "duration_hours": 1})
    assert (await bob.told(type="force_disconnect"))["reason"]
    [shown] = await alice("accounts", {"status": "SUSPENDED", "search": "BO"})
    assert (shown["id"], shown["message_count"], shown["channel_count"]) == (bob.id, 0, 1)
    await alice("unban", bob.id, "rested")
    await bob.page.js("chat.live.until({type: 'connection_established'}, 1)")  # by itself
    assert await bob.page.js("chat.live.closes[0]") == 1008
    await alice("ban", bob.id, {"duration_hours": None})
    assert (await alice("account", bob.id))["status"] == "BANNED"
    assert (await bob.refused("me"))[0] == 401
    assert (await bob.refused("login", "bob", PASSWORD))[0] == 403  # 9.14
    await alice("unban", bob.id)
    await bob("login", "bob", PASSWORD)

    done = await root("bulk", "BAN_USER", [bob.id, "no-such"], {"reason": "all"})
    assert (done["success_count"], done["failure_count"], done["total_processed"]) == (1, 1, 2)
    acts = [entry["action"] for entry in await root("actions", {"limit": 3})]
    assert acts == ["BAN_USER", "UNBAN_USER", "BAN_USER"]
    [one] = await root("actions", {"action_type": "DELETE_MESSAGE", "target_type": "MESSAGE",
                                   "admin_id": alice.id, "page": 1})  # fmt: skip
    assert (one["target_id"], one["reason"]) == (rude, "not here")
    board = await root("dashboard")
    assert (board["total_users"], board["active_users"], board["banned_users"]) == (3, 2, 1)
    assert len(board["recent_actions"]) <= 10
    await root("unassign", alice.id, "ADMIN")
    assert await root.refused("unassign", alice.id, "ADMIN") == (
        404, "Role assignment not found")  # fmt: skip
    await root.is_content()
    await alice.is_content()

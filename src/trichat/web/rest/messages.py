"""Messages are read and sent at /api/v1/messages (channels-rest 6).

Reactions are in a file of their own.
"""

from typing import NotRequired, TypedDict, cast

import trio
from attrs import field, frozen

from trichat.core import events as e
from trichat.core.commands import Delete, Edit, Say
from trichat.core.model import User
from trichat.core.refusals import (
    KeyReused,
    NoSuchMessage,
    NoSuchRoom,
    NotAdmitted,
    NotMember,
    NotYours,
    RateLimited,
    Refusal,
)
from trichat.core.text import mentioned_names
from trichat.dialects.channels import Channels
from trichat.dialects.codec import Uuid, encode
from trichat.dialects.objects import Formatting, MessageObject, formatting, message_object
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.bodies import content as acceptable
from trichat.web.rest.bodies import ruled
from trichat.web.rest.keying import reused
from trichat.web.rest.pages import LARGEST, Page
from trichat.web.rest.problems import invalid, wrong
from trichat.web.rest.queries import Count, Text
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route, Said
from trichat.web.rest.turns import pause

# Messages that are read and encoded in one go: they are larger than other entries.
SLICE = 50


@frozen
class NewMessage:
    """A message to send."""

    content: str = field(metadata=ruled(acceptable))
    channel_id: Uuid


@frozen
class NewContent:
    """The new text of a message."""

    content: str = field(metadata=ruled(acceptable))


@frozen
class AnyContent:
    """A text to advise on. It is absent where the query has it."""

    content: str | None = None


class Advice(TypedDict):
    """Whether a text may be sent, and which Markdown is in it."""

    valid: bool
    error: str | None
    formatting: Formatting | None
    sanitized_content: str | None
    mentions: NotRequired[list[str]]


class Messages:
    """What the caller may read, say and unsay."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._store = runtime.store
        self._ask = runtime.directory.request
        self._said = runtime.metrics.dialect(Channels.name).said

    async def history(
        self, me: User, channel_id: str, limit: int, offset: int
    ) -> Page[MessageObject] | Refusal:
        """Show a page of a channel's messages: counted from the newest, in order of time.

        A page whose messages are very large has fewer of them; the link says where it goes on.
        """
        room = await finding.channel(self._runtime, channel_id)
        if room is None or not await finding.is_member(self._runtime, me, room):
            return NotMember()
        newest: list[bytes] = []
        size, before_id = 0, None
        while len(newest) < limit and size <= LARGEST:
            began = trio.current_time()
            count = min(SLICE, limit - len(newest))
            skipped = offset if before_id is None else 0
            messages, _ = await self._store.history(
                room.id, limit=count, offset=skipped, before_id=before_id
            )
            for message in reversed(messages):
                if newest and size > LARGEST:
                    break
                newest.append(encode(message_object(message)))
                size += len(newest[-1])
            if len(messages) < count:
                break
            before_id = messages[0].id
            await pause(trio.current_time() - began)
        body = b"[" + b",".join(reversed(newest)) + b"]"
        if size <= LARGEST and len(newest) < limit:
            return Page(body, None)
        return Page(body, f"limit={limit}&offset={offset + len(newest)}")

    async def say(self, me: User, body: NewMessage, key: str | None) -> MessageObject | Refusal:
        """Send a message to a channel that the caller is a member of."""
        room = await finding.channel(self._runtime, body.channel_id)
        if room is None:
            return NotMember()
        room_factory = self._runtime.room_factory
        limited = room_factory.may_send(me, body.content, quota=False)
        outcome = await self._ask(room, Say(body.content, flaw=limited, key=key), me)
        if limited is None and (isinstance(outcome, Refusal) or outcome.again):
            room_factory.not_sent(me, body.content, quota=False)
        if key is not None and isinstance(outcome, KeyReused):
            raise reused(key)
        if isinstance(outcome, Refusal):
            return outcome
        if not outcome.again:
            self._said[room.kind].inc()
        return message_object(cast(e.Said, outcome.events[0]).message)

    async def one(self, me: User, message_id: str) -> MessageObject | Refusal:
        """Show a message to members of its channel."""
        message = await finding.visible_message(self._runtime, me, message_id, with_reactions=True)
        if isinstance(message, Refusal):
            return message
        if not await finding.is_member(self._runtime, me, message.room):
            return NotMember()
        return message_object(message)

    async def edit(self, me: User, message_id: str, body: NewContent) -> MessageObject | Refusal:
        """Give one's own message a new text."""
        message = await finding.visible_message(self._runtime, me, message_id)
        if isinstance(message, Refusal):
            return message
        room_factory = self._runtime.room_factory
        limited = room_factory.may_store(me, body.content)
        if limited is not None:
            return limited
        outcome = await self._ask(message.room, Edit(message.uuid, body.content), me)
        if isinstance(outcome, Refusal):
            room_factory.not_stored(me, body.content)
            return outcome
        return message_object(cast(e.Edited, outcome.events[0]).message)

    async def delete(self, me: User, message_id: str) -> Said | Refusal:
        """Delete one's own message, with its reactions and mentions."""
        message = await finding.visible_message(self._runtime, me, message_id)
        if isinstance(message, Refusal):
            return message
        outcome = await self._ask(message.room, Delete(message.uuid), me)
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Message deleted successfully"}

    async def mentions(self, me: User, page: int, limit: int) -> list[MessageObject]:
        """List messages that mention the caller, newest first, in rooms of theirs."""
        offset = (page - 1) * limit
        messages = await self._store.mentions_of(me.id, limit=limit, offset=offset)
        return [message_object(message) for message in messages]

    async def validate(self, me: User, content: str | None, body: AnyContent | None) -> Advice:
        """Advise on the markdown of a text from the query or the body; none is refused (all-9)."""
        said = content if content is not None or body is None else body.content
        if said is None:
            raise invalid(wrong("missing", "Field required", None, "body", "content"))
        error = acceptable.why_not(said)
        if error is not None:
            return {"valid": False, "error": error, "formatting": None, "sanitized_content": None}
        return {
            "valid": True,
            "error": None,
            "formatting": formatting(said),
            "sanitized_content": said,
            "mentions": list(mentioned_names(said)),
        }


def _membership_for(what: str) -> Words:
    no = (403, f"Must be a member of the channel to {what} messages")
    return {NotMember: no, NotAdmitted: no}


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/messages"""
    messages = Messages(runtime)
    at = "/api/v1/messages"
    send = _membership_for("send")
    # An archived room is no channel any more, and its messages are as gone.
    gone: Words = {NoSuchRoom: (404, "Message not found")}
    yours: Words = {NotYours: (403, "Can only edit your own messages")}
    your_own: Words = {NotYours: (403, "Can only delete your own messages")}
    return (
        Route(
            "GET", f"{at}/channel/<channel_id>", messages.history,
            summary="List the messages of a channel",
            description=(
                "Returns the newest messages of a channel in the order of time, up to `limit` of"
                " them, after leaving out the `offset` newest. A page of very large messages has"
                " fewer. Where there may be older ones, the `Link` header has the address of the"
                " next page. Only members may read a channel: any other fails with 403, and so"
                " does one that does not exist."
            ),
            query={"limit": Count(50, most=100), "offset": Count(0)},
            refuses=(NotMember,), large=True,
        ),
        Route(
            "POST", f"{at}/", messages.say,
            summary="Send a message",
            description=(
                "Stores a message in a channel, sends it to everyone there, by all five"
                " WebSocket APIs, and returns it as it was stored. Only members may send to a"
                " channel: any other fails with 403. A repeat with the same `Idempotency-Key`"
                " stores nothing and gets the first response. Fails with 429 after too many"
                " messages."
            ),
            body=NewMessage, keyed=True,
            words={**send, NoSuchRoom: send[NotMember]}, refuses=(RateLimited,),
        ),
        Route(
            "GET", f"{at}/mentions/my", messages.mentions,
            summary="List messages that mention you",
            description=(
                "Returns messages that name the caller with `@`, newest first, in the channels"
                " that they are a member of. `page` counts from 1, and `limit` is the number of"
                " messages of a page."
            ),
            query={"page": Count(1, least=1), "limit": Count(20, most=50)}, large=True,
        ),
        Route(
            "POST", f"{at}/format/validate", messages.validate,
            summary="Check a text",
            description=(
                "Tells whether a text could be sent as a message, and which Markdown and"
                " mentions are in it; nothing is sent. The text is `content`, in the query or in"
                " the body; without it this fails with 422. For a text that could not be sent,"
                " `valid` is false and `error` says why."
            ),
            query={"content": Text()}, body=AnyContent, may_lack_body=True,
        ),
        Route(
            "GET", f"{at}/<message_id>", messages.one,
            summary="Show a message",
            description=(
                "Returns the message with this id and its newest reactions. Only members of its"
                " channel may see it: for others a message of a public channel fails with 403,"
                " and one of a private channel with 404, as if it did not exist."
            ),
            words={NotMember: (403, "Access denied to message")}, refuses=(NoSuchMessage,),
        ),
        Route(
            "PUT", f"{at}/<message_id>", messages.edit,
            summary="Edit a message",
            description=(
                "Gives a message another text, and shows it to everyone in its channel. Only its"
                " author may do so, while they are a member of the channel: otherwise it fails"
                " with 403. Fails with 404 if there is no such message that the caller may see,"
                " and with 429 after too many edits."
            ),
            body=NewContent, words={**_membership_for("edit"), **yours, **gone},
            refuses=(NoSuchMessage, RateLimited),
        ),
        Route(
            "DELETE", f"{at}/<message_id>", messages.delete,
            summary="Delete a message",
            description=(
                "Deletes a message for everyone, with its reactions and mentions. Only its"
                " author may do so, while they are a member of the channel: otherwise it fails"
                " with 403. Fails with 404 if there is no such message that the caller may see."
            ),
            words={**_membership_for("delete"), **your_own, **gone},
            refuses=(NoSuchMessage,),
        ),
    )  # fmt: skip

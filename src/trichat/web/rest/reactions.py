"""Reactions are added and removed at /api/v1/messages/reactions (channels-11)."""

import re
from typing import Final, Literal, TypedDict

from attrs import field, frozen

from trichat.core.commands import React, Unreact
from trichat.core.events import Reacted
from trichat.core.ids import is_uuid
from trichat.core.model import Message, User
from trichat.core.reactions import MAX_EMOJI, SHOWN
from trichat.core.refusals import (
    Invalid,
    NoSuchMessage,
    NoSuchReaction,
    NoSuchRoom,
    NotMember,
    Refusal,
    TooManyReactions,
)
from trichat.dialects.codec import Uuid
from trichat.dialects.objects import ReactionObject, reaction_object
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.bodies import Rule, ruled, text
from trichat.web.rest.queries import Count, Text
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route

# The web client knows a reaction that came in a frame by the moment it came by its own clock, in
# milliseconds; that clock may be seconds off, so of two reactions near it neither is meant.
NEAR = 60_000
_NO_EMOJI = f"An emoji has 1 to {MAX_EMOJI} characters, not all of them blank"
_MOMENT = re.compile(r"temp_([0-9]{1,15})")


class Toggled(TypedDict):
    """Whether a reaction was added or removed."""

    message: str
    action: Literal["add", "remove"]


_ADDED: Final[Toggled] = {"message": "Reaction added", "action": "add"}
_REMOVED: Final[Toggled] = {"message": "Reaction removed", "action": "remove"}


# Any emoji that is there already may be taken back; the room checks those that are to be added.
EMOJI = Rule(text(least=1).why_not, {"minLength": 1, "maxLength": MAX_EMOJI})


@frozen
class Toggle:
    """An emoji to add to a message, or to remove."""

    message_id: Uuid
    emoji: str = field(metadata=ruled(EMOJI))


class Reactions:
    """The caller's own, and everybody's in pages."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._store = runtime.store
        self._ask = runtime.directory.request

    async def toggle(self, me: User, body: Toggle) -> Toggled | Refusal:
        """Add a reaction, or take it back where it is there."""
        message = await finding.visible_message(self._runtime, me, body.message_id)
        if isinstance(message, Refusal):
            return message
        outcome = await self._ask(message.room, React(message.uuid, body.emoji), me)
        if isinstance(outcome, Refusal):
            return outcome
        return _ADDED if isinstance(outcome.events[0], Reacted) else _REMOVED

    async def page(
        self, me: User, message_id: str, limit: int, before: str | None
    ) -> list[ReactionObject] | Refusal:
        """List a message's reactions, newest first; `before` is the id of a reaction."""
        message = await finding.visible_message(self._runtime, me, message_id)
        if isinstance(message, Refusal):
            return message
        if not await finding.is_member(self._runtime, me, message.room):
            return NotMember()
        found = await self._store.reactions_of(
            message.id, limit=limit, before=before and before.lower()
        )
        if found is None:
            return NoSuchReaction()
        return [reaction_object(reaction, message) for reaction in found]

    async def remove(self, me: User, reaction_id: str) -> Toggled | Refusal:
        """Take back one's own reaction, by its id or by `temp_` and the time it was made."""
        moment = _MOMENT.fullmatch(reaction_id)
        if moment:
            found = await self._only_one_near(me, int(moment[1]))
        else:
            found = await self._known(me, reaction_id)
        if found is None:
            return NoSuchReaction()
        message, reaction = found
        outcome = await self._ask(message.room, Unreact(message.uuid, reaction), me)
        return outcome if isinstance(outcome, Refusal) else _REMOVED

    async def _known(self, me: User, reaction: str) -> tuple[Message, str] | None:
        if not is_uuid(reaction):
            return None
        home = await self._store.reaction_home(reaction.lower(), me.id)
        return await self._visible(me, home.uuid, reaction.lower()) if home else None

    async def _only_one_near(self, me: User, moment: int) -> tuple[Message, str] | None:
        only = await self._store.only_reaction_near(me.id, moment, NEAR)
        return None if only is None else await self._visible(me, *only)

    async def _visible(self, me: User, message: str, reaction: str) -> tuple[Message, str] | None:
        home = await finding.visible_message(self._runtime, me, message)
        return None if isinstance(home, Refusal) else (home, reaction)


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/messages/reactions"""
    reactions = Reactions(runtime)
    at = "/api/v1/messages/reactions"
    denied: Words = {NotMember: (403, "Access denied to message")}
    gone = (404, "Message not found")
    limits = runtime.settings.limits
    emojis, own = limits.emojis_per_message, limits.reactions_per_user
    too_many = f"A message bears at most {emojis} different reactions, {own} of one user"
    missing = (404, "Reaction not found")
    return (
        Route(
            "POST", at, reactions.toggle,
            summary="Add or remove a reaction",
            description=(
                "Adds an emoji to a message or, if the caller has added it before, removes it:"
                " `action` says which. Only members of the message's channel may do so:"
                " otherwise it fails with 403, or with 404 if the message is in a private"
                " channel or does not exist. Fails with 400 for a text that is no emoji, and if"
                " the message has as many different emojis as it may, or as many of one user."
            ),
            body=Toggle,
            words={
                **denied, NoSuchRoom: gone, Invalid: (400, _NO_EMOJI),
                TooManyReactions: (400, too_many),
            },
            refuses=(NoSuchMessage,),
        ),
        Route(
            "GET", "/api/v1/messages/<message_id>/reactions", reactions.page,
            summary="List the reactions to a message",
            description=(
                "Returns reactions to a message, newest first. `before` is the id of a reaction,"
                " after which the list goes on; an unknown one fails with 404. Only members of"
                " the message's channel may see them: otherwise it fails with 403, or with 404"
                " if the message is in a private channel or does not exist."
            ),
            query={"limit": Count(SHOWN, least=1, most=SHOWN), "before": Text(most=36)},
            words=denied, refuses=(NoSuchMessage, NoSuchReaction), large=True,
        ),
        Route(
            "DELETE", f"{at}/<reaction_id>", reactions.remove,
            summary="Remove a reaction",
            description=(
                "Removes a reaction of the caller. It is named by its id or, by clients that"
                " know only the time, by `temp_` and the milliseconds since 1970 at which it was"
                " made. Fails with 404 if the caller has no such reaction, or more than one at"
                " about that time, and with 403 if they are no longer a member of the channel."
            ),
            words={**denied, NoSuchRoom: missing, NoSuchMessage: missing},
            refuses=(NoSuchReaction,),
        ),
    )  # fmt: skip

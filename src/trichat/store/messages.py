"""Messages as they are now, their reactions and mentions."""

from typing import Protocol

from trichat.core.lookup import Lookup, Needs
from trichat.core.model import Message, Reaction


class Messages(Protocol):
    """Reads of messages, their reactions and mentions."""

    async def lookup(self, room_id: int, needs: Needs) -> Lookup:
        """Return what a batch of commands to this room refers to. Messages of other rooms are not
        found.
        """

    async def message(self, uuid: str, *, with_reactions: bool = True) -> Message | None:
        """Return the message with this UUID, unless it was deleted."""

    async def message_by_id(self, message_id: int) -> Message | None:
        """Return the message with this id, without its reactions."""

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        """Return the message on which the user has this reaction, without its reactions."""

    async def reactions_of(
        self, message_id: int, *, limit: int, before: str | None = None
    ) -> list[Reaction] | None:
        """Return reactions to a message, newest first. before: only those older than this one; None
        is returned where it is not on the message.
        """

    async def only_reaction_near(self, user_id: int, at: int, span: int) -> tuple[str, str] | None:
        """Return (message, reaction) if the user made exactly one reaction within `span` ms of
        `at`.
        """

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        """Return messages that name the user, newest first, from rooms that are not direct and of
        which they are a member.
        """

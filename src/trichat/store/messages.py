"""Messages as they are now, their reactions and mentions."""

from typing import Protocol

from trichat.core.lookup import Lookup, Needs
from trichat.core.model import Message, Reaction


class Messages(Protocol):
    """What is read of messages."""

    async def lookup(self, room_id: int, needs: Needs) -> Lookup: ...
    async def message(self, uuid: str, *, with_reactions: bool = True) -> Message | None: ...
    async def message_by_id(self, message_id: int) -> Message | None:
        """Without reactions."""

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        """The message on which the user has this reaction, without reactions."""

    async def reactions_of(
        self, message_id: int, *, limit: int, before: str | None = None
    ) -> list[Reaction] | None:
        """Newest first; those older than the one `before`, None if that is not on the message."""

    async def only_reaction_near(self, user_id: int, at: int, span: int) -> tuple[str, str] | None:
        """(message, reaction) where the user made exactly one within `span` ms of `at`."""

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        """Newest first: messages that name the user, in rooms he is a member of, no direct ones."""

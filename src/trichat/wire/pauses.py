"""What a connection is charged with whose peer sends faster than is taken (all-23)."""

from trichat.runtime.rests import Rests


class Pauses:
    """Called by the link between messages. A command for a room costs nothing here: it waits for
    its room, and is what the server is for. All else, as typing and pings, is charged by its part
    of the messages.

    commands: how many there were since the last pause; the pipeline counts them.
    """

    __slots__ = ("_rests", "_user_id", "commands")

    def __init__(self, rests: Rests, user_id: int) -> None:
        self._rests = rests
        self._user_id = user_id
        self.commands = 0

    async def __call__(self, seconds: float, messages: int) -> None:
        """So many messages took so long."""
        others = max(messages - self.commands, 0) / max(messages, 1)
        self.commands = 0
        await self._rests.pause(self._user_id, seconds * others)

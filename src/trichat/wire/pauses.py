"""What a connection is charged with whose peer sends faster than is taken (all-23)."""

from trichat.runtime.rests import Rests
from trichat.wire.pipeline import Pipeline


class Pauses:
    """Called by the link between messages. A command for a room costs nothing here: it waits for
    its room, and is what the server is for. All else, as typing and pings, is charged by its part
    of the messages.
    """

    __slots__ = ("_pipeline", "_rests", "_sent", "_user_id")

    def __init__(self, rests: Rests, user_id: int, pipeline: Pipeline) -> None:
        self._rests = rests
        self._user_id = user_id
        self._pipeline = pipeline
        self._sent = 0

    async def __call__(self, seconds: float, messages: int) -> None:
        """So many messages took so long."""
        commands = self._pipeline.sent - self._sent
        self._sent = self._pipeline.sent
        others = max(messages - commands, 0) / max(messages, 1)
        await self._rests.pause(self._user_id, seconds * others)

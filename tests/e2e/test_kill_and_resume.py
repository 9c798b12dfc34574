"""kill -9 amid a stream of sends with keys: who connects again and retries loses and doubles
nothing, in any dialect.
"""

from pathlib import Path

import pytest
import trio
from attrs import define, field

from tests.dialects.keeping import Keeper, gaps
from tests.dialects.speech import DIALECTS, text_of
from tests.e2e.launching import launched, serve
from tests.e2e.test_kill import until_gone
from tests.e2e.users import Person, Users, users_of
from tests.server import Client

WINDOW = 8


@define
class Sender:
    """Texts are numbers and keys of themselves; those without an answer are sent again."""

    end: int
    answered: list[str] = field(factory=list)
    killing: int = 0
    reached: trio.Event = field(factory=trio.Event)

    async def run(self, users: Users, ann: Person, channel: str) -> None:
        async with users.socket("room", ann, channel, resume="1") as socket:
            sent = len(self.answered)
            while len(self.answered) < self.end:
                while sent < min(self.end, len(self.answered) + WINDOW):
                    await socket.send({"message": str(sent), "client_key": str(sent)})
                    sent += 1
                answer = await socket.until(type="message_sent")
                self.answered.append(answer["client_key"])
                if len(self.answered) == self.killing:
                    self.reached.set()


@define
class Watcher:
    """Bob, in one dialect, over as many lives of the server as it has."""

    dialect: str
    keeper: Keeper = field(init=False)
    heard: list[str] = field(factory=list)
    there: trio.Event = field(factory=trio.Event)
    done: trio.Event = field(factory=trio.Event)

    def __attrs_post_init__(self) -> None:
        self.keeper = Keeper(self.dialect)

    async def run(self, users: Users, bob: Person, channel: str, last: str) -> None:
        asked = self.keeper.cursor or "1"
        async with users.socket(self.dialect, bob, channel, resume=asked) as socket:
            await self._come(socket, channel)
            while self.heard[-1:] != [last]:
                frame = self.keeper.take(await socket.next())
                if self.keeper.positions:
                    self.there.set()
                text = text_of(frame, self.dialect) if frame else None
                if text is not None:
                    self.heard.append(text)
        self.done.set()

    async def _come(self, socket: Client, channel: str) -> None:
        if self.dialect == "chats":
            await socket.send({"action": "subscribe", "chat_ids": [channel]})
        elif self.dialect == "lobby":
            await socket.send({"type": "join_room", "data": {"room_id": channel}})


@pytest.mark.parametrize("moment", [1, 60, 300])
async def test_kill_and_resume(data: Path, moment: int) -> None:
    sender = Sender(end=400, killing=moment)
    watchers = [Watcher(dialect) for dialect in DIALECTS]
    async with launched(serve(data)) as server, users_of(server.address) as users:
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("stream", ann, bob)
        async with trio.open_nursery() as nursery:
            for watcher in watchers:
                nursery.start_soon(until_gone, watcher.run, users, bob, channel, "399")
            with trio.fail_after(60):
                for watcher in watchers:
                    await watcher.there.wait()
                nursery.start_soon(until_gone, sender.run, users, ann, channel)
                await sender.reached.wait()
                server.process.kill()
                await server.ended()

    async with launched(serve(data)) as server, users_of(server.address) as users:
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                for watcher in watchers:
                    nursery.start_soon(watcher.run, users, bob, channel, "399")
                nursery.start_soon(sender.run, users, ann, channel)
        numbers = [str(number) for number in range(400)]
        assert sender.answered == numbers
        assert await users.history(ann, channel) == numbers
        for watcher in watchers:
            assert watcher.heard == numbers, watcher.dialect
            assert gaps(watcher.keeper.frames) == []

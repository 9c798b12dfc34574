"""Bad frames on real sockets: who sends them gets their document's answer, nobody else notices."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.dialects.speech import DIALECTS
from tests.properties.expected import World
from tests.properties.frames import any_text, edges
from tests.properties.line import Listener, Message, Sender
from tests.properties.profiles import try_all
from tests.properties.values import shared, write
from tests.rooms import open_room
from tests.server import ChatServer, open_chat_server, settings_for
from trichat.settings import Lobby, Presence

MOST = 1_000_000
AT_ONCE = 20  # frames


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server without the lobby's limits, that tells nobody's status."""
    lobby = Lobby(max_rooms_per_user=MOST, max_messages_per_min=MOST)
    settings = settings_for(tmp_path / "data", lobby=lobby, presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


async def the_world(server: ChatServer) -> World:
    """Three users, three rooms. The first user owns the first rooms; the sender owns none."""
    bob, ann, cy = [await server.person(name) for name in ("bob", "ann", "cy")]
    return World(
        ann,
        (bob, cy),
        await open_room(server, bob, "hall", ann, cy),
        await open_room(server, bob, "attic"),
        await open_room(server, bob, "den", private=True),
    )


def messages(world: World, dialect: str) -> st.SearchStrategy[list[Message]]:
    """A few of them, good and bad; in the room dialect also more than it puts up with."""
    texts = any_text(dialect, world.names).map(str.encode)
    noise = st.binary(max_size=60)
    message = shared(
        (12, st.builds(Message, texts)),
        (1, st.builds(Message, texts, st.just(True))),
        (1, st.builds(Message, noise, st.booleans())),
    )
    few = st.lists(message, min_size=1, max_size=4)
    if dialect != "room":
        return few
    bad = st.builds(Message, noise, st.just(True)) | st.just(Message(b"{"))
    return shared((3, few), (1, st.lists(bad, min_size=8, max_size=12)))


Check = Callable[[list[Message]], Awaitable[None]]


@asynccontextmanager
async def a_bad_line(
    server: ChatServer, dialect: str, world: World, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Check]:
    """Sends messages, and fails where anything but the right answer comes of them. One who speaks
    the same dialect listens, and one who speaks another.
    """
    other = DIALECTS[DIALECTS.index(dialect) - 1]
    numbers = count()
    async with AsyncExitStack() as stack:
        listeners: list[Listener] = []
        for spoken, person in zip((dialect, other), world.others, strict=True):
            client = await stack.enter_async_context(server.socket(spoken, person, "hall"))
            await world.hall.entered(client, spoken)
            listeners.append(Listener(client, spoken))
        talker = next(each for each in listeners if each.dialect != "channels")
        sender = Sender(server, world, dialect)

        async def check(example: list[Message]) -> None:
            await sender.send(example)
            text = f"word {next(numbers)}"
            await talker.client.send(world.hall.message(talker.dialect, text))
            for listener in listeners:
                await listener.hears(text, world)
            await sender.hear()
            failures = [each for each in caplog.records if each.levelno >= logging.ERROR]
            caplog.clear()
            assert failures == []

        try:
            yield check
        finally:
            await sender.leave()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_whatever_one_sends_he_gets_his_answer_and_the_others_chat_on(
    patient: ChatServer, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = await the_world(patient)
    async with a_bad_line(patient, dialect, world, caplog) as check:
        await try_all(messages(world, dialect), 60, check)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_field_at_its_edges_gets_its_answer_and_the_others_chat_on(
    patient: ChatServer, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = await the_world(patient)
    frames = [Message(write(frame).encode()) for frame in edges(dialect, world.names)]
    async with a_bad_line(patient, dialect, world, caplog) as check:
        for start in range(0, len(frames), AT_ONCE):
            await check(frames[start : start + AT_ONCE])

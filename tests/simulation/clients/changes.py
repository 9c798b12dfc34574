"""What becomes of messages behind their saying: edited, deleted, reacted to, over REST."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from tests.simulation.clients.base import Client
from tests.simulation.record import ACKNOWLEDGED, Said, deleted, edited, reaction
from trichat.core.model import User
from trichat.core.refusals import Refusal
from trichat.runtime.server import Runtime
from trichat.web.rest.messages import Messages, NewContent
from trichat.web.rest.reactions import Reactions, Toggle

LONG = 0.03  # how often a text is a long one


def long(random: Random, share: float = LONG) -> str:
    """What stands behind a message's name: up to 30 kB, or mostly nothing."""
    return " " + "\u8a9e" * random.randint(2000, 9900) if random.random() < share else ""


def change(client: Client) -> None:
    """One of the messages that are known, in a room that it follows."""
    world, record, me = client.world, client.world.record, client.person.user.uuid
    known = [uuid for uuid, name in record.names.items() if record.said[name].room in client.views]
    if not known:
        return
    own = [uuid for uuid in known if record.said[record.names[uuid]].user == me]
    message = world.random.choice(own[-5:] if own and world.random.random() < 0.5 else known[-10:])
    mine = message in own
    chance = world.random.random()
    if mine and chance < 0.4 and edited(message) not in record.changes:
        _edit(client, message)
    elif mine and chance < 0.6 and deleted(message) not in record.changes:
        _delete(client, message)
    else:
        _react(client, message)


def _ask(
    client: Client, what: str, message: str, call: Callable[[Runtime, User], Awaitable[Any]]
) -> None:
    record, now = client.world.record, client.world.agenda.now
    room = record.said[record.names[message]].room
    asked = record.changes[what] = Said(what, room, client.person.user.uuid, now)

    def answered(answer: Any) -> None:
        if not isinstance(answer, Refusal):
            asked.fate, asked.known = ACKNOWLEDGED, client.world.agenda.now

    client.world.trace.add(client.name, f"asks for: {what}")
    client.world.rest(client.person, call, answered)


def _edit(client: Client, message: str) -> None:
    text = f"{client.world.record.names[message]} anew" + long(client.world.random, 0.15)

    async def call(runtime: Runtime, me: User) -> Any:
        return await Messages(runtime).edit(me, message, NewContent(text))

    _ask(client, edited(message), message, call)


def _delete(client: Client, message: str) -> None:
    client.world.record.deleted.add(client.world.record.names[message])

    async def call(runtime: Runtime, me: User) -> Any:
        return await Messages(runtime).delete(me, message)

    _ask(client, deleted(message), message, call)


def _react(client: Client, message: str) -> None:
    """With an emoji that nobody else has; it may go again."""
    record, me = client.world.record, client.person.user.uuid
    short = message[-12:]  # an emoji has 32 characters at most
    emoji = f"{client.world.new_text()} of {short}"
    mine = [
        name.partition(" comes")[0]
        for name, asked in record.changes.items()
        if name.endswith(f"of {short} comes") and asked.user == me
    ]
    comes = True
    if mine and reaction(mine[-1], comes=False) not in record.changes:
        was = record.changes[reaction(mine[-1], comes=True)]
        if was.fate == ACKNOWLEDGED:
            emoji, comes = mine[-1], False

    async def call(runtime: Runtime, me: User) -> Any:
        return await Reactions(runtime).toggle(me, Toggle(message, emoji))

    _ask(client, reaction(emoji, comes=comes), message, call)

"""The JavaScript clients as a page has them: its WebSocket, no headers, no terminal."""

import json

from tests.e2e.programs import ROOT, Program, interpreter, needs_node, running
from tests.e2e.rooms import ProgramsRoom, chatter, open_programs_room
from tests.e2e.users import Person, Users

PAGE = ROOT / "tests" / "e2e" / "browser.mjs"
CLASSES = {"chats": "Chats", "room": "Room", "lobby": "Lobby", "channels": "Channels"}
CLASSES |= {"conversations": "Conversations"}


async def shown(room: ProgramsRoom, dialect: str, by: Person, text: str) -> Program:
    """What a page shows that says this and ends when it hears it."""
    names = {
        "room": room.name,
        "lobby": {"roomId": room.uuid},
        "conversations": {"conversation": room.number},
    }
    named = json.dumps(names.get(dialect, room.uuid))
    words = [str(PAGE), dialect, CLASSES[dialect], room.address, by.token, named, text]
    async with running(*interpreter(".js"), *words, terminal=True) as page:
        assert await page.ended() == 0
    return page


@needs_node
async def test_every_dialect_in_a_page(users: Users) -> None:
    (ann,) = await users.people("ann")
    room = await open_programs_room(users, ann)
    texts = [f"from a page in {dialect}" for dialect in CLASSES]
    for dialect, text in zip(CLASSES, texts, strict=True):
        page = await shown(room, dialect, ann, text)
        assert "* connected" in page.said
        assert chatter(page)[-1] == ("ann", text)
    assert await users.history(ann, room.uuid) == texts


@needs_node
async def test_a_page_is_told_of_a_bad_token(users: Users) -> None:
    """By the close code; in the lobby, whose refusal no page sees, this would be 1006 for ever."""
    (ann,) = await users.people("ann")
    room = await open_programs_room(users, ann)
    nobody = Person("nobody", "", "no.such.token")
    for dialect, code in (("room", 4001), ("channels", 1008)):
        page = await shown(room, dialect, nobody, "")
        assert page.said[-1].endswith(f"(close code {code})")

"""Two people at the screens of a web client that was written from the published pages alone, on
another origin, reading either of the two key casings.
"""

import re

import pytest

from tests.browser.chromium import Page
from tests.browser.conftest import Site

casings = pytest.mark.parametrize("casing", ["snake", "camel"])


async def registered(site: Site, name: str, casing: str) -> Page:
    page = await site.client(casing=casing)
    await page.type("#register [name=username]", name)
    await page.type("#register [name=email]", f"{name}@Example.COM")
    await page.type("#register [name=password]", "Secret1x")
    await page.click("#register button")
    await page.until(f"document.getElementById('self').textContent === '{name}'")
    await page.until("chat.live?.frames[0]?.type === 'connection_established'")
    return page


async def noticed(page: Page, words: str) -> None:
    await page.until(f"chat.notices.some((one) => one.includes({words!r}))")


async def nothing_amiss(*pages: Page) -> None:
    for page in pages:
        assert await page.js("[...chat.api.faults, ...chat.live.faults]") == []
        assert page.complaints == []


def line(words: str) -> str:
    """The first line that shows these words."""
    lines = "[...document.querySelectorAll('#messages li')]"
    return f"{lines}.find((li) => li.querySelector('q').textContent === {words!r})"


@casings
async def test_two_people_talk(site: Site, casing: str) -> None:
    alice = await registered(site, "alice", casing)
    await alice.until("document.querySelectorAll('#mine li').length === 3")
    await alice.until("document.getElementById('title').textContent === 'general'")

    bob = await registered(site, "bob", casing)
    assert await bob.js("document.querySelectorAll('#mine li').length") == 0
    await bob.click("#others li:first-child .join")
    await noticed(alice, "bob joined #general")
    await alice.until("document.querySelectorAll('#members li').length === 2")
    await bob.until("document.getElementById('title').textContent === 'general'")

    # typing, a message kept as it is, a mention after it
    await alice.type("#compose [name=content]", "Hi @bob, **a** & <b>c</b>")
    await bob.until("document.getElementById('typing').textContent === 'alice is typing'")
    await alice.click("#compose button")
    words = "Hi @bob, **a** & <b>c</b>"
    await bob.until(line(words))
    await noticed(bob, "alice mentioned you")
    assert await bob.js("document.getElementById('notice').textContent") == "alice mentioned you"
    await bob.until("document.getElementById('typing').textContent === ''")
    await alice.until(line(words))
    shown = await alice.js(f"{line(words)}.firstChild.textContent")
    assert re.fullmatch(r"\d\d:\d\d:\d\d alice", shown), shown
    assert await alice.js("document.querySelectorAll('#messages li').length") == 1

    # a reaction that a frame told of is clicked away by an id that the client made up (9.6)
    await bob.click("#messages .like")
    await alice.until("document.querySelector('#messages .reaction:not(.mine)')")
    await bob.until("document.querySelector('#messages .reaction.mine')")
    assert (await bob.js("chat.state.messages[0].reactions[0].id")).startswith("temp_")
    await bob.click("#messages .reaction.mine")
    await alice.until("!document.querySelector('#messages .reaction')")

    # only the author is offered to edit; a reaction stays on what is edited
    assert await bob.js("document.querySelectorAll('#messages .edit').length") == 0
    await bob.click("#messages .like")
    await alice.until("document.querySelector('#messages .reaction:not(.mine)')")
    await alice.click("#messages .edit")
    await bob.until(f"{line(words + ', that is')}?.textContent.includes('edited')")
    await bob.click("#messages .reaction.mine")
    await alice.until("!document.querySelector('#messages .reaction')")

    # after a reload the token and the channel are remembered
    await alice.reload()
    await alice.until(line(words + ", that is"))
    await alice.click("#messages .delete")
    await bob.until("!document.querySelector('#messages li')")
    await noticed(bob, "alice deleted a message")

    await bob.click("#leave")
    await noticed(alice, "bob left #general")
    await nothing_amiss(alice, bob)


@casings
async def test_channels_are_made_and_people_added(site: Site, casing: str) -> None:
    alice, bob = [await registered(site, name, casing) for name in ("alice", "bob")]
    await alice.type("#create [name=name]", "books")
    await alice.click("#create button")
    await alice.until("document.getElementById('title').textContent === 'books'")
    await noticed(bob, "New channel books")
    await bob.until("document.getElementById('others').textContent.includes('books')")

    await alice.js("document.getElementById('guests').focus()")
    await alice.until("document.querySelector('#guests option')?.textContent === 'bob'")
    await alice.click("#add")
    await noticed(alice, "Successfully added bob to channel")
    await bob.until("document.querySelector('#mine li')?.textContent.startsWith('books')")
    await alice.js("chat.api.send(chat.state.open, 'Welcome')")
    assert (await bob.js("chat.live.until({type: 'new_message'})"))["data"]["content"] == "Welcome"

    await alice.type("#create [name=name]", "books")
    await alice.click("#create button")
    await noticed(alice, "400: Channel name already exists")
    [told] = alice.complaints  # the console tells of every 400
    assert "400" in told
    alice.complaints.clear()
    await bob.click("#logout")
    uuid = await bob.js("chat.live.frames[0].user_id")
    await alice.until(f"chat.state.online.get('{uuid}') === 'offline'")
    await nothing_amiss(alice, bob)


async def test_older_messages_are_loaded(site: Site) -> None:
    alice = await registered(site, "alice", "camel")
    await alice.until("document.getElementById('title').textContent === 'general'")
    say = "for (let n = 0; n < 60; n++) await chat.api.send(chat.state.open, String(n))"
    await alice.js(f"(async () => {{ {say} }})()")
    await alice.reload()
    said = "[...document.querySelectorAll('#messages q')].map((q) => q.textContent).join()"
    await alice.until(f"{said} === '{','.join(map(str, range(10, 60)))}'")
    await alice.click("#older")
    await alice.until(f"{said} === '{','.join(map(str, range(60)))}'")
    await nothing_amiss(alice)

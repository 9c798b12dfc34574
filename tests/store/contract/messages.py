"""Reads about messages: exact, in order, without what was deleted, within their room."""

import pytest

from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.lookup import Keyed, Lookup, Needs
from trichat.core.model import Kind
from trichat.core.reactions import OnMessage
from trichat.store.log import Commit
from trichat.store.port import Store

TEXTS = (
    "plain",
    " leading and trailing \t",
    "line\r\nline\rline\n",
    "👩‍👩‍👧‍👦 👍🏽 \U0010ffff",
    "e\u0301 against é, \u202eright to left\u202c, zero\u200bwidth, \ufeff",
    '\'; DROP TABLE users; -- %_\\ "quoted" ?1 :name',
    "<script>&amp;</script> **bold** `code`",
    "\x01\x1f\x7f\x85",
    "{}[]null",
    "x" * 10_000,
)


class Messages:
    @pytest.mark.parametrize("text", TEXTS)
    async def test_a_text_is_exactly_as_it_was_said(self, store: Store, text: str) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await ledger.room(alice)
        (said,) = await ledger.say(room, alice, text)
        assert said.text == text
        read = await store.message(said.uuid)
        assert read == said
        assert await store.message_by_id(said.id) == said
        await ledger.do(room, (alice, c.Edit(said.uuid, text[::-1])))
        ((edited,), _) = await store.history(room.id, limit=1)
        assert (edited.text, edited.edited) == (text[::-1], True)

    async def test_a_deleted_message_is_gone_from_every_read(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        kept, gone = await ledger.say(room, alice, "kept", "@bob gone")
        (reacted,) = await ledger.do(room, (bob, c.React(gone.uuid, "+")))
        assert isinstance(reacted, e.Reacted)
        await ledger.do(room, (alice, c.Delete(gone.uuid)))
        assert await store.history(room.id, limit=10) == ([kept], 6)
        assert await store.message(gone.uuid) is None
        assert await store.message_by_id(gone.id) is None
        wanted = Needs(messages=frozenset({gone.uuid}), ids=frozenset({gone.id}))
        assert await store.lookup(room.id, wanted) == Lookup()
        assert await store.mentions_of(bob.id, limit=10, offset=0) == []
        assert await store.reaction_home(reacted.reaction.uuid, bob.id) is None
        assert await store.only_reaction_near(bob.id, reacted.at, 10) is None

    async def test_a_lookup_finds_what_is_in_the_room(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room, other = await ledger.room(alice, bob), await ledger.room(alice)
        one, two = await ledger.say(room, alice, "one", "two")
        (elsewhere,) = await ledger.say(other, alice, "elsewhere")
        (reacted,) = await ledger.do(room, (bob, c.React(one.uuid, "+")))
        assert isinstance(reacted, e.Reacted)
        wanted = Needs(
            frozenset({one.uuid, elsewhere.uuid, "unknown"}),
            frozenset({two.id, elsewhere.id, 999}),
        )
        expected = Lookup({one.uuid: reacted.message}, {two.id: two})
        assert await store.lookup(room.id, wanted) == expected

    async def test_a_reaction_is_decided_on_the_counts_and_one_s_own_alone(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room, other = await ledger.room(alice, bob), await ledger.room(alice)
        one, two = await ledger.say(room, alice, "one", "two")
        (elsewhere,) = await ledger.say(other, alice, "elsewhere")
        mine, *_ = await ledger.do(
            room, *((who, c.React(one.uuid, emoji)) for emoji in "+-" for who in (bob, alice))
        )
        assert isinstance(mine, e.Reacted)
        await ledger.do(room, (bob, c.React(one.uuid, "-")))
        asked = frozenset({(said.uuid, bob.id) for said in (one, two, elsewhere)})
        found = await store.lookup(room.id, Needs(frozenset({one.uuid}), reactions=asked))
        assert found.messages[one.uuid].reactions == ()
        assert found.reactions == {
            one.uuid: OnMessage({"+": 2, "-": 1}, {bob.id: {"+": mine.reaction}}),
            two.uuid: OnMessage({}),
        }

    async def test_what_was_sent_with_a_key_is_found_by_it_for_good(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room, other = await ledger.room(alice, bob), await ledger.room(alice)
        say = c.Say("hi", key="k")
        (said,) = await ledger.do(room, (alice, say))
        assert isinstance(said, e.Said)
        assert said.key is None  # it is the database's to know, as the log has it
        assert await store.log(room.id, said.seq - 1, 1) == [said]
        await ledger.do(room, (bob, c.Say("ho", key="k")), (alice, c.Delete(said.message.uuid)))
        wanted = Needs(
            sends=frozenset(Keyed(who.id, key, "hi") for who in (alice, bob) for key in "kx")
        )
        found = (await store.lookup(room.id, wanted)).sends
        assert found.keys() == {(alice.id, "k"), (bob.id, "k")}
        earlier = found[alice.id, "k"]
        assert (earlier.id, earlier.uuid, earlier.seq, earlier.at) == (
            said.message.id, said.message.uuid, said.seq, said.at,
        )  # fmt: skip
        assert earlier.digest != found[bob.id, "k"].digest
        assert await store.lookup(other.id, wanted) == Lookup()

    async def test_whom_a_send_named_is_found_for_its_retry(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        (said,) = await ledger.do(room, (alice, c.Say("@bob", key="k")))
        assert isinstance(said, e.Said)
        assert said.message.mentions == (bob,)
        again = Needs(sends=frozenset({Keyed(alice.id, "k", "@bob")}))
        assert (await store.lookup(room.id, again)).mentions == {"@bob": (bob,)}
        first = Needs(sends=frozenset({Keyed(alice.id, "other", "@bob")}))
        assert (await store.lookup(room.id, first)).mentions == {}

    async def test_a_key_that_is_used_is_not_stored_again(self, store: Store) -> None:
        """Whoever commits without having looked."""
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await ledger.room(alice)
        state = await store.load(room.id)
        assert state is not None
        await ledger.do(room, (alice, c.Say("hi", key="k")))
        state.seq += 1
        draft = state.draft(Lookup(), frozenset)
        decision = draft.decide(c.Say("hi", key="k"), alice, NOW + 10**6)
        assert isinstance(decision, tuple)
        assert await ledger.write(Commit(room.id, state.seq, decision, NOW)) == r.Failed()
        assert (await store.history(room.id, limit=10))[1] == 2

    async def test_mentions_keep_the_order_of_the_text(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        room = await ledger.room(alice)
        (said,) = await ledger.say(room, alice, "@carol @alice @bob @carol @nobody")
        assert said.mentions == (carol, alice, bob)
        assert await store.message(said.uuid) == said

    @pytest.mark.promise("channels-13")
    async def test_members_it_names_are_told_of_it_but_its_author(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol, dave = await ledger.people("alice", "bob", "carol", "dave")
        room = await ledger.room(alice, bob, dave)
        _, said, _, later = await ledger.do(
            room,
            (carol, c.Join()),
            (alice, c.Say("@dave @carol @bob @alice")),
            (bob, c.Leave()),
            (alice, c.Say("@bob @carol")),
        )
        assert isinstance(said, e.Said)
        assert isinstance(later, e.Said)
        assert said.notified == (dave, carol, bob)
        assert (later.message.mentions, later.notified) == ((bob, carol), (carol,))

    async def test_mentions_of_a_user_are_where_he_may_read_newest_first(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room, left = await ledger.room(alice, bob), await ledger.room(alice, bob)
        private = await ledger.room(alice, kind=Kind.PRIVATE)
        direct = await ledger.direct(alice, bob)
        first, second, third = await ledger.say(room, alice, "@bob 1", "@bob 2", "@bob 3")
        for place in (left, private, direct):
            await ledger.say(place, alice, "@bob")
        await ledger.say(room, alice, "bob @bobby")
        await ledger.do(left, (bob, c.Leave()))
        assert await store.mentions_of(bob.id, limit=10, offset=0) == [third, second, first]
        assert await store.mentions_of(bob.id, limit=1, offset=1) == [second]
        (edited,) = await ledger.do(room, (alice, c.Edit(second.uuid, "nobody")))
        assert isinstance(edited, e.Edited)
        assert await store.mentions_of(bob.id, limit=10, offset=0) == [third, first]

    async def test_a_reactions_home_is_its_owners_to_know(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        (said,) = await ledger.say(room, alice, "hi")
        (reacted,) = await ledger.do(room, (bob, c.React(said.uuid, "+")))
        assert isinstance(reacted, e.Reacted)
        uuid = reacted.reaction.uuid
        assert await store.reaction_home(uuid, bob.id) == reacted.message
        assert await store.reaction_home(uuid, alice.id) is None
        assert await store.reaction_home("unknown", bob.id) is None

    async def test_of_reactions_near_a_moment_only_one_alone_is_found(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob)
        said = await ledger.say(room, alice, "1", "2", "3")
        came = [(await ledger.do(room, (bob, c.React(one.uuid, "+"))))[0] for one in said]
        await ledger.do(room, (alice, c.React(said[0].uuid, "+")))
        near = [event for event in came if isinstance(event, e.Reacted)]
        first, middle, last = (event.at for event in near)
        found = near[1].message.uuid, near[1].reaction.uuid
        assert await store.only_reaction_near(bob.id, middle, 0) == found
        edge = middle - first - 1  # that far from the middle one, and no more
        assert await store.only_reaction_near(bob.id, middle, edge) == found
        assert await store.only_reaction_near(bob.id, middle, edge + 1) is None
        assert await store.only_reaction_near(bob.id, last + 7, 6) is None

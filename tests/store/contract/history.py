"""Histories hold the newest messages, oldest first, whole or in pages."""

from itertools import pairwise

from tests.store.ledger import Ledger
from trichat.core import commands as c
from trichat.store.port import Store
from trichat.store.sqlite.history import PAGE, PAGE_BYTES


class History:
    async def test_the_pages_of_a_history_hold_its_newest_messages(self, store: Store) -> None:
        ledger = Ledger(store)
        ann = await ledger.person("ann")
        room = await ledger.room(ann)
        said = await ledger.say(room, ann, *("x" * PAGE_BYTES for _ in range(3)), "short", "ż" * 5)

        async def pages(limit: int, text_bytes: int, before: int | None = None) -> list[int]:
            found = await store.history_pages(
                room.id, limit=limit, text_bytes=text_bytes, before_id=before
            )
            assert found.head == 6
            held = [await store.history_page(room.id, *bounds) for bounds in pairwise(found.bounds)]
            newest = [message for page in held for message in page]
            there = [one for one in said if before is None or one.id < before]
            assert newest == there[len(there) - len(newest) :]
            return [len(page) for page in held]

        assert await pages(100, 2**30) == [1, 1, 1, 2]
        assert await pages(4, 2**30) == [1, 1, 2]
        assert await pages(2, 2**30) == [2]
        assert await pages(100, 15) == [2]  # five letters of two bytes each, and five of one
        assert await pages(100, 14) == [1]
        assert await pages(100, 1) == [1]  # the newest in any case
        assert await pages(100, 2**30, said[2].id) == [1, 1]
        assert await pages(100, 2**30, said[0].id) == []
        assert await pages(0, 2**30) == []

    async def test_a_page_is_read_as_it_is_now(self, store: Store) -> None:
        ledger = Ledger(store)
        ann = await ledger.person("ann")
        room = await ledger.room(ann)
        one, two = await ledger.say(room, ann, "one", "two")
        found = await store.history_pages(room.id, limit=9, text_bytes=99)
        await ledger.do(room, (ann, c.Delete(one.uuid)), (ann, c.Edit(two.uuid, "second")))
        await ledger.say(room, ann, "later")
        (page,) = [await store.history_page(room.id, *each) for each in pairwise(found.bounds)]
        assert [message.text for message in page] == ["second"]

    async def test_short_messages_are_read_so_many_at_a_time(self, store: Store) -> None:
        ledger = Ledger(store)
        ann = await ledger.person("ann")
        room = await ledger.room(ann)
        await ledger.say(room, ann, *map(str, range(PAGE + 1)))
        found = await store.history_pages(room.id, limit=1000, text_bytes=2**30)
        held = [await store.history_page(room.id, *bounds) for bounds in pairwise(found.bounds)]
        assert [len(page) for page in held] == [PAGE, 1]

    async def test_history_is_paged_from_the_newest_and_oldest_first(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room, other = await ledger.room(alice), await ledger.room(alice)
        said = []
        for number in range(10):
            said += await ledger.say(room, alice, str(number))
            await ledger.say(other, alice, "elsewhere")
        assert await store.history(room.id, limit=100) == (said, 11)
        assert await store.history(room.id, limit=3) == (said[7:], 11)
        assert await store.history(room.id, limit=3, offset=3) == (said[4:7], 11)
        assert await store.history(room.id, limit=3, offset=9) == (said[:1], 11)
        assert await store.history(room.id, limit=3, offset=10) == ([], 11)
        assert await store.history(room.id, limit=0) == ([], 11)
        before = said[5].id
        assert await store.history(room.id, limit=2, before_id=before) == (said[3:5], 11)
        assert await store.history(room.id, limit=2, offset=2, before_id=before) == (said[1:3], 11)
        assert await store.history(room.id, limit=2, before_id=said[0].id) == ([], 11)

"""The making of accounts, rooms and pairs."""

from attrs import evolve

from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.ids import new_uuid
from trichat.core.model import Kind, Membership, Origin, Role, Standing
from trichat.core.refusals import NoSuchUser, Taken, TooManyRooms
from trichat.store import port


class Opening:
    # -- accounts

    async def test_an_account_is_as_it_was_asked_for(self, store: port.Store) -> None:
        ledger = Ledger(store)
        write = port.CreateUser(
            new_uuid(), "Élise 👋", "e@x.org", "hash", "a.png", NOW, role=Role.ADMIN
        )
        outcome = await ledger.write(write)
        assert isinstance(outcome, port.Registered)
        user = outcome.user
        assert (user.uuid, user.username, user.email) == (write.uuid, "Élise 👋", "e@x.org")
        assert (user.avatar, user.role, user.created_at) == ("a.png", Role.ADMIN, NOW)
        assert 0 < user.id < 2**53
        assert await store.user(user.id) == user
        assert await store.credentials("Élise 👋") == (user, "hash")

    async def test_only_the_first_account_is_the_first(self, store: port.Store) -> None:
        writes = [port.CreateUser(new_uuid(), name, None, None, None, 1) for name in "abc"]
        outcomes = await store.write(writes)
        firsts = [isinstance(made, port.Registered) and made.first for made in outcomes]
        assert firsts == [True, False, False]

    async def test_names_and_addresses_are_taken_once_and_the_address_is_told_first(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        await ledger.person("alice", "a@x.org")

        async def again(name: str, email: str | None) -> object:
            return await ledger.write(port.CreateUser(new_uuid(), name, email, None, None, 1))

        assert await again("alice", None) == Taken("username")
        assert await again("bob", "a@x.org") == Taken("email")
        assert await again("alice", "a@x.org") == Taken("email")
        assert await again("bob", "A@X.ORG") == Taken("email")
        for alike in ("Alice", "ALICE", "\uff41lice", " alice", "ali\u200bce"):
            assert await again(alike, "b@x.org") == Taken("username"), alike
        assert isinstance(await again("Alicia", "b@x.org"), port.Registered)
        assert isinstance(await again("carol", None), port.Registered)
        assert isinstance(await again("dave", None), port.Registered)

    async def test_the_second_of_one_transaction_finds_the_name_taken(
        self, store: port.Store
    ) -> None:
        writes = [port.CreateUser(new_uuid(), "alice", None, None, None, 1) for _ in range(2)]
        first, second = await store.write(writes)
        assert isinstance(first, port.Registered)
        assert second == Taken("username")

    async def test_passwords_and_roles_change(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        changed = await ledger.write(port.SetPassword(alice.id, "new", NOW + 5))
        assert changed == evolve(alice, updated_at=NOW + 5)
        assert await store.credentials("alice") == (changed, "new")
        raised = await ledger.write(port.SetRole(alice.id, Role.MODERATOR, NOW + 6))
        assert raised == evolve(alice, updated_at=NOW + 6, role=Role.MODERATOR)
        assert await store.user(alice.id) == raised
        assert await ledger.write(port.SetPassword(999, "new", NOW)) == NoSuchUser()
        assert await ledger.write(port.SetRole(999, Role.ADMIN, NOW)) == NoSuchUser()

    # -- rooms

    async def test_a_room_is_as_it_was_asked_for(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        write = ledger.create(
            alice, "Ünï", handle="Ünï", description="d", kind=Kind.PRIVATE, max_users=3
        )
        outcome = await ledger.write(write)
        assert isinstance(outcome, port.Opened)
        room = outcome.room
        assert outcome.events == ()
        assert (room.uuid, room.kind, room.origin) == (write.uuid, Kind.PRIVATE, Origin.REST)
        assert (room.title, room.handle, room.description) == ("Ünï", "Ünï", "d")
        assert (room.max_users, room.created_by, room.created_at) == (3, alice.id, write.at)
        assert await store.room(room.id) == room
        state = await store.load(room.id)
        assert state is not None
        assert (state.room, state.members, state.seq) == (room, {}, 0)

    async def test_its_first_members_are_the_first_events_of_its_log(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        write = ledger.create(alice, owned=True, invited=(bob, alice, carol))
        outcome = await ledger.write(write)
        assert isinstance(outcome, port.Opened)
        admitted = [event for event in outcome.events if isinstance(event, e.Admitted)]
        who = [(event.seq, event.user, event.standing) for event in admitted]
        assert who == [
            (1, alice, Standing.OWNER),
            (2, bob, Standing.MEMBER),
            (3, carol, Standing.MEMBER),
        ]
        assert {event.by for event in admitted} == {alice}
        assert await store.log(outcome.room.id, 0, 10) == list(outcome.events)
        state = await store.load(outcome.room.id)
        assert state is not None
        last = admitted[-1]
        assert (state.seq, state.last_at) == (3, last.at)
        assert state.members[bob.id] == Membership(bob.id, Standing.MEMBER, admitted[1].at)
        assert await ledger.say(outcome.room, bob, "the log goes on")

    async def test_a_handle_is_unique_and_exact(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        first, second, third = await store.write(
            [ledger.create(alice, handle=handle) for handle in ("general", "general", "General")]
        )
        assert isinstance(first, port.Opened)
        assert second == Taken("handle")
        assert isinstance(third, port.Opened)
        assert await store.room_by_handle("general") == first.room

    async def test_titles_without_a_handle_may_repeat(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        rooms = [await ledger.room(alice, title="same") for _ in range(2)]
        assert rooms[0].id != rooms[1].id

    async def test_an_allowance_counts_the_makers_own_rooms_of_that_origin(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        await ledger.room(alice, origin=Origin.REST)
        await ledger.room(bob, origin=Origin.LOBBY)

        async def another() -> object:
            return await ledger.write(ledger.create(alice, origin=Origin.LOBBY, limit=2))

        assert isinstance(await another(), port.Opened)
        assert isinstance(await another(), port.Opened)
        assert await another() == TooManyRooms()

    # -- pairs

    async def test_a_pair_has_one_room_either_way_round(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob, carol = await ledger.people("alice", "bob", "carol")
        opened = await ledger.write(port.OpenDirect(new_uuid(), bob, alice, NOW))
        assert isinstance(opened, port.Opened)
        room = opened.room
        assert (room.kind, room.origin, room.handle) == (Kind.DIRECT, Origin.DIRECT, None)
        assert [type(event) for event in opened.events] == [e.Admitted, e.Admitted]
        assert {user.id for user in await store.members(room.id)} == {alice.id, bob.id}
        again = await ledger.write(port.OpenDirect(new_uuid(), alice, bob, NOW))
        assert again == port.Opened(room, ())
        assert (await ledger.direct(alice, carol)).id != room.id

    async def test_two_of_one_transaction_open_one_room(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        first, second = await store.write(
            [
                port.OpenDirect(new_uuid(), alice, bob, NOW),
                port.OpenDirect(new_uuid(), bob, alice, NOW),
            ]
        )
        assert isinstance(first, port.Opened)
        assert second == port.Opened(first.room, ())

    async def test_room_commands_follow_the_making(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice)
        (joined,) = await ledger.do(room, (bob, c.Join()))
        assert isinstance(joined, e.Admitted)
        assert joined.seq == 2

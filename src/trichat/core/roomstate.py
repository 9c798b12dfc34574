"""Every rule of a room stands here: decide(command) → events or a refusal; fold(event) → state.

Sans I/O. The actor makes a draft, decides a whole batch of commands on it, has the events
committed, and folds them into the state only then. What a refused or failed commit decided is
forgotten with its draft.
"""

from collections.abc import Callable, Set
from hashlib import sha256
from typing import Any

from attrs import evolve, frozen

from trichat.core import authority, policy
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.authority import Permission
from trichat.core.ids import uuid_at
from trichat.core.lookup import EarlierSend, Lookup
from trichat.core.model import Kind, Membership, Message, Reaction, Room, RoomRole, User
from trichat.core.reactions import Bounds, OnMessage

_BOUNDS = Bounds()


class RoomState:
    """What the rules need to know of a room: its members and where its log stands.

    seq: the number of the last event.
    """

    def __init__(self, room: Room, members: dict[int, Membership], seq: int) -> None:
        self.room = room
        self.members = members
        self.seq = seq

    @property
    def ended(self) -> bool:
        """Whether nobody can ever enter the room: it is archived, or private and without members.

        A private room is archived once its last member has left (all-24); such rooms were archived
        without an event until there was one.
        """
        if self.room.archived_at is not None:
            return True
        return not self.members and self.room.kind is Kind.PRIVATE

    def fold(self, event: e.RoomEvent | e.Mark) -> None:
        """Take in what was committed. A number out of turn is a bug of the caller."""
        if not isinstance(event, e.Numbered):
            return
        if event.seq != self.seq + 1:
            raise ValueError(f"event {event.seq} after {self.seq}")
        self.seq = event.seq
        match event:
            case e.Admitted(user=user, role=role, at=at):
                self.members[user.id] = Membership(user.id, role, at)
            case e.Left(user=user):
                self.members.pop(user.id, None)
            case e.RoomChanged(room=room):
                self.room = room

    def draft(
        self,
        lookup: Lookup,
        present: Callable[[], Set[int]],
        bounds: Bounds = _BOUNDS,
        *,
        has_space: bool = True,
    ) -> "Draft":
        """Return a working copy for one batch.

        present: gives the ids of users in the room now. has_space: whether there is disk for
        messages; without it each that would be taken is Failed.
        """
        return Draft(self, lookup, present, bounds, has_space=has_space)


@frozen
class Duplicate:
    """The same was said before: an event of the log, or the very one that this batch decided."""

    said: e.Said


Decision = tuple[e.RoomEvent | e.Mark, ...] | Duplicate | r.Refusal


class Draft:
    """The state as it will be once the batch is committed."""

    def __init__(
        self,
        state: RoomState,
        lookup: Lookup,
        present: Callable[[], Set[int]],
        bounds: Bounds,
        *,
        has_space: bool,
    ) -> None:
        self._state = state
        self._room = state.room
        self._members: dict[int, Membership | None] = {}
        self._messages: dict[str, Message | None] = dict(lookup.messages)
        self._lookup = lookup
        self._sends: dict[tuple[int, str], EarlierSend | e.Said] = dict(lookup.sends)
        self._reactions: dict[str, OnMessage] = {}
        self._bounds = bounds
        self._has_space = has_space
        self._present = present
        self._seated: set[int] = set()

    def decide(self, command: c.RoomCommand, by: User, now: int) -> Decision:
        """Return the events that follow, or why there are none. now: milliseconds.

        Their numbers and times are given by their commit. A visit follows with no event: an empty
        tuple grants the seat.
        """
        if self._state.room.archived_at is not None:
            return r.NoSuchRoom()
        return _RULES[type(command)](self, command, by, now)

    # -- messages

    def _say(self, say: c.Say, by: User, now: int) -> Decision:
        """Decide on a message. A repeat of what was sent with its key is answered as it was then.

        That holds whatever has changed: the sender's rights, their allowance, the message itself.
        """
        if say.key is not None and (by.id, say.key) in self._sends:
            return self._said_before(say, by, self._sends[by.id, say.key])
        membership = self._member(by.id)
        if not policy.may_say(self._room, membership, visiting=say.visiting):
            return r.NotMember() if self._room.kind is Kind.PUBLIC else r.NotAdmitted()
        if say.system and not policy.may_say_as_system(by, membership):
            return r.Forbidden()
        if say.flaw is not None:
            return say.flaw
        if not self._has_space:
            return r.Failed()
        uuid = uuid_at(now, say.nonce)
        message = Message(0, uuid, self._room, by, say.text, 0, 0, say.system)
        if say.key is None:
            return (e.Said(self._room, message),)
        said = e.Said(self._room, message, key=(say.key, _digest(say)))
        self._sends[by.id, say.key] = said
        return (said,)

    def _said_before(self, say: c.Say, by: User, earlier: EarlierSend | e.Said) -> Decision:
        """Return what was said then, with the text of the repeat, which is the same."""
        if isinstance(earlier, e.Said):
            return Duplicate(earlier) if earlier.key == (say.key, _digest(say)) else r.KeyReused()
        if _digest(say) != earlier.digest:
            return r.KeyReused()
        mentions = self._lookup.mentions.get(say.text, ())
        message = Message(
            earlier.id, earlier.uuid, self._room, by, say.text, earlier.at, earlier.at,
            say.system, mentions=mentions,
        )  # fmt: skip
        return Duplicate(e.Said(self._room, message, seq=earlier.seq, at=earlier.at))

    def _edit(self, edit: c.Edit, by: User, now: int) -> Decision:
        message = self._own_message(edit.message, by)
        if isinstance(message, r.Refusal):
            return message
        edited = evolve(message, text=edit.text, edited=True)
        self._messages[message.uuid] = edited
        return (e.Edited(self._room, edited),)

    def _delete(self, delete: c.Delete, by: User, now: int) -> Decision:
        if delete.reason is None:
            message = self._own_message(delete.message, by)
        else:
            message = self._anyones_message(delete.message, by)
        if isinstance(message, r.Refusal):
            return message
        self._messages[message.uuid] = None
        return (e.Deleted(self._room, message, by, delete.reason),)

    def _anyones_message(self, uuid: str, by: User) -> Message | r.Refusal:
        if not authority.may(by, Permission.DELETE_MESSAGES):
            return r.Forbidden()
        return self._messages.get(uuid) or r.NoSuchMessage()

    def _own_message(self, uuid: str, by: User) -> Message | r.Refusal:
        message = self._messages.get(uuid)
        if message is None:
            return r.NoSuchMessage()
        if message.author.id != by.id:
            return r.NotYours()
        if self._member(by.id) is None:
            return r.NotMember()
        return message

    # -- reactions

    def _react(self, react: c.React, by: User, now: int) -> Decision:
        message = self._reachable_message(react.message, by)
        if isinstance(message, r.Refusal):
            return message
        reactions = self._reactions_on(message)
        held = reactions.own.get(by.id, {}).get(react.emoji)
        if held is not None:
            return self._remove(message, held)
        refusal = reactions.why_not(by.id, react.emoji, self._bounds)
        if refusal is not None:
            return refusal
        reaction = Reaction(uuid_at(now, react.nonce), react.emoji, by, 0)
        reactions.add(reaction)
        return (e.Reacted(self._room, message, reaction),)

    def _unreact(self, unreact: c.Unreact, by: User, now: int) -> Decision:
        message = self._reachable_message(unreact.message, by)
        if isinstance(message, r.Refusal):
            return message
        for reaction in self._reactions_on(message).own.get(by.id, {}).values():
            if reaction.uuid == unreact.reaction:
                return self._remove(message, reaction)
        return r.NoSuchReaction()

    def _remove(self, message: Message, reaction: Reaction) -> Decision:
        self._reactions_on(message).remove(reaction)
        return (e.Unreacted(self._room, message, reaction),)

    def _reactions_on(self, message: Message) -> OnMessage:
        """Return the reactions as this batch has left them."""
        found = self._reactions.get(message.uuid)
        if found is None:
            found = self._reactions[message.uuid] = self._lookup.reactions[message.uuid].copy()
        return found

    def _reachable_message(self, uuid: str, by: User) -> Message | r.Refusal:
        message = self._messages.get(uuid)
        if message is None:
            return r.NoSuchMessage()
        if self._member(by.id) is None:
            return r.NotMember()
        return message

    # -- members and seats

    def _join(self, join: c.Join, by: User, now: int) -> Decision:
        if self._member(by.id) is not None:
            return r.AlreadyMember()
        if self._room.kind is not Kind.PUBLIC:
            return r.NoSuchRoom()
        return self._admit(by, by, now)

    def _add(self, add: c.Add, by: User, now: int) -> Decision:
        if not policy.may_add(self._room, self._member(by.id)):
            return r.NoSuchRoom()
        if self._member(add.user.id) is not None:
            return r.AlreadyMember()
        return self._admit(add.user, by, now)

    def _admit(self, user: User, by: User, now: int) -> Decision:
        if not self._has_seat(user.id):
            return r.RoomFull()
        self._members[user.id] = Membership(user.id, RoomRole.MEMBER, now)
        return (e.Admitted(self._room, user, by),)

    def _leave(self, leave: c.Leave, by: User, now: int) -> Decision:
        if self._member(by.id) is None or self._room.kind is Kind.DIRECT:
            return r.NotMember()
        self._members[by.id] = None
        left = e.Left(self._room, by, by)
        if self._room.kind is Kind.PRIVATE and not self._member_ids():
            return left, self._archive(now)
        return (left,)

    def _archive(self, now: int) -> e.RoomChanged:
        """Archive the room, which nobody is left to do but the server (all-24)."""
        self._room = self._room.archived(now)
        return e.RoomChanged(self._room, None, {"archived_at": now})

    def _visit(self, visit: c.Visit, by: User, now: int) -> Decision:
        if not policy.may_visit(self._room, self._member(by.id)):
            return r.NotAdmitted()
        if not self._has_seat(by.id):
            return r.RoomFull()
        self._seated.add(by.id)
        return ()

    def _has_seat(self, user_id: int) -> bool:
        """Return whether a seat is free.

        max_users counts users present or members, whichever dialect they come by (lobby-21).
        """
        limit = self._room.max_users
        if limit is None:
            return True
        taken = self._member_ids() | self._present()
        taken |= self._seated
        return user_id in taken or len(taken) < limit

    # -- marks

    def _mark_read(self, mark: c.MarkRead, by: User, now: int) -> Decision:
        if self._member(by.id) is None:
            return r.NotMember()
        return (e.ReadUpTo(self._room, by, now, up_to=mark.up_to),)

    def _mark_delivered(self, mark: c.MarkDelivered, by: User, now: int) -> Decision:
        message = self._lookup.by_id.get(mark.message_id)
        if message is not None:
            message = self._messages.get(message.uuid, message)  # as this batch has left it
        if message is None or self._member(by.id) is None:
            return r.NoSuchMessage()
        if message.author.id == by.id:
            return r.Yourself()
        return (e.DeliveredTo(self._room, by, now, message),)

    # -- the copy itself

    def _member(self, user_id: int) -> Membership | None:
        if user_id in self._members:
            return self._members[user_id]
        return self._state.members.get(user_id)

    def _member_ids(self) -> set[int]:
        changed = self._members
        ids = {id_ for id_ in self._state.members if changed.get(id_, True) is not None}
        ids.update(id_ for id_, membership in changed.items() if membership is not None)
        return ids


def _digest(say: c.Say) -> bytes:
    """Return a digest of all that a send says."""
    return sha256(b"\1" * say.system + say.text.encode(errors="surrogatepass")).digest()


_RULES: dict[type, Callable[[Draft, Any, User, int], Decision]] = {
    c.Say: Draft._say,
    c.Edit: Draft._edit,
    c.Delete: Draft._delete,
    c.React: Draft._react,
    c.Unreact: Draft._unreact,
    c.Join: Draft._join,
    c.Leave: Draft._leave,
    c.Add: Draft._add,
    c.Visit: Draft._visit,
    c.MarkRead: Draft._mark_read,
    c.MarkDelivered: Draft._mark_delivered,
}
